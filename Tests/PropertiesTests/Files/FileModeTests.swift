import PropelTesting
import Properties
import Testing

@Suite struct FileModeTests {
    @Test(
        arguments: [
            0o644, 0o600, 0o400, 0o755, 0o777, 0o1777, 0o2755, 0o640, 0o700, 0o440, 0o711, 0o750, 0o664, 0o660, 0o4755,
            0,
        ] as [FileMode])
    func `an octal literal is accepted`(_ mode: FileMode) { #expect(mode.problem == nil) }

    @Test(
        arguments: [
            644, 600, 400, 755, 777, 1777, 2755, 640, 700, 440, 711, 750, 664, 660, 4755, 500, 10644,
        ] as [FileMode])
    func `a decimal literal has a problem`(_ mode: FileMode) { #expect(mode.problem != nil) }

    @Test(arguments: [("0644", 0o644), ("644", 0o644), ("0o644", 0o644), ("02755", 0o2755)] as [(String, ModeBits)])
    func `a string literal has octal digits`(_ text: String, _ bits: ModeBits) {
        let mode = FileMode(stringLiteral: text)
        #expect(mode.problem == nil)
        #expect(mode.bits == bits)
    }

    @Test(arguments: ["", "u+x", "0648", "64", "077777", "-644"])
    func `another string literal has a problem`(_ text: String) {
        #expect(FileMode(stringLiteral: text).problem?.contains("“\(text)”") == true)
    }

    @Test func `the problem suggests the intended mode`() {
        let mode: FileMode = 644
        #expect(mode.problem == "the mode 644 is a decimal number: write 0o644, or “1204” in quotes if you mean 1204")
    }

    @Test func `a wrong mode is found before a machine is touched`() {
        let host = Host("a", runs: Debian.self) {
            File("/etc/a", "x", mode: 644)
            Directory("/etc/b", mode: 755)
            File("/etc/c", "x", mode: "0644")
        }
        #expect(host.problems.count == 2)
    }
}
