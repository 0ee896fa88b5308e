/// A file for a program to look at, and for nobody else.
struct ScratchFile {
    /// Below the scratch directory, in at most one more directory.
    var path: String
    var bytes: [UInt8]

    init(_ path: String, _ text: String) {
        self.path = path
        bytes = Array(text.utf8)
    }
}

/// A directory in memory, which only root can read, for files that a program is to look at and nobody else.
final class Scratch {
    static let directory: FilePath = "/run/propel-scratch"

    private let files: any FileSystem
    private var made: [FilePath] = []

    fileprivate init(files: any FileSystem) throws {
        self.files = files
        // What an interrupted run has left is of the same name, and root's: nobody else can write in /run.
        try makeDirectory(Self.directory)
    }

    /// Writes a file and answers where it is.
    /// - Parameter path: below the scratch directory, in at most one more directory.
    @discardableResult
    func write(_ bytes: [UInt8], to path: String) throws -> FilePath {
        let path = Self.directory.appending(path)
        try makeDirectory(path.removingLastComponent())
        made.append(path)
        try files.replace(path, with: bytes, mode: 0o600)
        return path
    }

    private func makeDirectory(_ path: FilePath) throws {
        if try files.status(of: path) == nil { try files.createDirectory(path, mode: 0o700, owner: .root) }
        if !made.contains(path) { made.append(path) }
    }

    fileprivate func clear() {
        for path in made.reversed() { try? files.remove(path) }
    }
}

extension Machine {
    /// Has `body` look at files in a directory of their own, in memory, which only root can read and which is gone afterwards.
    func withScratch<Result>(_ scratch: [ScratchFile], _ body: (FilePath) async throws -> Result) async throws -> Result
    {
        try await withScratch { directory in
            for file in scratch { try directory.write(file.bytes, to: file.path) }
            return try await body(Scratch.directory)
        }
    }

    /// Lends `body` a directory in memory, which only root can read and which is gone afterwards.
    func withScratch<Result>(_ body: (Scratch) async throws -> Result) async throws -> Result {
        let scratch = try Scratch(files: files)
        defer { scratch.clear() }
        return try await body(scratch)
    }
}
