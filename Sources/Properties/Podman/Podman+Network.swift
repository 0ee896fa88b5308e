extension Podman {
    /// A podman network. It is created if it is missing, and never replaced. It is removed only by ``Podman/Absent``.
    ///
    ///     Podman.Network("front")
    ///     Podman.Network("lan", driver: .macvlan(parent: "eth0"), subnets: ["192.0.2.0/24"])
    ///
    /// Podman decides what a network is like when it creates it, so other settings than are declared are a failure. A
    /// `.network` file of ``Podman/Quadlet`` has systemd create one.
    public struct Network: Property {
        public typealias Target = DebianLike

        /// The name in podman.
        public let network: String
        let settings: NetworkSettings

        /// - Parameters:
        ///   - network: letters, digits, `_`, `.` and `-`.
        ///   - driver: a bridge by default.
        ///   - isInternal: whether containers reach only each other through it; no by default.
        ///   - subnets: the addresses; podman chooses by default. It reserves none.
        ///   - ipv6: whether containers get IPv6 addresses too; no by default.
        ///   - options: options of the driver, such as `mtu`; none by default.
        public init(
            _ network: String, driver: Properties.Network.Driver = .bridge, isInternal: Bool = false,
            subnets: [Subnet] = [], ipv6: Bool = false, options: [String: String] = [:]
        ) {
            self.network = network
            settings = NetworkSettings(
                driver: driver, isInternal: isInternal, subnets: subnets, hasIPv6: ipv6, options: options)
        }

        public var name: String { "podman network \(network)" }
        public var claims: [Claim] { settings.claims(of: name) }
        public var problems: [String] { problems(in: validate) + settings.subnets.compactMap(\.problem) }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Podman.package])
        }

        private func validate() throws {
            try Self.validate(network)
            try settings.validate(name)
            guard settings.subnets.allSatisfy(\.reserved.isEmpty) else {
                throw Failure(
                    "the \(name) has reserved addresses, which podman does not know",
                    advice: "Give the range that containers get addresses from.")
            }
        }

        static func validate(_ network: String) throws {
            try Podman.validate(network, of: "network")
            // Podman's own, and words that mean something else in `--network`.
            guard !["podman", "bridge", "host", "none", "private", "slirp4netns", "pasta"].contains(network) else {
                throw Failure("the name \(network) of a podman network is podman's own", advice: "Choose another.")
            }
        }

        /// - Throws: ``Failure`` if the network has other settings than are declared, ``Undetermined`` if podman is not
        ///   installed yet.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try await machine.fact(PodmanNetworks.self)[network] else {
                return .unmet(settings.creation)
            }
            try settings.require(of: FoundNetwork(podman: found, for: settings), name, "Podman")
            return .satisfied
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await machine.succeed(Invocation("podman", ["network", "create"] + settings.arguments + [network]))
        }
    }
}

/// The networks of podman with their settings.
struct PodmanNetworks: MachineFact {
    private var networks: [String: JSON] = [:]

    static func read(from machine: Machine) async throws -> PodmanNetworks {
        let answer = try await Podman.answer(to: ["network", "ls", "--format", "json"], on: machine)
        var networks = PodmanNetworks()
        for network in try JSON(parsing: Array(answer.utf8)).array ?? [] {
            if let name = network["name"]?.string { networks.networks[name] = network }
        }
        return networks
    }

    subscript(name: String) -> JSON? { networks[name] }
}
