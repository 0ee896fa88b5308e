/// A network of a ``Stack``, beside those that follow from which container depends on which.
public struct Network: StackPart, Hashable {
    /// Its name in the stack.
    public let name: String
    /// Whether it leads nowhere else.
    public let isInternal: Bool

    /// - Parameters:
    ///   - name: its name in the stack: small letters, digits, `-` and `_`.
    ///   - isInternal: whether it leads nowhere but to the containers in it; no by default. When that changes it is another network,
    ///     and the containers in it are made anew.
    public init(_ name: String, isInternal: Bool = false) {
        self.name = name
        self.isInternal = isInternal
    }

    public func add(to stack: inout Stack) { stack.networks.append(self) }

    /// What the compose file calls it. Whether a network is internal is decided when docker makes it, and compose changes that of none
    /// that is there: so the other kind is another network. No name has a dot in it.
    var key: String { isInternal ? "\(name).internal" : name }
}
