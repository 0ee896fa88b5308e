/// A dependency on another container of the stack: the two share a network, and this one starts after the other. If
/// the other has a ``HealthCheck`` this waits until it succeeds; if the other is one-shot
/// (``RestartPolicy/Condition/never``), until it exits with 0.
public struct DependsOn: ContainerPart, Hashable {
    /// The name of the other container.
    public let name: String
    /// Whether a deployment that replaces the other container restarts this one.
    public let restarts: Bool

    /// - Parameters:
    ///   - name: the name of the other container.
    ///   - restarts: whether a deployment that replaces the other container restarts this one when that is healthy; no
    ///     by default. For programs that do not connect again by themselves.
    public init(_ name: String, restarts: Bool = false) {
        self.name = name
        self.restarts = restarts
    }

    public func add(to container: inout Container) { container.dependencies.append(self) }
}
