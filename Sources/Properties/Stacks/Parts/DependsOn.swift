/// A dependency on another container of the stack: the two share a network, and this one starts after the other. If
/// the other has a ``HealthCheck`` this waits until it succeeds; if the other is one-shot
/// (``RestartPolicy/Condition/never``), until it exits with 0.
public struct DependsOn: ContainerPart, Hashable {
    /// The name of the other container.
    public let name: String

    /// - Parameter name: the name of another container of the stack.
    public init(_ name: String) { self.name = name }

    public func add(to container: inout Container) { container.dependencies.append(self) }
}
