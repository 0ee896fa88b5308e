/// That a container needs another one of its stack: it knows it by name, is connected with it, and starts after it; where the other
/// has a ``HealthCheck``, when that first succeeds, and where it does something once (``RestartPolicy/Condition/never``), when it has ended well.
public struct DependsOn: ContainerPart, Hashable {
    /// The other's name.
    public let name: String

    public init(_ name: String) { self.name = name }

    public func add(to container: inout Container) { container.dependencies.append(self) }
}
