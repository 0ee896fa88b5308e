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

extension Machine {
    /// Has `body` look at files in a directory of their own, in memory, which only root can read and which is gone afterwards.
    func withScratch<Result>(_ scratch: [ScratchFile], _ body: (FilePath) async throws -> Result) async throws -> Result {
        let directory: FilePath = "/run/propel-scratch"
        var made: [FilePath] = []
        // What an interrupted run has left is of the same name, and root's: nobody else can write in /run.
        defer { for path in made.reversed() { try? files.remove(path) } }
        func makeDirectory(_ path: FilePath) throws {
            if try files.status(of: path) == nil { try files.createDirectory(path, mode: 0o700, owner: .root) }
            if !made.contains(path) { made.append(path) }
        }
        try makeDirectory(directory)
        for file in scratch {
            let path = directory.appending(file.path)
            try makeDirectory(path.removingLastComponent())
            made.append(path)
            try files.replace(path, with: file.bytes, mode: 0o600)
        }
        return try await body(directory)
    }
}
