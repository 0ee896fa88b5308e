/// Data of a container that outlive the container, in a docker volume or a directory of the machine.
///
///     Volume("data", at: "/var/lib/postgresql/data", backup: .postgres(database: "shop"))
///     Volume("config", at: "/config", in: "/srv/kuma-data", owner: "1000")
///     Volume(named: "old_uploads", at: "/uploads")
///
/// It belongs to the stack: another container that names it has the same data. It is created if missing and never
/// removed, even when the stack no longer names it.
public struct Volume: ContainerPart, Hashable {
    /// Where the data are on the machine.
    public enum Place: Sendable, Hashable {
        /// In the docker volume `STACK_NAME`.
        case stack
        /// In the docker volume of this name.
        case docker(String)
        /// In this directory. Owner, group and mode are those of the directory itself; nil if they stay as they are.
        case directory(FilePath, owner: String?, group: String?, mode: FileMode?)
    }

    /// The name in the stack.
    public let name: String
    /// The path in the container.
    public let path: FilePath
    /// Where the data are on the machine.
    public let place: Place
    /// Whether the container may only read it.
    public let isReadOnly: Bool
    /// How the data is backed up.
    public let backup: VolumeBackup

    /// Data in a docker volume, whose name in docker is `STACK_NAME`.
    /// - Parameters:
    ///   - name: the name in the stack: lowercase letters, digits, `-` and `_`.
    ///   - path: the absolute path in the container.
    ///   - isReadOnly: whether the container may only read it; false by default.
    ///   - backup: how the data is backed up before a change; by default it is archived while its containers are
    ///     stopped. If several containers have the volume, one of them says it.
    public init(
        _ name: String, at path: FilePath, isReadOnly: Bool = false, backup: VolumeBackup = .archive(while: .stopped)
    ) {
        self.init(name, path, .stack, isReadOnly, backup)
    }

    /// Data in a directory of the machine, which people may look into.
    /// - Parameters:
    ///   - name: the name in the stack, which its backups have: lowercase letters, digits, `-` and `_`.
    ///   - path: the absolute path in the container.
    ///   - directory: the absolute path on the machine, for these data alone: a restore replaces all that is in it.
    ///     Only root may be able to write to the directories above it. Created if missing, but not again once a version
    ///     of the stack has run with it: its disk may not be mounted.
    ///   - owner: a UID, or the name of a user of the machine; by default it stays, and root has a new one.
    ///   - group: a GID, or the name of a group of the machine; by default that of the owner.
    ///   - mode: the permission bits; by default they stay, and a new one has 0755.
    ///   - isReadOnly: whether the container may only read it; false by default.
    ///   - backup: see ``init(_:at:isReadOnly:backup:)``.
    public init(
        _ name: String, at path: FilePath, in directory: FilePath, owner: String? = nil, group: String? = nil,
        mode: FileMode? = nil, isReadOnly: Bool = false, backup: VolumeBackup = .archive(while: .stopped)
    ) {
        self.init(name, path, .directory(directory, owner: owner, group: group, mode: mode), isReadOnly, backup)
    }

    /// Data in a docker volume that has another name than `STACK_NAME`: one that was there before.
    /// - Parameters:
    ///   - dockerName: the name in docker.
    ///   - name: the name in the stack, which its backups have; by default that in docker, in lowercase and with `-`
    ///     for characters that it cannot have.
    ///   - path: the absolute path in the container.
    ///   - isReadOnly: whether the container may only read it; false by default.
    ///   - backup: see ``init(_:at:isReadOnly:backup:)``.
    public init(
        named dockerName: String, as name: String? = nil, at path: FilePath, isReadOnly: Bool = false,
        backup: VolumeBackup = .archive(while: .stopped)
    ) {
        let usual = String(
            dockerName.lowercased().map { character in
                character.isASCII && (character.isLetter || character.isNumber || "-_".contains(character))
                    ? character : "-"
            })
        self.init(name ?? usual, path, .docker(dockerName), isReadOnly, backup)
    }

    private init(_ name: String, _ path: FilePath, _ place: Place, _ isReadOnly: Bool, _ backup: VolumeBackup) {
        self.name = name
        self.path = path
        self.place = place
        self.isReadOnly = isReadOnly
        self.backup = backup
    }

    public func add(to container: inout Container) { container.volumes.append(self) }

    /// Whether it has a name that somebody else may have given it, and may be filled by somebody else.
    var isOfOthers: Bool { if case .docker = place { true } else { false } }

    /// The name in docker, or the path of the directory.
    func source(in stack: String) -> String {
        switch place {
        case .stack: "\(stack)_\(name)"
        case .docker(let dockerName): dockerName
        case .directory(let directory, _, _, _): directory.string
        }
    }
}
