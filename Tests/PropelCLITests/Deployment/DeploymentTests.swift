import Propel
import Testing

@testable import PropelCLI

/// What becomes of hosts.conf and of git where a deployment does not begin.
@Suite struct DeploymentTests {
    private func perform(
        _ folder: RecordedFolder, usesGit: Bool, restoring restorations: [() async throws -> Void] = []
    ) async throws {
        try await Fleet.$current.withValue(RecordedFolder.fleet) {
            let deployment = Deployment(
                session: Session(try folder.checkout()), hosts: ["a"], isConfirmed: true, usesGit: usesGit)
            _ = try await deployment.perform(tag: TagSetting("v2"), restoring: restorations)
        }
    }

    /// The commit of the tag is signed, and would lie on top of those that are not.
    @Test func `a tag is not committed on top of commits that may not be deployed`() async throws {
        let text = "[fleet]\nrequire-signed = [\"a\"]\n[a]\nrole = \"r\"\ntag = \"v1\"\n"
        let folder = try await RecordedFolder(text)
        await #expect(throws: UsageError.self) { try await perform(folder, usesGit: true) }
        #expect(try folder.hosts == text)
        #expect(try await folder.message == "first")
    }

    private struct Cut: Error {}

    /// No other version may see the data.
    @Test(arguments: [0, 1, 2]) func `a tag stays once data that fit it are restored`(_ restored: Int) async throws {
        let text = "[a]\nrole = \"r\"\ntag = \"v1\"\n"
        let folder = try await RecordedFolder(text)
        try folder.folder.make(".build/release")
        try folder.folder.write("a program", ".build/release/propel-enforce")
        let done: () async throws -> Void = {}, cut: () async throws -> Void = { throw Cut() }
        let restorations = Array(repeating: done, count: restored) + [cut]
        await #expect(throws: Cut.self) { try await perform(folder, usesGit: false, restoring: restorations) }
        #expect(try folder.hosts == (restored == 0 ? text : text.replacing("v1", with: "v2")))
    }
}
