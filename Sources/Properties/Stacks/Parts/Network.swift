/// A network of a ``Stack``, beside those between containers that depend on each other.
public struct Network: StackPart, Hashable {
    /// The name in the stack.
    public let name: String
    /// Whether containers reach only each other through it.
    public let isInternal: Bool

    /// - Parameters:
    ///   - name: the name in the stack: lowercase letters, digits, `-` and `_`.
    ///   - isInternal: whether containers reach only each other through it; false by default. A change of it makes
    ///     another
    ///     network, and recreates its containers.
    public init(_ name: String, isInternal: Bool = false) {
        self.name = name
        self.isInternal = isInternal
    }

    public func add(to stack: inout Stack) { stack.networks.append(self) }

    /// The name in the compose file. Docker decides whether a network is internal when it creates it, and compose
    /// changes no existing network: so the other kind is another network. Names of the user contain no dot.
    var key: String { isInternal ? "\(name).internal" : name }
}
