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
}
