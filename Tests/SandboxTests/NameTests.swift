import Testing

@testable import Sandbox

struct NameTests {
    @Test(arguments: ["a", "demo", "web-1", "0", String(repeating: "a", count: 40)])
    func accepted(_ name: String) {
        #expect(Machine.isValidName(name))
    }

    @Test(arguments: [
        "", "-a", "a-", "A", "a.b", "a_b", "../a", "a/b", "ä", "a b", "a\n", String(repeating: "a", count: 41),
    ])
    func refused(_ name: String) async {
        #expect(!Machine.isValidName(name))
        #expect(Sandbox.running(name) == nil)
        await #expect(throws: SandboxError.invalidName(name)) { try await Sandbox.up(name) }
        await #expect(throws: SandboxError.invalidName(name)) { try await Sandbox.down(name) }
    }

    @Test func theKernelsEscapes() {
        #expect(unescaped(#"/a\040b\134c\011"#) == "/a b\\c\t")
        #expect(unescaped(#"/plain\04"#) == #"/plain\04"#)
    }
}
