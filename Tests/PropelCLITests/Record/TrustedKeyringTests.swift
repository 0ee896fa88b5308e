import Propel
import Testing

@testable import Git
@testable import PropelCLI

/// Which keyrings a clone trusts, as far as the history tells. None of these commits is signed.
@Suite struct TrustedKeyringTests {
    private static let anna = String(repeating: "A", count: 40), ben = String(repeating: "B", count: 40)

    /// Commits a keyring of these keys.
    private func commit(_ keys: [String], in folder: RecordedFolder) async throws -> Commit {
        _ = try? await folder.git("rm", "--quiet", "-r", "secrets")
        try folder.folder.make("secrets/keyring")
        for key in keys { try folder.folder.write(key, "secrets/keyring/\(key).asc") }
        return try await folder.commit("keys: \(keys.count)")
    }

    private func refusal(_ head: Commit, in folder: RecordedFolder) async throws -> String {
        let keyring = TrustedKeyring(
            repository: try await Repository(containing: folder.root.path), secrets: "secrets")
        do {
            try await keyring.verify(head, for: "a", prompter: TerminalPrompter())
            return "none"
        } catch { return "\(error)" }
    }

    private func accepted(_ folder: RecordedFolder) async throws -> String {
        try await folder.git("rev-parse", TrustedKeyring.accepted)
    }

    @Test func `a commit whose signature does not count is not accepted`() async throws {
        let folder = try await RecordedFolder("")
        let first = try await commit([Self.anna], in: folder)
        try await folder.git("update-ref", TrustedKeyring.accepted, first.id)
        let head = try await folder.commit("another")
        #expect(try await refusal(head, in: folder).contains("only deployed from a signed commit"))
        #expect(try await accepted(folder) == first.id)
    }

    @Test func `a keyring that is changed without a signature is refused`() async throws {
        let folder = try await RecordedFolder("")
        let first = try await commit([Self.anna], in: folder)
        try await folder.git("update-ref", TrustedKeyring.accepted, first.id)
        let head = try await commit([Self.anna, Self.ben], in: folder)
        #expect(try await refusal(head, in: folder).contains("changes the keyring"))
        #expect(try await accepted(folder) == first.id)
    }

    /// A branch from before still has the key that was removed.
    @Test func `a key that was removed does not come back with an old branch`() async throws {
        let folder = try await RecordedFolder("")
        _ = try await commit([Self.anna, Self.ben], in: folder)
        try await folder.git("switch", "--quiet", "--create", "old")
        let old = try await folder.commit("work of Ben")
        try await folder.git("switch", "--quiet", "main")
        let one = try await commit([Self.anna], in: folder)
        try await folder.git("update-ref", TrustedKeyring.accepted, one.id)
        _ = try await commit([Self.anna, Self.ben], in: folder)
        try await folder.git("merge", "--quiet", "--no-edit", "--strategy=ours", old.id)
        #expect(try await refusal(try await folder.head, in: folder).contains("changes the keyring"))
        #expect(try await accepted(folder) == one.id)
    }

    @Test func `a history without the accepted commit is refused`() async throws {
        let folder = try await RecordedFolder("")
        let head = try await folder.head
        let accepted = try await commit([Self.anna], in: folder)
        try await folder.git("update-ref", TrustedKeyring.accepted, accepted.id)
        #expect(try await refusal(head, in: folder).contains("the history was rewritten"))
    }

    @Test(arguments: ["x.asc", "\(anna).asc~", "\(anna).ascii", ".\(anna).asc"])
    func `a file in the keyring that no key is named like is not written`(_ name: String) async throws {
        let folder = try await RecordedFolder("")
        try folder.folder.make("secrets/keyring")
        try folder.folder.write("x", "secrets/keyring/\(name)")
        let head = try await folder.commit("keyring")
        try await folder.git("update-ref", TrustedKeyring.accepted, head.id)
        #expect(try await refusal(head, in: folder).contains("is not the name of a key"))
    }
}
