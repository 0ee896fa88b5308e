extension Docker {
    /// A docker network that several stacks or projects share. It is created if it is missing, and never replaced. It
    /// is removed only by ``Docker/Network/Absent``.
    ///
    ///     Docker.Network("front")
    ///     Docker.Network("lan", driver: .macvlan(parent: "eth0"), subnets: ["192.0.2.0/24"])
    ///
    /// Declare one with settings before the stacks that join it: they would create it as a bridge. Docker decides what
    /// a network is like when it creates it, so other settings than are declared are a failure.
    public struct Network: Property {
        public typealias Target = DebianLike

        /// The name in docker.
        public let network: String
        let settings: NetworkSettings

        /// - Parameters:
        ///   - network: letters, digits, `_`, `.` and `-`.
        ///   - driver: a bridge by default.
        ///   - isInternal: whether containers reach only each other through it; no by default.
        ///   - subnets: the addresses; docker chooses by default.
        ///   - ipv6: whether containers get IPv6 addresses, of which one of the subnets must have some; no by default.
        ///   - options: options of the driver, such as `com.docker.network.bridge.name`; none by default.
        ///   - labels: labels, which other programs read; none by default.
        public init(
            _ network: String, driver: Properties.Network.Driver = .bridge, isInternal: Bool = false,
            subnets: [Subnet] = [], ipv6: Bool = false, options: [String: String] = [:],
            labels: [String: String] = [:]
        ) {
            self.network = network
            settings = NetworkSettings(
                driver: driver, isInternal: isInternal, subnets: subnets, hasIPv6: ipv6, options: options,
                labels: labels)
        }

        public var name: String { "docker network \(network)" }
        public var claims: [Claim] { settings.claims(of: name) }
        public var problems: [String] {
            let lacksIPv6 = settings.hasIPv6 && !settings.subnets.contains { $0.block?.isIPv6 == true }
            return Self.problems(of: network) + settings.subnets.compactMap(\.problem)
                + (lacksIPv6 ? ["the \(name) has IPv6 and no subnet of it: give one, such as fd00:1::/64"] : [])
                + problems { try settings.validate(name) }
        }

        fileprivate static func problems(of network: String) -> [String] {
            guard DockerName.isValid(network), !["bridge", "host", "none", "default"].contains(network) else {
                return [
                    "invalid name of a docker network “\(network.escaped)”: begin with a letter or digit, then use "
                        + "these or _ . -, and none of docker's own names"
                ]
            }
            return []
        }

        public func announce(to machine: Machine) {
            machine.expect(network, of: DockerNetworks.self)
            if !settings.arguments.isEmpty { machine.expect(network, of: DockerNetworkSettings.self) }
        }

        /// - Throws: ``Failure`` if the network has other settings than are declared.
        public func check(on machine: Machine) async throws -> Check {
            guard try await machine.fact(DockerNetworks.self).names.contains(network) else {
                return .unmet(settings.creation)
            }
            if !settings.arguments.isEmpty, let found = try await machine.fact(DockerNetworkSettings.self)[network] {
                try settings.require(of: FoundNetwork(docker: found), name, "Docker")
            }
            return .satisfied
        }

        public func apply(on machine: Machine) async throws {
            try await machine.succeed(DockerCommand.create(network: network, options: settings.arguments))
        }

        /// No docker network of that name. One that containers use stays: docker says by which.
        ///
        ///     Docker.Network.Absent("old-front")
        public struct Absent: Property {
            public typealias Target = DebianLike

            /// The name in docker.
            public let network: String

            /// - Parameter network: the name.
            public init(_ network: String) { self.network = network }

            public var name: String { "no docker network \(network)" }
            public var claims: [Claim] { [Claim("docker network \(network)", is: "absent")] }
            public var problems: [String] { Network.problems(of: network) }

            public func announce(to machine: Machine) { machine.expect(network, of: DockerNetworks.self) }

            /// A machine without docker has no network of it.
            public func check(on machine: Machine) async throws -> Check {
                guard try DockerPackage.hasClient(machine) else {
                    try machine.awaitPackages()
                    return .satisfied
                }
                return try await machine.fact(DockerNetworks.self).names.contains(network)
                    ? .unmet("remove it") : .satisfied
            }

            public func apply(on machine: Machine) async throws {
                try await machine.succeed(DockerCommand.remove(network: network))
            }
        }
    }
}

/// The networks of the docker engine.
struct DockerNetworks: MachineFact {
    let names: Set<String>

    static func read(from machine: Machine) async throws -> DockerNetworks {
        DockerNetworks(names: Set(try await machine.lines(of: DockerCommand.networks())))
    }
}

/// The settings of the networks that are declared with some. One question answers for all of them.
struct DockerNetworkSettings: MachineFact {
    private let networks: [String: JSON]

    static func read(from machine: Machine) async throws -> DockerNetworkSettings {
        let names = try await machine.fact(DockerNetworks.self).names
        let declared = machine.expected(of: DockerNetworkSettings.self).filter(names.contains)
        return DockerNetworkSettings(
            networks: try await machine.dockerObjects(declared, DockerCommand.inspect(networks:format:)))
    }

    subscript(name: String) -> JSON? { networks[name] }
}

extension Machine {
    /// The descriptions of networks or volumes of docker, by their names. Without names docker is not asked.
    /// - Parameter inspect: the question about all of them in a format.
    /// - Throws: ``Failure`` if docker's answer cannot be parsed, and what the question does.
    func dockerObjects(
        _ names: [String], _ inspect: (_ names: [String], _ format: String) -> Invocation
    ) async throws -> [String: JSON] {
        var objects: [String: JSON] = [:]
        guard !names.isEmpty else { return objects }
        for line in try await answer(of: inspect(names, "{{json .}}")).nonEmptyLines {
            let object = try JSON(parsing: Array(line.utf8))
            if let name = object["Name"]?.string { objects[name] = object }
        }
        return objects
    }
}
