import Synchronization

/// The directories that properties which have been checked will create. Forgotten with the next change, as all facts
/// are: by then they exist.
final class ExpectedDirectories: MachineFact {
    private let paths = Mutex<Set<FilePath>>([])

    fileprivate func insert(_ path: FilePath) { paths.withLock { _ = $0.insert(path) } }
    fileprivate func contains(_ path: FilePath) -> Bool { paths.withLock { $0.contains(path) } }

    static func read(from machine: Machine) async throws -> ExpectedDirectories { ExpectedDirectories() }
}

extension Machine {
    /// Notes in a check that applying the property will create a directory, so that what is declared in it can be
    /// planned.
    public func expectDirectory(_ path: FilePath) async throws {
        try await fact(ExpectedDirectories.self).insert(path.lexicallyNormalized())
    }

    /// - Throws: ``Undetermined`` if the directory of a path is missing and nothing that was checked before creates it.
    func requireDirectory(of path: FilePath) async throws {
        let directory = path.removingLastComponent().lexicallyNormalized()
        guard try files.status(of: directory) == nil,
            try await !fact(ExpectedDirectories.self).contains(directory)
        else { return }
        throw Undetermined(until: "something before it creates the directory \(directory)")
    }
}
