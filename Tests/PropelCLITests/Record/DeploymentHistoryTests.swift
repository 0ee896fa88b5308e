import Foundation
import Propel
import Testing

@testable import Git
@testable import PropelCLI

/// The tag that a rollback goes to.
@Suite struct DeploymentHistoryTests {
    private func note(_ result: String, only: [String] = [], in folder: RecordedFolder) async throws {
        let repository = try await Repository(containing: folder.root.path)
        try await repository.addNote(
            DeploymentNote(time: Date(), host: "a", result: result, only: only, enforcer: "0"),
            on: try await folder.head)
    }

    @Test func `the previous tag is the last other one with which the whole host converged`() async throws {
        let folder = try await RecordedFolder("[a]\nrole = \"r\"\ntag = \"v1\"\n")
        try await note("converged", in: folder)
        let deployments = [
            ("v2", "failed", [] as [String]), ("v3", "converged", ["file /etc/version"]), ("v4", "rolled-back", []),
            ("v5", "converged", []),
        ]
        for (tag, result, only) in deployments {
            try folder.folder.write("[a]\nrole = \"r\"\ntag = \"\(tag)\"\n", "hosts.conf")
            try await folder.commit(tag)
            try await note(result, only: only, in: folder)
        }
        let history = try await DeploymentHistory(of: "a", in: folder.checkout())
        #expect(history.entries.map(\.tag) == ["v5", "v4", "v3", "v2", "v1"])
        #expect(history.tag(before: "v5") == "v1")
        #expect(history.tag(before: "v1") == "v5")
    }
}
