import Testing

@testable import Propel

/// A request that is sent twice begins one run.
@Suite struct RunClaimTests {
    private let runs: TemporaryDirectory

    init() throws { runs = try TemporaryDirectory() }

    private func directory(_ id: String, in parent: String = "runs") throws -> RunDirectory {
        let directory = RunDirectory(path: runs.path.appending(parent).appending(id))
        try LocalFileSystem().createDirectories(directory.path, mode: 0o700)
        try LocalFileSystem().replace(directory.journal, with: [], mode: 0o600)
        return directory
    }

    private var parents: [FilePath] { ["runs", "memory"].map { runs.path.appending($0) } }

    private static let first = "20250131T120000Z-a1", second = "20250131T130000Z-b2"

    @Test func `the request that comes second is told of the run of the first`() throws {
        let request = RequestID(), first = try directory(Self.first), second = try directory(Self.second)
        #expect(try second.claim(request, in: parents) == nil, "the one that was sent later may come first")
        #expect(try first.claim(request, in: parents) == Self.second)
        #expect(try first.claim(RequestID(), in: parents) == nil, "another request is another run")
    }

    @Test func `a run whose journal is in memory, after the disk was full, is found too`() throws {
        let request = RequestID(), first = try directory(Self.first, in: "memory")
        #expect(try first.claim(request, in: parents) == nil)
        #expect(try directory(Self.second).claim(request, in: parents) == Self.first)
    }

    @Test func `of many that come at once one begins a run`() async throws {
        let request = RequestID(), parents = parents
        let directories = try (10..<30).map { try directory("20250131T12\($0)00Z-a1") }
        let answers = await withTaskGroup(of: String?.self) { group in
            for directory in directories {
                group.addTask {
                    do { return try directory.claim(request, in: parents) } catch { return "\(error)" }
                }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(answers.count { $0 == nil } == 1)
        #expect(Set(answers.compactMap(\.self)).count == 1, "all others are told of that one: \(answers)")
    }

    @Test func `what a run without a request has left is no run to join`() throws {
        let first = try directory(Self.first)
        #expect(!first.hasRequest)
        _ = try first.claim(RequestID(), in: parents)
        #expect(first.hasRequest)
        try first.remove()
        #expect(try LocalFileSystem().status(of: first.path) == nil)
    }
}
