extension Docker {
    /// A docker volume of the driver `local`. It is created if it is missing, and never replaced. It is removed only by
    /// ``Docker/Volume/Absent``.
    public struct Volume: Property {
        public typealias Target = DebianLike

        /// The name in docker.
        public let volume: String
        /// Throws if the volume must not be missing; does nothing by default.
        var refuseLoss: @Sendable (Machine) throws -> Void = { _ in }

        /// - Parameter volume: letters, digits, `_`, `.` and `-`.
        public init(_ volume: String) { self.volume = volume }

        public var name: String { "docker volume \(volume)" }

        public var claims: [Claim] { [Claim(name, is: "present")] }
        public var problems: [String] { problems { try Self.validate(volume) } }

        static func validate(_ volume: String) throws {
            guard DockerName.isValid(volume), volume.utf8.count > 1 else {
                throw Failure(
                    "invalid name of a docker volume “\(volume.escaped)”",
                    advice: "Begin with a letter or digit, then use at least one more, or _ . -")
            }
        }

        public func announce(to machine: Machine) { machine.expect(volume, of: DockerVolumes.self) }

        public func check(on machine: Machine) async throws -> Check {
            if try await machine.fact(DockerVolumes.self).names.contains(volume) { return .satisfied }
            try refuseLoss(machine)
            return .unmet("create it")
        }

        public func apply(on machine: Machine) async throws {
            try await machine.succeed(DockerCommand.create(volume: volume))
        }
    }
}

/// The volumes of the docker engine.
struct DockerVolumes: MachineFact {
    let names: Set<String>

    static func read(from machine: Machine) async throws -> DockerVolumes {
        DockerVolumes(names: Set(try await machine.lines(of: DockerCommand.volumes())))
    }
}
