/// A file or directory of the machine that a container sees too.
///
/// Something else looks after it: no change of it is noticed, and it is in no backup. A file that is to be what the configuration
/// says is a ``ConfigurationFile``, and data belong into a ``Volume``.
public struct BindMount: ContainerPart, Hashable {
    /// On the machine.
    public let source: FilePath
    /// Where the container sees it.
    public let path: FilePath
    public let isReadOnly: Bool

    /// - Parameters:
    ///   - source: absolute, on the machine.
    ///   - path: absolute, where the container sees it; the same by default.
    ///   - isReadOnly: whether the container may only read it; yes by default.
    public init(_ source: FilePath, at path: FilePath? = nil, isReadOnly: Bool = true) {
        self.source = source
        self.path = path ?? source
        self.isReadOnly = isReadOnly
    }

    public func add(to container: inout Container) { container.binds.append(self) }
}
