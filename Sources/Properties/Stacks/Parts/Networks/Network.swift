/// A network of a ``Stack``, beside those between containers that depend on each other.
///
///     Network("inside", isInternal: true)
///     Network("lan", driver: .macvlan(parent: "eth0"), subnets: ["192.0.2.0/24"])
///     Network(named: "proxy")
///
/// Docker decides what a network is like when it creates it. So a change of anything but the name makes another
/// network, and recreates its containers.
public struct Network: StackPart, Hashable {
    /// The way in which docker connects containers.
    public enum Driver: Sendable, Hashable {
        /// A bridge of the machine, from which it translates addresses.
        case bridge
        /// Containers are in the network of an interface of the machine, each with a separate MAC address.
        case macvlan(parent: String)
        /// Containers are in the network of an interface of the machine, with its MAC address.
        case ipvlan(parent: String)
        /// A plugin of docker.
        case other(String)
    }

    /// The name in the stack.
    public let name: String
    /// Whether containers reach only each other through it.
    public let isInternal: Bool
    public let driver: Driver
    public let subnets: [Subnet]
    /// Whether containers get IPv6 addresses.
    public let hasIPv6: Bool
    /// Options of the driver.
    public let options: [String: String]
    /// Labels, which other programs read.
    public let labels: [String: String]
    /// The name in docker of one that several stacks share; nil for one of this stack.
    public private(set) var dockerName: String?

    /// - Parameters:
    ///   - name: the name in the stack: lowercase letters, digits, `-` and `_`.
    ///   - isInternal: whether containers reach only each other through it; false by default.
    ///   - driver: a bridge by default.
    ///   - subnets: the addresses, for containers with a fixed one; docker chooses by default.
    ///   - ipv6: whether containers get IPv6 addresses, of which one of the subnets must have some; false by default.
    ///   - options: options of the driver, such as `com.docker.network.bridge.name`; none by default.
    ///   - labels: labels, which other programs read; none by default.
    public init(
        _ name: String, isInternal: Bool = false, driver: Driver = .bridge, subnets: [Subnet] = [], ipv6: Bool = false,
        options: [String: String] = [:], labels: [String: String] = [:]
    ) {
        self.name = name
        self.isInternal = isInternal
        self.driver = driver
        self.subnets = subnets
        hasIPv6 = ipv6
        self.options = options
        self.labels = labels
    }

    /// A network that other stacks, or projects beside Propel, have too, as ``Docker/Network``: it is created if it is
    /// missing, and never changed nor removed; other settings than are declared are a failure. The first stack of a
    /// host that has it says what it is like; for the others its name is enough.
    ///
    ///     Network(named: "lan_net", as: "lan", subnets: [Subnet("192.0.2.0/24", gateway: "192.0.2.1")])
    /// - Parameters:
    ///   - dockerName: the name in docker: letters, digits, `_`, `.` and `-`.
    ///   - name: the name in the stack; the same by default.
    ///   - isInternal: whether containers reach only each other through it; false by default.
    ///   - driver: a bridge by default.
    ///   - subnets: the addresses; docker chooses by default.
    ///   - ipv6: whether containers get IPv6 addresses; false by default.
    ///   - options: options of the driver; none by default.
    ///   - labels: labels, which other programs read; none by default.
    public init(
        named dockerName: String, as name: String? = nil, isInternal: Bool = false, driver: Driver = .bridge,
        subnets: [Subnet] = [], ipv6: Bool = false, options: [String: String] = [:], labels: [String: String] = [:]
    ) {
        self.init(
            name ?? dockerName, isInternal: isInternal, driver: driver, subnets: subnets, ipv6: ipv6, options: options,
            labels: labels)
        self.dockerName = dockerName
    }

    public func add(to stack: inout Stack) { stack.networks.append(self) }
}

extension Network {
    /// The name in the compose file. Docker decides on the kind of a network when it creates it, and compose changes no
    /// existing network: so another kind is another network. Names of the user contain no dot.
    var key: String {
        if dockerName != nil { return "\(name).shared" }
        let kind = isInternal ? "\(name).internal" : name
        return isPlain ? kind : "\(kind).\(SHA256.hash(Array(definition.document.utf8)).prefix(8))"
    }

    private var isPlain: Bool {
        driver == .bridge && subnets.isEmpty && !hasIPv6 && options.isEmpty && labels.isEmpty
    }

    /// Whether docker takes its addresses from its pools.
    var usesAddressPools: Bool { dockerName == nil && driver == .bridge && subnets.isEmpty }

    /// The value in the compose file. One with a name in docker is created beforehand.
    var definition: YAML {
        if let dockerName { return ["name": .text(dockerName), "external": .bool(true)] }
        return details
    }

    /// The settings with which compose has docker create it.
    private var details: YAML {
        var options = options.sorted { $0.key < $1.key }.map { YAML.Entry(key: $0.key, value: .text($0.value)) }
        if let parent = driver.parent { options.insert(YAML.Entry(key: "parent", value: .text(parent)), at: 0) }
        return .map(present: [
            "driver": driver == .bridge ? nil : .text(driver.name),
            "driver_opts": options.isEmpty ? nil : .map(options),
            "internal": isInternal ? .bool(true) : nil,
            "enable_ipv6": hasIPv6 ? .bool(true) : nil,
            "ipam": subnets.isEmpty ? nil : ["config": .list(subnets.map(\.yaml))],
            "labels": labels.isEmpty ? nil : .map(sorting: labels),
        ])
    }

    /// The property that creates one with a name in docker; nil for one that compose creates.
    var dockerNetwork: Docker.Network? {
        dockerName.map {
            Docker.Network(
                $0, driver: driver, isInternal: isInternal, subnets: subnets, ipv6: hasIPv6, options: options,
                labels: labels)
        }
    }
}

extension Network.Driver {
    var name: String {
        switch self {
        case .bridge: "bridge"
        case .macvlan: "macvlan"
        case .ipvlan: "ipvlan"
        case .other(let name): name
        }
    }

    var parent: String? {
        switch self {
        case .macvlan(let parent), .ipvlan(let parent): parent
        case .bridge, .other: nil
        }
    }
}
