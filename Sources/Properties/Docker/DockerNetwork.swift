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
        public let driver: Properties.Network.Driver
        public let isInternal: Bool
        public let subnets: [Subnet]
        public let hasIPv6: Bool
        public let options: [String: String]
        public let labels: [String: String]

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
            self.driver = driver
            self.isInternal = isInternal
            self.subnets = subnets
            hasIPv6 = ipv6
            self.options = options
            self.labels = labels
        }

        public var name: String { "docker network \(network)" }
        public var claims: [Claim] {
            let words = settings.joined(separator: " ")
            return [Claim(name, is: "present")]
                + (settings.isEmpty ? [] : [Claim("the settings of the \(name)", is: words, summary: words)])
        }
        public var problems: [String] {
            let ipv6 = subnets.contains { $0.block?.isIPv6 == true }
            return Self.problems(of: network) + subnets.compactMap(\.problem)
                + (hasIPv6 && !ipv6 ? ["the \(name) has IPv6 and no subnet of it: give one, such as fd00:1::/64"] : [])
                + problems(in: validate)
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

        private func validate() throws {
            let words =
                options.flatMap { [$0.key, $0.value] } + labels.keys
                + [driver.name, driver.parent].compactMap(\.self)
            for word in words where word.isEmpty || word.hasPrefix("-") || word.utf8.contains(where: { $0 < 0x20 }) {
                throw Failure("invalid setting “\(word.escaped)” of the \(name)")
            }
        }

        /// The options of its driver, with the interface that it is on.
        private var driverOptions: [String: String] {
            driver.parent.map { options.merging(["parent": $0]) { $1 } } ?? options
        }

        /// The options of `docker network create`; empty for a plain bridge.
        var settings: [String] {
            (driver == .bridge ? [] : ["--driver", driver.name]) + (isInternal ? ["--internal"] : [])
                + (hasIPv6 ? ["--ipv6"] : []) + subnets.flatMap(\.options)
                + DockerCommand.pairs("--opt", driverOptions) + DockerCommand.pairs("--label", labels)
        }

        public func announce(to machine: Machine) {
            machine.expect(network, of: DockerNetworks.self)
            if !settings.isEmpty { machine.expect(network, of: DockerNetworkSettings.self) }
        }

        /// - Throws: ``Failure`` if the network has other settings than are declared.
        public func check(on machine: Machine) async throws -> Check {
            guard try await machine.fact(DockerNetworks.self).names.contains(network) else {
                return .unmet(settings.isEmpty ? "create it" : "create it with \(settings.joined(separator: " "))")
            }
            guard !settings.isEmpty, let found = try await machine.fact(DockerNetworkSettings.self)[network] else {
                return .satisfied
            }
            let differences = differences(from: found)
            guard differences.isEmpty else {
                throw Failure(
                    "the \(name) has other settings than are declared: \(differences.joined(separator: "; "))",
                    advice: "Docker changes no network. Remove it when no container uses it, or declare what it has.")
            }
            return .satisfied
        }

        public func apply(on machine: Machine) async throws {
            try await machine.succeed(DockerCommand.create(network: network, options: settings))
        }

        private func differences(from found: JSON) -> [String] {
            var differences: [String] = []
            func compare(_ what: String, _ present: String, _ wanted: String) {
                if present != wanted { differences.append("\(what) \(present), and not \(wanted)") }
            }
            compare("driver", found["Driver"]?.string ?? "none", driver.name)
            compare("internal", "\(found["Internal"]?.bool ?? false)", "\(isInternal)")
            compare("IPv6", "\(found["EnableIPv6"]?.bool ?? false)", "\(hasIPv6)")
            for (key, value) in driverOptions.sorted(by: { $0.key < $1.key }) {
                compare(key, found["Options"]?[key]?.string ?? "unset", value)
            }
            for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
                compare("label \(key)", found["Labels"]?[key]?.string ?? "unset", value)
            }
            guard !subnets.isEmpty else { return differences }
            let pools = found["IPAM"]?["Config"]?.array ?? []
            compare(
                "subnets", pools.compactMap { $0["Subnet"]?.string }.sorted().joined(separator: ", "),
                subnets.map(\.addresses).sorted().joined(separator: ", "))
            for subnet in subnets {
                let pool = pools.first { $0["Subnet"]?.string == subnet.addresses }
                if let gateway = subnet.gateway { compare("gateway", pool?["Gateway"]?.string ?? "none", gateway) }
                if let range = subnet.range { compare("range", pool?["IPRange"]?.string ?? "none", range) }
            }
            return differences
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
