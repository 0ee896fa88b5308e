import PlainText
import Testing

@testable import Sandbox

@Suite struct NameTests {
    @Test(arguments: ["a", "demo", "web-1", "0", String(repeating: "a", count: 40)])
    func `a label of a host name is accepted`(_ name: String) {
        #expect(SandboxMachine.isValidName(name))
    }

    @Test(arguments: [
        "", "-a", "a-", "A", "a.b", "a_b", "../a", "a/b", "ä", "a b", "a\n", String(repeating: "a", count: 41),
    ])
    func `anything else is refused`(_ name: String) async {
        #expect(!SandboxMachine.isValidName(name))
        #expect(Sandbox.running(name) == nil)
        await #expect(throws: SandboxError.invalidName(name)) { try await Sandbox.up(name) }
        await #expect(throws: SandboxError.invalidName(name)) { try await Sandbox.down(name) }
    }

    @Test func `the escapes of the kernel are decoded`() {
        #expect(#"/a\040b\134c\011"#.octalUnescaped == "/a b\\c\t")
        #expect(#"/plain\04"#.octalUnescaped == #"/plain\04"#)
    }
}
