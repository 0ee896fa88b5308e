/// That a container is in a ``Network`` of its stack.
public struct JoinsNetwork: ContainerPart, Hashable {
    /// The network's name.
    public let network: String

    public init(_ network: String) { self.network = network }

    public func add(to container: inout Container) { container.networks.append(self) }
}
