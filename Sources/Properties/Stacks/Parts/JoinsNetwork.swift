/// The membership of a container in a ``Network`` of its stack.
public struct JoinsNetwork: ContainerPart, Hashable {
    /// The name of the network.
    public let network: String

    public init(_ network: String) { self.network = network }

    public func add(to container: inout Container) { container.networks.append(self) }
}
