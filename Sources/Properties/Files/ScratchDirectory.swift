/// A file for a program to validate.
struct ScratchFile {
    /// Relative to the scratch directory, with at most one directory in it.
    var path: String
    var bytes: [UInt8]

    init(_ path: String, _ text: String) {
        self.path = path
        bytes = Array(text.utf8)
    }
}

/// A directory in memory, readable by root alone, with files for a program to validate.
final class ScratchDirectory {
    static let path: FilePath = "/run/propel-scratch"

    private let files: any FileSystem
    private var created: [FilePath] = []

    fileprivate init(files: any FileSystem) throws {
        self.files = files
        // What a killed run has left would be validated too: systemd-analyze reads all units beside the one it is
        // given. It is root's, since nobody else can write in /run, and no other run has it in use: there is one at a
        // time, and a plan uses none.
        try clear(Self.path)
        try createDirectory(Self.path)
    }

    private func clear(_ path: FilePath) throws {
        guard let status = try files.status(of: path) else { return }
        if status.kind == .directory {
            for name in try files.list(path) { try clear(path.appending(name)) }
        }
        try files.remove(path)
    }

    /// Writes a file and returns its path.
    /// - Parameter path: relative to the scratch directory, with at most one directory in it.
    @discardableResult
    func write(_ bytes: [UInt8], to path: String) throws -> FilePath {
        let path = Self.path.appending(path)
        try createDirectory(path.removingLastComponent())
        created.append(path)
        try files.replace(path, with: bytes, mode: 0o600)
        return path
    }

    /// Makes a symbolic link.
    /// - Parameter path: relative to the scratch directory, with at most one directory in it.
    func link(_ path: String, to destination: FilePath) throws {
        let path = Self.path.appending(path)
        try createDirectory(path.removingLastComponent())
        created.append(path)
        try files.createLink(path, to: destination.string)
    }

    private func createDirectory(_ path: FilePath) throws {
        if try files.status(of: path) == nil { try files.createDirectory(path, mode: 0o700, owner: .root) }
        if !created.contains(path) { created.append(path) }
    }

    fileprivate func remove() {
        for path in created.reversed() { try? files.remove(path) }
    }
}

extension Machine {
    /// Lends `body` the path of a directory in memory with these files. It is removed afterwards.
    func withScratch<Result>(_ scratch: [ScratchFile], _ body: (FilePath) async throws -> Result) async throws -> Result
    {
        try await withScratch { directory in
            for file in scratch { try directory.write(file.bytes, to: file.path) }
            return try await body(ScratchDirectory.path)
        }
    }

    /// Lends `body` a directory in memory. It is removed afterwards.
    func withScratch<Result>(_ body: (ScratchDirectory) async throws -> Result) async throws -> Result {
        let scratch = try ScratchDirectory(files: files)
        defer { scratch.remove() }
        return try await body(scratch)
    }
}
