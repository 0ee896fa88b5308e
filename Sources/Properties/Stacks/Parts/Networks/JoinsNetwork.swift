/// The membership of a container in a ``Network`` of its stack.
///
///     JoinsNetwork("lan", address: "192.0.2.7", aliases: ["database"])
public struct JoinsNetwork: ContainerPart, Hashable {
    /// The name of the network.
    public let network: String
    /// The fixed IPv4 address; nil for one that docker chooses.
    public let address: String?
    /// The fixed IPv6 address; nil for one that docker chooses.
    public let ipv6Address: String?
    /// Further names by which others in this network reach the container.
    public let aliases: [String]

    /// - Parameters:
    ///   - network: the name of the network in the stack.
    ///   - address: a fixed IPv4 address, of a subnet that the network has; docker chooses by default.
    ///   - ipv6Address: a fixed IPv6 address, of a subnet that the network has; docker chooses by default.
    ///   - aliases: further names by which others in this network reach the container; none by default.
    public init(
        _ network: String, address: String? = nil, ipv6Address: String? = nil, aliases: [String] = []
    ) {
        self.network = network
        self.address = address
        self.ipv6Address = ipv6Address
        self.aliases = aliases
    }

    public func add(to container: inout Container) { container.networks.append(self) }
}

/// Further names by which the other containers reach a container, in each network that they share.
///
///     Aliases("database", "db.example.com")
public struct Aliases: ContainerPart, Hashable {
    public let names: [String]

    /// - Parameter names: letters, digits, `-`, `_` and `.`.
    public init(_ names: String...) { self.names = names }

    /// - Parameter names: letters, digits, `-`, `_` and `.`.
    public init(_ names: [String]) { self.names = names }

    public func add(to container: inout Container) { container.aliases += names }
}
