extension Docker {
    /// A docker volume of the driver `local`. It is created if it is missing, and never replaced. It is removed only by
    /// ``Docker/Volume/Absent``.
    ///
    ///     Docker.Volume("media")
    ///     Docker.Volume("films", options: ["type": "nfs", "o": "addr=10.0.0.2,ro", "device": ":/export/films"])
    ///
    /// Docker decides what a volume is when it creates it, so other options than are declared are a failure.
    public struct Volume: Property {
        public typealias Target = DebianLike

        /// The name in docker.
        public let volume: String
        /// Throws if the volume must not be missing; does nothing by default.
        var refuseLoss: @Sendable (Machine) throws -> Void = { _ in }

        /// The file system that it mounts from elsewhere; empty for data in docker's directory.
        public let options: [String: String]

        /// - Parameters:
        ///   - volume: letters, digits, `_`, `.` and `-`.
        ///   - options: the file system that it mounts, as for mount(8): `type`, `o` and `device`; by default its data
        ///     is in docker's directory. Everybody who may ask docker sees them.
        public init(_ volume: String, options: [String: String] = [:]) {
            self.volume = volume
            self.options = options
        }

        public var name: String { "docker volume \(volume)" }

        public var claims: [Claim] {
            let words = options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            return [Claim(name, is: "present")]
                + (options.isEmpty ? [] : [Claim("the options of the \(name)", is: words)])
        }
        public var problems: [String] { problems(in: validate) }

        private func validate() throws {
            try Self.validate(volume)
            for (key, value) in options.sorted(by: { $0.key < $1.key }) {
                guard !key.isEmpty, !value.isEmpty, key.utf8.allSatisfy(\.isASCIILetterOrDigit),
                    !value.utf8.contains(where: { $0 < 0x20 })
                else {
                    throw Failure(
                        "invalid option “\(key.escaped)” = “\(value.escaped)” of the \(name)",
                        advice: "The options are type, o and device.")
                }
            }
        }

        static func validate(_ volume: String) throws {
            guard DockerName.isValid(volume), volume.utf8.count > 1 else {
                throw Failure(
                    "invalid name of a docker volume “\(volume.escaped)”",
                    advice: "Begin with a letter or digit, then use at least one more, or _ . -")
            }
        }

        public func announce(to machine: Machine) {
            machine.expect(volume, of: DockerVolumes.self)
            if !options.isEmpty { machine.expect(volume, of: DockerVolumeOptions.self) }
        }

        /// - Throws: ``Failure`` if the volume has other options than are declared.
        public func check(on machine: Machine) async throws -> Check {
            if try await machine.fact(DockerVolumes.self).names.contains(volume) {
                if !options.isEmpty { try await refuseOtherOptions(machine) }
                return .satisfied
            }
            try refuseLoss(machine)
            return .unmet("create it")
        }

        public func apply(on machine: Machine) async throws {
            try await machine.succeed(DockerCommand.create(volume: volume, options: options))
        }

        private func refuseOtherOptions(_ machine: Machine) async throws {
            let found = try await machine.fact(DockerVolumeOptions.self)[volume]
            for (key, value) in options.sorted(by: { $0.key < $1.key }) where found?[key]?.string != value {
                throw Failure(
                    "the \(name) has the option \(key) \(found?[key]?.string?.escaped ?? "unset"), and not "
                        + value.escaped,
                    advice: "Docker changes no volume. Remove it when no container uses it, or declare what it has.")
            }
        }
    }
}

/// The options of the volumes that are declared with some. One question answers for all of them.
struct DockerVolumeOptions: MachineFact {
    private let volumes: [String: JSON]

    static func read(from machine: Machine) async throws -> DockerVolumeOptions {
        let names = try await machine.fact(DockerVolumes.self).names
        let declared = machine.expected(of: DockerVolumeOptions.self).filter(names.contains)
        return DockerVolumeOptions(
            volumes: try await machine.dockerObjects(declared, DockerCommand.inspect(volumes:format:)))
    }

    subscript(name: String) -> JSON? { volumes[name]?["Options"] }
}

/// The volumes of the docker engine.
struct DockerVolumes: MachineFact, EarlyFact {
    let names: Set<String>

    static func read(from machine: Machine) async throws -> DockerVolumes {
        DockerVolumes(names: Set(try await machine.lines(of: DockerCommand.volumes())))
    }
}
