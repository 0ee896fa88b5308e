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
    /// The name of the network interface in the container; nil for one that docker chooses.
    public let interface: String?
    /// The order in which a container joins its networks: those with higher numbers first.
    public let priority: Int?
    /// Which of its networks leads out: that with the highest number.
    public let gatewayPriority: Int?
    /// The MAC address in this network; nil for one that docker chooses.
    public let macAddress: String?

    /// - Parameters:
    ///   - network: the name of the network in the stack.
    ///   - address: a fixed IPv4 address, of a subnet that the network has; docker chooses by default.
    ///   - ipv6Address: a fixed IPv6 address, of a subnet that the network has; docker chooses by default.
    ///   - aliases: further names by which others in this network reach the container; none by default.
    ///   - interface: the name of the network interface in the container, such as `eth1`; docker chooses by default. It
    ///     needs compose 2.36 and an engine since 28.1.
    ///   - priority: the order in which the container joins its networks: those with higher numbers first; 0 by
    ///     default.
    ///   - gatewayPriority: which of its networks leads out: that with the highest number; docker chooses by default.
    ///     It needs compose 2.33 and an engine since 28.
    ///   - macAddress: the MAC address; docker chooses by default. It needs compose 2.23 and an engine since 25.
    public init(
        _ network: String, address: String? = nil, ipv6Address: String? = nil, aliases: [String] = [],
        interface: String? = nil, priority: Int? = nil, gatewayPriority: Int? = nil, macAddress: String? = nil
    ) {
        self.network = network
        self.address = address
        self.ipv6Address = ipv6Address
        self.aliases = aliases
        self.interface = interface
        self.priority = priority
        self.gatewayPriority = gatewayPriority
        self.macAddress = macAddress
    }

    public func add(to container: inout Container) {
        container.networks.append(self)
        if let interface, !Self.isInterface(interface) {
            container.addProblem(
                "invalid interface “\(interface.escaped)”: use at most 15 characters without a blank and “/”",
                of: "JoinsNetwork")
        }
        if let macAddress, !Self.isMACAddress(macAddress) {
            container.addProblem(
                "invalid MAC address “\(macAddress.escaped)”: use one such as 02:42:ac:11:65:43", of: "JoinsNetwork")
        }
    }

    /// Whether two containers cannot have it at a time.
    var hasAddress: Bool { address != nil || ipv6Address != nil || macAddress != nil }

    /// As the kernel names interfaces (`dev_valid_name` of Linux).
    private static func isInterface(_ name: String) -> Bool {
        (1...15).contains(name.utf8.count) && ![".", ".."].contains(name)
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/:".utf8.contains($0) }
    }

    private static func isMACAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 6 && parts.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isHexDigit) }
    }

    /// The keys of the compose file that docker-compose 1.29 does not know.
    var keysUnknownBefore2: [String] {
        [
            ("interface_name", interface != nil), ("gw_priority", gatewayPriority != nil),
            ("mac_address", macAddress != nil),
        ]
        .filter(\.1).map(\.0)
    }
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
