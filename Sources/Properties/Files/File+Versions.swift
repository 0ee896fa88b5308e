extension File {
    /// The same file, of which the former versions are kept.
    ///
    ///     File("/etc/app.conf", "level=info\n").keepingVersions(10)
    ///
    /// Before the content changes, what is there is copied to `/var/backups/propel/PATH/TIME`, with its mode and owner,
    /// below a directory that root alone can enter; former secrets stay there too. The first original is kept beside
    /// them, as always: it is what a revert restores.
    /// - Parameter count: how many versions are kept, the latest ones; 5 by default.
    public func keepingVersions(_ count: Int = 5) -> File {
        var file = self
        file.keptVersions = count
        return file
    }

    private var versions: FileVersions? { keptVersions.map { FileVersions(path: path, count: $0) } }

    /// Other content, for a plan.
    var otherContent: String {
        versions.map { "other content, after a copy to \($0.directory)" } ?? "other content"
    }

    func validateVersions() throws { try versions?.validate() }

    /// Copies what is there before a staged file takes its place, and removes the oldest copies.
    func keepVersion(of found: FileStatus, before staged: FilePath, on machine: Machine) throws {
        do {
            try versions?.copy(of: found, on: machine)
        } catch {
            machine.files.discard(staged)
            throw error
        }
    }
}
