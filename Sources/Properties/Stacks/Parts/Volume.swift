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
