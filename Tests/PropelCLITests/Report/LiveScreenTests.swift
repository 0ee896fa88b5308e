import Testing

@testable import PropelCLI

@Suite struct LiveScreenTests {
    @Test func `live lines stay at the bottom and leave nothing in the history`() {
        var terminal = EmulatedTerminal(width: 40, height: 8), screen = LiveScreen()
        for round in 0..<30 {
            let live = (0..<(3 - round / 10)).map { "live \($0) of round \(round)" }
            let text = round.isMultiple(of: 2) ? "line \(round)\n" : ""
            terminal.feed(screen.draw(live, below: text, width: 40))
            #expect(terminal.rows.filter { $0.hasPrefix("live") } == live)
        }
        terminal.feed(screen.clear(width: 40) + "end\n")
        let report = stride(from: 0, to: 30, by: 2).map { "line \($0)" } + ["end"]
        #expect((terminal.history + terminal.rows).filter { !$0.isEmpty } == report)
        #expect(terminal.isCursorShown)
    }

    @Test func `wide characters take two columns and do not wrap`() {
        var terminal = EmulatedTerminal(width: 20, height: 6), screen = LiveScreen()
        let line = "設定ファイル/とても".clipped(to: 19)
        for _ in 0..<5 { terminal.feed(screen.draw([line], width: 20)) }
        #expect(terminal.rows.filter { !$0.isEmpty } == [line])
    }

    @Test func `lines that a narrower terminal has wrapped are erased whole`() {
        var screen = LiveScreen()
        _ = screen.draw([String(repeating: "x", count: 70), "y"], width: 80)
        let output = screen.draw([], width: 40)
        #expect(output.hasPrefix("\r\u{1B}[3A"))
    }

    @Test func `the screen is never erased as a whole`() {
        var screen = LiveScreen()
        let output =
            screen.draw(["a"], width: 80) + screen.draw(["b"], below: "text\n", width: 80) + screen.clear(width: 80)
        #expect(!output.contains("\u{1B}[J") && !output.contains("\u{1B}[2J"))
    }
}

/// A terminal with the few sequences that ``LiveScreen`` uses, which keeps the rows that scroll off.
private struct EmulatedTerminal {
    let width: Int
    private(set) var rows: [String]
    private(set) var history: [String] = []
    private(set) var isCursorShown = true
    private var row = 0
    private var used = 0

    init(width: Int, height: Int) {
        self.width = width
        rows = Array(repeating: "", count: height)
    }

    mutating func feed(_ output: String) {
        var rest = output[...]
        while let character = rest.popFirst() {
            switch character {
            case "\n": newline()
            case "\r": used = 0
            case "\u{1B}": escape(&rest)
            default: put(character)
            }
        }
    }

    private mutating func put(_ character: Character) {
        if used + character.columns > width { newline() }
        if used == 0 { rows[row] = "" }
        rows[row].append(character)
        used += character.columns
    }

    private mutating func newline() {
        used = 0
        if row + 1 < rows.count {
            row += 1
        } else {
            history.append(rows.removeFirst())
            rows.append("")
        }
    }

    private mutating func escape(_ rest: inout Substring) {
        let sequence = rest.prefix { !$0.isLetter }
        rest = rest.dropFirst(sequence.count)
        let number = Int(sequence.drop { !$0.isNumber }) ?? 0
        switch rest.popFirst() {
        case "A": (row, used) = (max(0, row - number), 0)
        case "K": rows[row] = ""
        case "h" where number == 25: isCursorShown = true
        case "l" where number == 25: isCursorShown = false
        case "h", "l": break
        case let other: Issue.record("unexpected sequence \(sequence)\(String(describing: other))")
        }
    }
}
