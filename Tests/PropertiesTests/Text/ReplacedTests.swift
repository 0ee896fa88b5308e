import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct ReplacedTests {
    private let fake = FakeMachine()
    private let theme = Replaced("/etc/x.xml", "<theme>default</theme>", with: "<theme>dark</theme>")

    private var text: String? { fake.files.text(at: "/etc/x.xml") }

    @Test(arguments: [
        ("<a><theme>default</theme></a>\n", "<a><theme>dark</theme></a>\n"),
        (
            "<theme>default</theme>\r\n<theme>default</theme><theme>default</theme>",
            "<theme>dark</theme>\r\n<theme>dark</theme><theme>dark</theme>"
        ),
        ("<theme>dark</theme>\n<theme>default</theme>\nother\n", "<theme>dark</theme>\n<theme>dark</theme>\nother\n"),
    ]) func `a string is replaced wherever it occurs, and comes back`(_ before: String, _ after: String) async throws {
        fake.files.put("/etc/x.xml", before, mode: 0o640)
        #expect(try await fake.obeysLaw(theme).reason == "edit")
        #expect(text == after && fake.files["/etc/x.xml"]?.status.mode == 0o640)
        try await fake.obeysLaw(theme.reverted())
        #expect(text == before)
    }

    @Test func `a file with the replacement is left alone`() async throws {
        fake.files.put("/etc/x.xml", "<theme>dark</theme>\n")
        #expect(try await fake.check(theme) == .satisfied)
        #expect(fake.files.writes.isEmpty)
    }

    @Test(arguments: ["", "<theme>Default</theme>\n", "<theme>\ndefault</theme>\n"])
    func `a file with neither of the two is another one than was thought`(_ content: String) async throws {
        fake.files.put("/etc/x.xml", content)
        await #expect(throws: Failure.self) { try await fake.check(theme) }
        #expect(try await fake.check(Replaced("/etc/x.xml", "<theme>default</theme>", with: "")) == .satisfied)
    }

    @Test func `an upgrade that brings the string back is seen, and lines of others stay`() async throws {
        fake.files.put("/etc/x.xml", "a\n<theme>default</theme>\n")
        try await fake.obeysLaw(theme)
        fake.files.put("/etc/x.xml", "new\n<theme>default</theme>\n")
        try await fake.obeysLaw(theme)
        fake.files.put("/etc/x.xml", "new\n<theme>dark</theme>\nmore\n")
        try await fake.obeysLaw(theme.reverted())
        #expect(text == "new\n<theme>default</theme>\nmore\n")
    }

    @Test func `a missing file is undetermined, and a candidate can be refused`() async throws {
        #expect(try await fake.check(theme).isUnknown)
        fake.files.put("/etc/x.xml", "on\n")
        fake.commands.program("checker", status: 1, errors: "bad\n")
        let property = Replaced("/etc/x.xml", "on", with: "off") { Invocation("checker", [$0.string]) }
        await #expect(throws: CommandFailure.self) { try await property.apply(on: fake.machine) }
        #expect(text == "on\n")
    }

    @Test func `bytes that are not UTF-8 stay, or are refused`() async throws {
        fake.files.put("/etc/x.xml", bytes: [0xFF, 0x0A] + Array("on\n".utf8))
        try await fake.obeysLaw(Replaced("/etc/x.xml", "on", with: "off"))
        #expect(try fake.machine.files.read("/etc/x.xml") == [0xFF, 0x0A] + Array("off\n".utf8))
        fake.files.put("/etc/x.xml", bytes: [0xFF] + Array("on\n".utf8))
        await #expect(throws: Failure.self) { try await fake.check(Replaced("/etc/x.xml", "on", with: "off")) }
    }

    @Test(arguments: [
        Replaced("etc/x", "a", with: "b"), Replaced("/etc/x", "", with: "b"), Replaced("/etc/x", "a\nb", with: "c"),
        Replaced("/etc/x", "a", with: "b\nc"), Replaced("/etc/x", "a", with: "cat"),
    ]) func `invalid strings are problems`(_ property: Replaced) {
        #expect(property.problems.count == 1)
    }
}
