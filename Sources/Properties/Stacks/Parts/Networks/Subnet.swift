/// The addresses of a ``Network``.
///
///     Network("lan", subnets: [Subnet("192.0.2.0/24", gateway: "192.0.2.1", range: "192.0.2.128/25")])
public struct Subnet: Sendable, Hashable, ExpressibleByStringLiteral {
    /// Such as `192.0.2.0/24` or `2001:db8::/64`.
    public let addresses: String
    /// The address of the gateway; nil for the first.
    public let gateway: String?
    /// The part from which containers without a fixed address get theirs; nil for all of it.
    public let range: String?
    /// Addresses that no container gets, by what they are for.
    public let reserved: [String: String]

    /// - Parameters:
    ///   - addresses: the first address and the length of the prefix: `192.0.2.0/24`.
    ///   - gateway: the address of the gateway; the first of the subnet by default.
    ///   - range: the part from which containers without a fixed address get theirs; all of it by default.
    ///   - reserved: addresses that no container gets, by what they are for: `["printer": "192.0.2.5"]`; none by
    ///     default.
    public init(
        _ addresses: String, gateway: String? = nil, range: String? = nil, reserved: [String: String] = [:]
    ) {
        self.addresses = addresses
        self.gateway = gateway
        self.range = range
        self.reserved = reserved
    }

    public init(stringLiteral addresses: String) { self.init(addresses) }

    var yaml: YAML {
        .map(present: [
            "subnet": .text(addresses), "gateway": gateway.map(YAML.text), "ip_range": range.map(YAML.text),
            "aux_addresses": reserved.isEmpty ? nil : .map(sorting: reserved),
        ])
    }

    /// The options of `docker network create`.
    var options: [String] {
        ["--subnet", addresses] + (gateway.map { ["--gateway", $0] } ?? [])
            + (range.map { ["--ip-range", $0] } ?? [])
            + DockerCommand.pairs("--aux-address", reserved)
    }

    var block: IPNetwork? { IPNetwork(block: addresses) }

    /// The problem of a subnet; nil without one.
    var problem: String? {
        guard let block else {
            return
                "invalid subnet “\(addresses.escaped)”: use one such as 192.0.2.0/24, which begins at its first address"
        }
        if let gateway, !block.contains(address: gateway) {
            return "the gateway “\(gateway.escaped)” is not in \(addresses)"
        }
        if let range, IPNetwork(block: range).map(block.contains) != true {
            return "the range “\(range.escaped)” is not a part of \(addresses)"
        }
        for (name, address) in reserved.sorted(by: { $0.key < $1.key }) where !block.contains(address: address) {
            return "the reserved address “\(address.escaped)” of \(name.escaped) is not in \(addresses)"
        }
        return nil
    }
}
