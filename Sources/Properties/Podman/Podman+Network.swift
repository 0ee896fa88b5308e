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
        public let driver: Properties.Network.Driver
        public let isInternal: Bool
        public let subnets: [Subnet]
        public let hasIPv6: Bool
        public let options: [String: String]

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
            self.driver = driver
            self.isInternal = isInternal
            self.subnets = subnets
            hasIPv6 = ipv6
            self.options = options
        }

        public var name: String { "podman network \(network)" }
        public var claims: [Claim] {
            let words = settings.joined(separator: " ")
            return [Claim(name, is: "present")]
                + (settings.isEmpty ? [] : [Claim("the settings of the \(name)", is: words, summary: words)])
        }
        public var problems: [String] { problems(in: validate) + subnets.compactMap(\.problem) }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Podman.package])
        }

        private func validate() throws {
            try Self.validate(network)
            let words = options.flatMap { [$0.key, $0.value] } + [driver.name, driver.parent].compactMap(\.self)
            for word in words where word.isEmpty || word.hasPrefix("-") || word.utf8.contains(where: { $0 < 0x20 }) {
                throw Failure("invalid setting “\(word.escaped)” of the \(name)")
            }
            guard subnets.allSatisfy(\.reserved.isEmpty) else {
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

        /// The options of its driver, with the interface that it is on.
        private var driverOptions: [String: String] {
            driver.parent.map { options.merging(["parent": $0]) { $1 } } ?? options
        }

        /// The options of `podman network create`, which are docker's; empty for a plain bridge.
        private var settings: [String] {
            (driver == .bridge ? [] : ["--driver", driver.name]) + (isInternal ? ["--internal"] : [])
                + (hasIPv6 ? ["--ipv6"] : []) + subnets.flatMap(\.options)
                + DockerCommand.pairs("--opt", driverOptions)
        }

        /// - Throws: ``Failure`` if the network has other settings than are declared, ``Undetermined`` if podman is not
        ///   installed yet.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try await machine.fact(PodmanNetworks.self)[network] else {
                return .unmet(settings.isEmpty ? "create it" : "create it with \(settings.joined(separator: " "))")
            }
            let differences = settings.isEmpty ? [] : differences(from: found)
            guard differences.isEmpty else {
                throw Failure(
                    "the \(name) has other settings than are declared: \(differences.joined(separator: "; "))",
                    advice: "Podman changes no network. Remove it when no container uses it, or declare what it has.")
            }
            return .satisfied
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await machine.succeed(Invocation("podman", ["network", "create"] + settings + [network]))
        }

        private func differences(from found: JSON) -> [String] {
            var differences: [String] = []
            func compare(_ what: String, _ present: String, _ wanted: String) {
                if present != wanted { differences.append("\(what) \(present), and not \(wanted)") }
            }
            compare("driver", found["driver"]?.string ?? "none", driver.name)
            compare("internal", "\(found["internal"]?.bool ?? false)", "\(isInternal)")
            if hasIPv6 { compare("IPv6", "\(found["ipv6_enabled"]?.bool ?? false)", "true") }
            if let parent = driver.parent {
                compare("parent", found["network_interface"]?.string ?? "none", parent)
            }
            for (key, value) in options.sorted(by: { $0.key < $1.key }) {
                compare(key, found["options"]?[key]?.string ?? "unset", value)
            }
            let pools = found["subnets"]?.array ?? []
            for subnet in subnets {
                let pool = pools.first { $0["subnet"]?.string == subnet.addresses }
                let present = pools.compactMap { $0["subnet"]?.string }.joined(separator: ", ")
                if pool == nil { differences.append("subnets \(present), and not \(subnet.addresses)") }
                if let pool, let gateway = subnet.gateway {
                    compare("gateway", pool["gateway"]?.string ?? "none", gateway)
                }
            }
            return differences
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
