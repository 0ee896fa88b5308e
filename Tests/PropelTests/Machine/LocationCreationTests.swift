import Propel
import PropelTesting
import Testing

/// Directories and links that are made where a run was killed that was making one.
@Suite struct LocationCreationTests {
    private let files = LocalFileSystem()
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> FilePath { directory.path.appending(name) }

    @Test func `the directory that a killed run was making is taken`() throws {
        try files.createDirectory(path(".a.propel"), mode: 0o700, owner: .root)
        try files.createDirectory(path("a"), mode: 0o755, owner: .root)
        #expect(try files.list(directory.path) == ["a"])
    }

    @Test func `a file that a killed run was writing is no obstacle to a directory`() throws {
        _ = try files.stage(Array("half".utf8), for: path("a"), mode: 0o600, owner: .root)
        try files.createDirectory(path("a"), mode: 0o755, owner: .root)
        #expect(try files.list(directory.path) == ["a"])
    }

    /// There, it is made in a directory that only root may enter.
    @Test func `nothing of a killed run is left where others may rename`() throws {
        let shared = directory.path, drafts = path(".directory.propel")
        func leaveDrafts() throws {
            try files.setMode(0o700, of: shared)
            try files.createDirectory(drafts, mode: 0o700, owner: .root)
            try files.createDirectory(drafts.appending("propel-1"), mode: 0o755, owner: Owner(user: 1, group: 1))
            try files.createLink(drafts.appending("propel-2"), to: "b")
            try files.setMode(0o777, of: shared)
        }
        try leaveDrafts()
        try files.createDirectory(path("b"), mode: 0o755, owner: .root)
        #expect(try files.list(shared) == ["b"])
        try leaveDrafts()
        try files.createLink(path("c"), to: "b", owner: Owner(user: 1, group: 1))
        #expect(try files.list(shared) == ["b", "c"])
    }
}
