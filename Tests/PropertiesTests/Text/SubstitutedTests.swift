import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct SubstitutedTests {
    private let fake = FakeMachine()
    private let timeout = Substituted("/etc/x", "^#? *(TIMEOUT)=.*", with: #"\1=1"#)

    private var text: String? { fake.files.text(at: "/etc/x") }

    @Test(arguments: [
        ("a\n#TIMEOUT=5\nb\n", "a\nTIMEOUT=1\nb\n"), ("TIMEOUT=5\r\n# TIMEOUT=7", "TIMEOUT=1\r\nTIMEOUT=1"),
        ("xTIMEOUT=2\n  TIMEOUT=3\n", "xTIMEOUT=2\nTIMEOUT=1\n"),
    ]) func `what matches is replaced, and comes back`(_ before: String, _ after: String) async throws {
        fake.files.put("/etc/x", before, mode: 0o640)
        try await fake.obeysLaw(timeout)
        #expect(text == after && fake.files["/etc/x"]?.status.mode == 0o640)
        try await fake.obeysLaw(timeout.reverted())
        #expect(text == before)
    }

    @Test(arguments: [
        ("[0-9]+", "N", "a1 b22 c333", "aN bN cN"), ("^a", "x", "aaa", "xaa"), ("a$", "x", "aaa", "aax"),
        ("(a)(b)?", #"[\2\1]"#, "ab a", "[ba] [a]"), ("b", #"\0\0"#, "abc", "abbc"), ("b", #"\\"#, "abc", #"a\c"#),
        (#"\ba"#, "x", "aaa a", "xaa x"), (#"\b"#, "x", "a ö b", "a ö b"), (#"\b$"#, "x", "ab cd", "ab cd"),
        ("b", "", "abcb", "ac"),
        ("ä|ö", "x", "größer", "grxßer"), ("[é]", "x", "éa", "xa"), ("gr.", "x", "größer", "xßer"),
    ]) func `a line is replaced as sed would`(
        _ pattern: String, _ template: String, _ line: String, _ result: String
    )
        throws
    {
        #expect(try ExtendedRegex(pattern, template: template).replacing(in: line) == result)
    }

    @Test(arguments: [
        ("TIMEOUT=1\n#TIMEOUT=5\n", "TIMEOUT=1\n#TIMEOUT=5\n"), ("#TIMEOUT=5\nTIMEOUT=1\n", "#TIMEOUT=5\nTIMEOUT=1\n"),
        ("#TIMEOUT=5\nTIMEOUT=7\n", "#TIMEOUT=5\nTIMEOUT=7\n"),
    ]) func `lines that became alike come back in their order, whatever others have added`(
        _ before: String, _ after: String
    ) async throws {
        fake.files.put("/etc/x", before)
        try await fake.obeysLaw(timeout)
        fake.files.put("/etc/x", (text ?? "") + "TIMEOUT=1\n")
        try await fake.obeysLaw(timeout.reverted())
        #expect(text == after + "TIMEOUT=1\n")
    }

    @Test func `a line that was empty before stays so`() async throws {
        fake.files.put("/etc/x", "\n# one\na\n# two\n")
        let emptied = Substituted("/etc/x", "^#.*", with: "")
        try await fake.obeysLaw(emptied)
        fake.files.put("/etc/x", (text ?? "") + "\n")
        try await fake.obeysLaw(emptied.reverted())
        #expect(text == "\n# one\na\n# two\n\n")
    }

    @Test func `a line that changes nothing alone is not edited, and its revert is complete`() async throws {
        fake.files.put("/etc/x", "TIMEOUT=1\n#TIMEOUT=5\n")
        try await fake.obeysLaw(timeout)
        #expect(try await fake.check(timeout.reverted()) != .satisfied)
        try await fake.obeysLaw(timeout.reverted())
        #expect(text == "TIMEOUT=1\n#TIMEOUT=5\n")
    }

    @Test func `a line that has what a replacement makes is left alone`() async throws {
        fake.files.put("/etc/x", "TIMEOUT=1\n")
        #expect(try await fake.check(timeout) == .satisfied)
        // The expression no longer matches.
        fake.files.put("/etc/x", "net.ipv4.ip_forward=1\n")
        #expect(try await fake.check(Substituted("/etc/x", "^#(net.ipv4.*)", with: #"net.\1"#)) == .satisfied)
        #expect(try await fake.check(Substituted("/etc/x", "^#(net.*)", with: #"\1"#)) == .satisfied)
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `a file with neither is another one than was thought`() async throws {
        fake.files.put("/etc/x", "a+b\nother\n")
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(Substituted("/etc/x", "x([0-9])", with: #"y.\1"#))
        }
        #expect(failure?.message == #"neither “x([0-9])” nor “y.\1” is in /etc/x"#)
        // The text of the replacement is no expression.
        #expect(try await fake.check(Substituted("/etc/x", "x", with: "a+b")) == .satisfied)
        await #expect(throws: Failure.self) { try await fake.check(Substituted("/etc/x", "x", with: "a.b")) }
    }

    @Test(arguments: [("a", "aa"), ("^", "x"), ("(b)", #"\1\1"#), ("a|b", "ab")])
    func `what each run would replace again is refused, and nothing is written`(
        _ pattern: String, _ replacement: String
    ) async throws {
        fake.files.put("/etc/x", "a b\n")
        await #expect(throws: Failure.self) {
            try await fake.check(Substituted("/etc/x", pattern, with: replacement))
        }
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `a missing file is undetermined, and a candidate can be refused`() async throws {
        #expect(try await fake.check(timeout).isUnknown)
        fake.files.put("/etc/x", "TIMEOUT=5\n")
        fake.commands.program("checker", status: 1, errors: "bad\n")
        let property = Substituted("/etc/x", "5", with: "6") { Invocation("checker", [$0.string]) }
        await #expect(throws: CommandFailure.self) { try await property.apply(on: fake.machine) }
        #expect(text == "TIMEOUT=5\n")
    }

    @Test func `bytes that are not UTF-8 stay, or are refused, and a NUL ends nothing`() async throws {
        fake.files.put("/etc/x", bytes: [0xFF, 0x0A] + Array("on\n".utf8) + [0x6F, 0x6E, 0, 0x0A])
        try await fake.obeysLaw(Substituted("/etc/x", "o(n)", with: #"off\1"#))
        #expect(
            try fake.machine.files.read("/etc/x") == [0xFF, 0x0A] + Array("offn\n".utf8) + [0x6F, 0x6E, 0, 0x0A])
        fake.files.put("/etc/x", bytes: [0xFF] + Array("on\n".utf8))
        await #expect(throws: Failure.self) { try await fake.check(Substituted("/etc/x", "on", with: "off")) }
    }

    @Test(arguments: [
        Substituted("etc/x", "a", with: "b"), Substituted("/etc/x", "", with: "b"),
        Substituted("/etc/x", "a*", with: "b"),
        Substituted("/etc/x", "(a", with: "b"), Substituted("/etc/x", "[a", with: "b"),
        Substituted("/etc/x", "a", with: #"\1"#), Substituted("/etc/x", "a", with: #"\n"#),
        Substituted("/etc/x", "a", with: #"b\"#), Substituted("/etc/x", "a\nb", with: "c"),
        Substituted("/etc/x", "a", with: "b\nc"),
    ]) func `invalid expressions and texts are problems`(_ property: Substituted) {
        #expect(property.problems.count == 1)
    }
}
