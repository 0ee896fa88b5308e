import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct BlockTests {
    private let fake = FakeMachine()

    private func block(_ text: String, position: Line.Position = .end) -> Block {
        Block("/etc/x", "cluster", text, position: position)
    }
    private var text: String? { fake.files.text(at: "/etc/x") }

    @Test func `a block is added, changed in its place, and reverted`() async throws {
        fake.files.put("/etc/x", "a\nb\n")
        try await fake.obeysLaw(block("1\n2\n", position: .after("a")))
        #expect(text == "a\n# begin cluster, kept by Propel\n1\n2\n# end cluster, kept by Propel\nb\n")
        try await fake.obeysLaw(block("3\n"))
        #expect(text == "a\n# begin cluster, kept by Propel\n3\n# end cluster, kept by Propel\nb\n")
        try await fake.obeysLaw(block("3\n").reverted())
        #expect(text == "a\nb\n")
    }

    @Test func `edited lines of a block are repaired`() async throws {
        fake.files.put("/etc/x", "a\n")
        try await fake.obeysLaw(block("1\n2\n"))
        fake.files.put("/etc/x", (text ?? "").replacing("2\n", with: "two\n"))
        try await fake.obeysLaw(block("1\n2\n"))
        #expect(text?.contains("1\n2\n") == true && text?.contains("two") == false)
    }

    @Test func `a block whose end was removed swallows no other line`() async throws {
        fake.files.put("/etc/x", "# begin cluster, kept by Propel\nother\n")
        try await fake.obeysLaw(block("1\n"))
        #expect(text == "# begin cluster, kept by Propel\n1\n# end cluster, kept by Propel\nother\n")
    }

    @Test func `an empty block is there too`() async throws {
        fake.files.put("/etc/x", "a\n")
        try await fake.obeysLaw(block(""))
        #expect(text == "a\n# begin cluster, kept by Propel\n# end cluster, kept by Propel\n")
    }

    @Test(arguments: ["", " x", "a\nb", "a/b"]) func `an invalid name is a problem`(_ id: String) {
        #expect(Block("/etc/x", id, "1\n").problems.count == 1)
    }

    @Test func `a block goes with its markers`() async throws {
        fake.files.put("/etc/x", "a\n")
        try await fake.obeysLaw(block("1\n2\n"))
        #expect(text?.contains("1\n2\n") == true)
        let absent = Block.Absent("/etc/x", "cluster")
        try await fake.obeysLaw(absent)
        #expect(text == "a\n")
        fake.files.put("/etc/x", "a\nb\n")
        #expect(try await fake.check(absent) == .satisfied)
        #expect(try await fake.check(Block.Absent("/etc/none", "cluster")) == .satisfied)
    }

    @Test func `what another program has put there goes, and nothing else`() async throws {
        let written = "a\n# BEGIN X\n1\n# END X\nb\n # BEGIN X\n2\n# END X \nc\n# BEGIN Xs\n"
        fake.files.put("/etc/x", written)
        let absent = Block.Absent("/etc/x", from: "# BEGIN X", to: "# END X")
        try await fake.obeysLaw(absent)
        #expect(text == "a\nb\nc\n# BEGIN Xs\n")
        try await fake.obeysLaw(absent.reverted())
        #expect(text == written)
        fake.files.put("/etc/x", "# BEGIN X\nother\n")
        try await fake.obeysLaw(absent)
        #expect(text == "other\n")
        fake.files.put("/etc/x", "# BEGIN X\nother\n# BEGIN X\n1\n# END X\n")
        try await fake.obeysLaw(absent)
        #expect(text == "other\n")
    }

    @Test func `a block that is there and absent is a conflict, and half a marker a problem`() {
        let host = Host("x", runs: Debian.self) {
            block("1\n")
            Block.Absent("/etc/x", "cluster")
        }
        #expect(host.conflicts.count == 1)
        #expect(Block.Absent("/etc/x", from: "", to: "b").problems.count == 1)
        #expect(Block.Absent("/etc/x", from: "a", to: "b\nc").problems.count == 1)
    }
}
