/// A volume of docker's that keeps a container's data, whatever becomes of the container.
///
///     Volume("data", at: "/var/lib/postgresql/data", backup: .postgres(database: "shop"))
///
/// It belongs to the stack: another container that names it has the same data. Its name in docker is `STACK_NAME`. It is made where
/// it is missing and never removed, also when the stack no longer names it.
public struct Volume: ContainerPart, Hashable {
    /// Its name in the stack.
    public let name: String
    /// Where the container sees it.
    public let path: FilePath
    public let isReadOnly: Bool
    /// How its data are backed up.
    public let backup: VolumeBackup

    /// - Parameters:
    ///   - name: its name in the stack: small letters, digits, `-` and `_`.
    ///   - path: absolute, where the container sees it.
    ///   - isReadOnly: whether the container may only read it; no by default.
    ///   - backup: how its data are backed up before something changes; by default they are archived while the containers that have
    ///     it are stopped. Where several containers have the volume, one of them says it.
    public init(
        _ name: String, at path: FilePath, isReadOnly: Bool = false, backup: VolumeBackup = .archive(while: .stopped)
    ) {
        self.name = name
        self.path = path
        self.isReadOnly = isReadOnly
        self.backup = backup
    }

    public func add(to container: inout Container) { container.volumes.append(self) }
}

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
