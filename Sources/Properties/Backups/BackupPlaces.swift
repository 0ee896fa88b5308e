/// The names and files of a backup on the machine, by its program and its name.
struct BackupPlaces: Sendable, Hashable {
    let program: RepositoryBackup.Program
    let id: String

    /// The name of its units, and of the command for people.
    var unit: String { "\(program.rawValue)-\(id)" }
    /// Its settings, its password and its scripts.
    var directory: FilePath {
        FilePath("/etc/\(program.rawValue)").appending(escaping: id)
    }
    var command: FilePath { FilePath("/usr/local/sbin").appending(file) }
    /// Its time is that of the last success.
    var stamp: FilePath { Machine.state.appending("last-backups").appending(file) }
    /// Which repository is known to exist.
    var record: FilePath { Machine.state.appending("repositories").appending(file) }
    /// One program at a time works with the repository.
    var lock: FilePath { FilePath("/run").appending(escaping: "propel-\(unit).lock") }

    private var file: FilePath.Component { FilePath.Component(escaping: unit) }

    /// - Throws: ``Failure`` if no backup can have the name.
    func validate() throws {
        try PlainName.validate(id, of: "a backup")
    }
}
