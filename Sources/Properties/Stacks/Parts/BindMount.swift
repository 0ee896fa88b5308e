/// A file or directory of the machine that a container sees too.
///
/// Its content is not Propel's business: changes are not noticed, and no backup contains it. Use a
/// ``ConfigurationFile`` for a file whose content the configuration decides, and a ``Volume`` for data.
public struct BindMount: ContainerPart, Hashable {
    /// The path on the machine.
    public let source: FilePath
    /// The path in the container.
    public let path: FilePath
    /// Whether the container may only read it.
    public let isReadOnly: Bool
    /// Whether the other side sees what is mounted below it later.
    public let propagation: Propagation

    /// - Parameters:
    ///   - source: the absolute path on the machine.
    ///   - path: the absolute path in the container; the same by default.
    ///   - isReadOnly: whether the container may only read it; true by default.
    ///   - propagation: whether mounts below it are seen on the other side; `.rprivate` by default: they are not.
    public init(
        _ source: FilePath, at path: FilePath? = nil, isReadOnly: Bool = true, propagation: Propagation = .rprivate
    ) {
        self.source = source
        self.path = path ?? source
        self.isReadOnly = isReadOnly
        self.propagation = propagation
    }

    public func add(to container: inout Container) { container.binds.append(self) }
}

extension BindMount {
    /// Whether a container and the machine see what the other one mounts below the directory while the container runs
    /// (mount_namespaces(7), “Shared subtrees”).
    public enum Propagation: String, Sendable, Hashable {
        /// Neither sees what the other one mounts.
        case `private`
        /// Neither does, in mounts below it too: docker's default.
        case rprivate
        /// The container sees what the machine mounts.
        case slave
        /// The container does, in mounts below it too: for a program that looks at all file systems of the machine.
        case rslave
        /// Both see what the other one mounts.
        case shared
        /// Both do, in mounts below it too.
        case rshared
    }
}
