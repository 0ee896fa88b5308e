import Foundation
import Propel
import Testing

@testable import PropelCLI

@Suite struct TagChangeTests {
    private let folder: PackageFolder

    init() throws {
        folder = try PackageFolder()
        try folder.write("[a]\nrole = \"r\"\ntag = \"v1\"  # ours\nsandbox = true\n", "hosts.conf")
    }

    private var text: String {
        get throws { try String(contentsOf: folder.root.appending(path: "hosts.conf"), encoding: .utf8) }
    }

    /// Gives the host the tag v2, changes the file, and takes the tag back.
    private func takeBack(after edit: (String) -> String) async throws -> String {
        try await Fleet.$current.withValue(Fleet(Role("r", runs: Debian.self) { _ in })) {
            let change = try await TagChange("v2", of: "a", in: Checkout(root: folder.root), isForGit: false)
            #expect(try text.contains("tag = \"v2\"  # ours"))
            try folder.write(edit(try text), "hosts.conf")
            try await change.takeBack(since: "did not get there")
            return try text
        }
    }

    @Test func `the file is as it was`() async throws {
        let before = try text
        #expect(try await takeBack { $0 } == before)
    }

    @Test func `edits during the run stay`() async throws {
        let before = try text
        let other = "[b]\nrole = \"r\"\n"
        #expect(try await takeBack { $0 + other } == before + other)
    }

    @Test func `a tag that was chosen during the run stays`() async throws {
        #expect(try await takeBack { $0.replacing("v2", with: "v3") }.contains("tag = \"v3\""))
    }
}
