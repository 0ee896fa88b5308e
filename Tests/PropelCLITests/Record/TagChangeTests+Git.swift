import Propel
import Testing

@testable import PropelCLI

extension TagChangeTests {
    /// The commits of a tag.
    @Suite struct InGit {
        private static let text = "[a]\nrole = \"r\"\ntag = \"v1\"\n"

        private func change(in folder: RecordedFolder) async throws -> TagChange {
            try await Fleet.$current.withValue(RecordedFolder.fleet) {
                try await TagChange(TagSetting("v2"), of: "a", in: folder.checkout(), isForGit: true)
            }
        }

        @Test func `a tag that is taken back is committed as it was`() async throws {
            let folder = try await RecordedFolder(Self.text)
            var change = try await change(in: folder)
            try await change.commit()
            #expect(try await folder.message == "a: v2, was v1")
            try await change.takeBack(since: "did not get there")
            #expect(try folder.hosts == Self.text)
            #expect(try await folder.git("show", "HEAD:hosts.conf") + "\n" == Self.text)
            #expect(try await folder.message == "a: back at v1, since v2 did not get there")
            #expect(try await folder.git("status", "--porcelain") == "")
        }

        @Test func `a tag that was not committed is taken back without a commit`() async throws {
            let folder = try await RecordedFolder(Self.text)
            let change = try await change(in: folder)
            try await change.takeBack(since: "was not deployed")
            #expect(try folder.hosts == Self.text)
            #expect(try await folder.message == "first")
        }

        @Test func `edits that are not committed keep a tag out of the file`() async throws {
            let folder = try await RecordedFolder(Self.text), edited = Self.text + "# mine\n"
            try folder.folder.write(edited, "hosts.conf")
            await #expect(throws: UsageError.self) { try await change(in: folder) }
            #expect(try folder.hosts == edited)
        }

        @Test func `edits during the run are not committed with the former tag`() async throws {
            let folder = try await RecordedFolder(Self.text)
            var change = try await change(in: folder)
            try await change.commit()
            try folder.folder.write(try folder.hosts + "# mine\n", "hosts.conf")
            try await change.takeBack(since: "did not get there")
            #expect(try folder.hosts == Self.text + "# mine\n")
            #expect(try await folder.message == "a: v2, was v1")
        }
    }
}
