import DiskCalls
import Libc
import Testing

@testable import Propel

@Suite struct RunDirectoryTests {
    private let folder: TemporaryDirectory
    private let runs: FilePath

    init() throws {
        folder = try TemporaryDirectory()
        runs = folder.path.appending("runs")
        try LocalFileSystem().createDirectories(runs, mode: 0o700)
    }

    @Test func `only a run that has changed something waits for the disk`() async throws {
        let directory = RunDirectory(path: runs.appending("a"))
        let made = try await DiskCalls.observe(below: folder.path.string) {
            let created = try RunDirectory.create(id: "a", in: [runs])
            #expect(created.path == directory.path)
        }
        #expect(made.isEmpty)
        #expect(try LocalFileSystem().status(of: directory.path)?.mode == 0o700)
        #expect(try LocalFileSystem().status(of: directory.journal)?.mode == 0o600)
        let synced = await DiskCalls.observe(below: folder.path.string) { directory.sync() }
        #expect(synced == ["sync \(directory.journal) 0 bytes", "sync \(directory.path)", "sync \(runs)"])
    }

    @Test func `the newest runs of each place are kept, and the present one`() throws {
        let files = LocalFileSystem(), other = folder.path.appending("other")
        try files.createDirectories(other, mode: 0o700)
        // Where the clock was wrong, the present run has the oldest ID.
        let ids = (10..<34).map { "20250131T12\($0)00Z-a1" }
        for parent in [runs, other] {
            for id in ids { #expect(mkdir(parent.appending(id).string, 0o700) == 0) }
            try files.replace(parent.appending(ids[1]).appending("journal"), with: [1], mode: 0o600)
        }
        try RunDirectory.prune(keeping: ids[0], in: [runs, folder.path.appending("missing"), other])
        let kept: [String] = [ids[0]] + Array(ids.suffix(20))
        for parent in [runs, other] { #expect(try files.list(parent) == kept) }
    }

    @Test func `the second place takes what the first one cannot, and the first one loses nothing`() throws {
        let other = folder.path.appending("other"), files = LocalFileSystem()
        let first = try RunDirectory.create(id: "a", in: [runs, other])
        try files.replace(first.journal, with: Array("{}\n".utf8), mode: 0o600)
        let second = try RunDirectory.create(id: "a", in: [runs, other])
        #expect(second.path == other.appending("a"))
        #expect(try files.text(first.journal) == "{}\n")
        let failure = #expect(throws: FileError.self) { try RunDirectory.create(id: "a", in: [runs, other]) }
        #expect(failure?.path == first.path)
    }
}
