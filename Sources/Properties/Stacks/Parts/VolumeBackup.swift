/// The method that the data of a ``Volume`` is backed up by.
public enum VolumeBackup: Sendable, Hashable {
    /// The state of the containers of the volume while it is archived.
    public enum Pause: String, Sendable, Hashable {
        /// Stopped, then started again: every program has written its data.
        case stopped
        /// Paused: for programs that recover from a power cut.
        case paused
        /// Running: for files that never change once they exist.
        case running
    }

    /// All files, in a tar archive.
    case archive(while: Pause)
    /// A dump that one command in the container writes to standard output, and another reads from standard input.
    ///
    /// A restore runs the second command in the running container, with an empty volume.
    case dump(_ command: [String], restore: [String])
    /// No backup, for data that can be recreated, such as a cache.
    case none

    /// A PostgreSQL database, by pg_dump and pg_restore in the container (in their custom format).
    /// - Parameters:
    ///   - database: its name. It must also exist in an empty volume: the image `postgres` creates it (`POSTGRES_DB`).
    ///   - user: a user who may read and create all of it; `postgres` by default.
    public static func postgres(database: String, user: String = "postgres") -> VolumeBackup {
        .dump(
            ["pg_dump", "--format=custom", "--username=\(user)", "--dbname=\(database)"],
            restore: [
                "pg_restore", "--clean", "--if-exists", "--exit-on-error", "--single-transaction", "--username=\(user)",
                "--dbname=\(database)",
            ])
    }
}
