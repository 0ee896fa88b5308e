/// The dump of a database that is made before the database is removed.
struct DatabaseDump {
    /// The database, for people: “the PostgreSQL database shop”.
    let subject: String
    /// The file: `/var/backups/postgresql/shop-20250131T120000Z.dump`.
    let path: FilePath
    /// The same in each run, so that what an interrupted one left is replaced.
    private let draft: FilePath

    /// The time after which a dump is ended.
    static let timeout = Duration.hours(24)

    init(of database: String, _ subject: String, in directory: FilePath, ending: String, on machine: Machine) {
        self.subject = subject
        path = directory.appending(escaping: "\(database)-\(machine.now.compact).\(ending)")
        draft = directory.appending(escaping: "\(database).\(ending)")
    }

    /// Makes the dump. It is in its place only if it is complete, and on the disk.
    /// - Parameters:
    ///   - owner: the user who runs the program; only they and root can read the dump.
    ///   - machine: the machine.
    ///   - program: writes the dump into an empty file that is there.
    func make(owner: Owner, on machine: Machine, _ program: (FilePath) throws -> Invocation) async throws {
        try machine.files.createDirectories(path.removingLastComponent(), mode: 0o755)
        let staged = try machine.files.stage([], for: draft, mode: 0o600, owner: owner)
        do {
            machine.showProgress("dumping \(subject)")
            try await machine.succeed(program(staged))
            guard let status = try machine.files.status(of: staged), status.kind == .file, status.size > 0 else {
                throw Failure("the dump of \(subject) is empty", advice: "It was not removed. Run again.")
            }
            try await machine.run("sync", "--", staged.string)
        } catch {
            machine.files.discard(staged)
            throw error
        }
        try machine.files.commit(staged, as: path)
        machine.noteFollowUp("\(subject) is in \(path): keep it, or remove it")
    }
}
