/// How the data of a ``Volume`` are backed up.
public enum VolumeBackup: Sendable, Hashable {
    /// What the containers that have the volume do while it is archived.
    public enum Pause: String, Sendable, Hashable {
        /// They are stopped, and started again: every program has written what it had to.
        case stopped
        /// They stand still: what a program recovers from after a power cut is enough.
        case paused
        /// They go on: for files that are never changed once they are there.
        case running
    }

    /// All its files, in a tar archive.
    case archive(while: Pause)
    /// What a command within the container writes to standard output, and another reads from standard input.
    ///
    /// Restored, the container runs with an empty volume when the second command gets what the first one wrote.
    case dump(_ command: [String], restore: [String])
    /// None: it can be made anew, such as a cache. It is neither kept nor given back.
    case none

    /// A database of PostgreSQL's, by pg_dump and pg_restore within the container (their custom format).
    /// - Parameters:
    ///   - database: its name. It must exist in an empty volume too, as the image `postgres` makes it (`POSTGRES_DB`).
    ///   - user: who may read and make all of it; `postgres` by default.
    public static func postgres(database: String, user: String = "postgres") -> VolumeBackup {
        .dump(
            ["pg_dump", "--format=custom", "--username=\(user)", "--dbname=\(database)"],
            restore: [
                "pg_restore", "--clean", "--if-exists", "--exit-on-error", "--single-transaction", "--username=\(user)",
                "--dbname=\(database)",
            ])
    }
}
