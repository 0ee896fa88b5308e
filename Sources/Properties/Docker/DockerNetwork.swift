extension Docker {
    /// A docker network that several stacks or projects share. It is created as a bridge if it is missing, and never
    /// replaced. It is removed only by ``Docker/Network/Absent``.
    public struct Network: Property {
        public typealias Target = DebianLike

        /// The name in docker.
        public let network: String
        /// The options of `docker network create`; none by default.
        var options: [String] = []

        /// - Parameter network: letters, digits, `_`, `.` and `-`.
        public init(_ network: String) { self.network = network }

        public var name: String { "docker network \(network)" }
        public var claims: [Claim] { [Claim(name, is: "present")] }
        public var problems: [String] { Self.problems(of: network) }

        fileprivate static func problems(of network: String) -> [String] {
            guard DockerName.isValid(network), !["bridge", "host", "none", "default"].contains(network) else {
                return [
                    "invalid name of a docker network “\(network.escaped)”: begin with a letter or digit, then use "
                        + "these or _ . -, and none of docker's own names"
                ]
            }
            return []
        }

        public func announce(to machine: Machine) { machine.expect(network, of: DockerNetworks.self) }

        public func check(on machine: Machine) async throws -> Check {
            try await machine.fact(DockerNetworks.self).names.contains(network) ? .satisfied : .unmet("create it")
        }

        public func apply(on machine: Machine) async throws {
            try await machine.succeed(DockerCommand.create(network: network, options: options))
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
