/// A docker volume that keeps the data of a container when the container is recreated.
///
///     Volume("data", at: "/var/lib/postgresql/data", backup: .postgres(database: "shop"))
///
/// It belongs to the stack: another container that names it has the same data. Its name in docker is `STACK_NAME`. It
/// is created if missing and never removed, even when the stack no longer names it.
public struct Volume: ContainerPart, Hashable {
    /// The name in the stack.
    public let name: String
    /// The path in the container.
    public let path: FilePath
    public let isReadOnly: Bool
    /// How the data is backed up.
    public let backup: VolumeBackup

    /// - Parameters:
    ///   - name: the name in the stack: lowercase letters, digits, `-` and `_`.
    ///   - path: the absolute path in the container.
    ///   - isReadOnly: whether the container may only read it; false by default.
    ///   - backup: how the data is backed up before a change; by default it is archived while its containers are
    ///     stopped. If
    ///     several containers have the volume, one of them says it.
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
