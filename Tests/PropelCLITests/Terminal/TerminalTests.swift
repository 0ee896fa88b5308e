import Foundation
import Testing

@testable import PropelCLI

@Suite struct TerminalTests {
    @Test(arguments: [
        (true, ["TERM": "xterm"], true, true), (true, ["TERM": "xterm", "NO_COLOR": "1"], true, false),
        (true, ["TERM": "dumb"], false, false), (true, ["TERM": ""], false, false), (true, [:], false, false),
        (false, ["TERM": "xterm"], false, false),
    ])
    func `a dumb terminal gets neither live lines nor colours`(
        _ isTerminal: Bool, _ environment: [String: String], _ isInteractive: Bool, _ hasColor: Bool
    ) {
        let features = Terminal.features(isTerminal: isTerminal, environment)
        #expect(features == (isInteractive, hasColor))
    }

    @Test func `a warning cannot control the terminal`() throws {
        let pipe = Pipe()
        Terminal(descriptor: pipe.fileHandleForWriting.fileDescriptor).warn("the tag a\u{1B}[2J" + " of b")
        try pipe.fileHandleForWriting.close()
        let written = try pipe.fileHandleForReading.readToEnd()
        #expect(written == Data("warning: the tag a\\u{1B}[2J of b\n".utf8))
    }
}
