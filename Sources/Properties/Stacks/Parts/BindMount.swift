/// A file or directory of the machine that a container sees too.
///
/// Its content is not Propel's business: changes are not noticed, and no backup contains it. Use a
/// ``ConfigurationFile`` for a file whose content the configuration decides, and a ``Volume`` for data.
public struct BindMount: ContainerPart, Hashable {
    /// The path on the machine.
    public let source: FilePath
    /// The path in the container.
    public let path: FilePath
    public let isReadOnly: Bool

    /// - Parameters:
    ///   - source: the absolute path on the machine.
    ///   - path: the absolute path in the container; the same by default.
    ///   - isReadOnly: whether the container may only read it; true by default.
    public init(_ source: FilePath, at path: FilePath? = nil, isReadOnly: Bool = true) {
        self.source = source
        self.path = path ?? source
        self.isReadOnly = isReadOnly
    }

    public func add(to container: inout Container) { container.binds.append(self) }
}
