extension Docker.Volume {
    /// No docker volume of that name.
    ///
    ///     Docker.Volume.Absent("old-cache")
    ///     Docker.Volume.Absent("old-shop_data", removesData: true)
    ///
    /// A volume with data in it is removed only if that is said, and the plan says how much is in it: nothing brings it
    /// back. No volume is removed while a container has it, whether the container runs or not. What a volume mounts
    /// from elsewhere, such as a share, stays there.
    public struct Absent: Property {
        public typealias Target = DebianLike

        /// The name in docker.
        public let volume: String
        /// Whether the data in it is removed too.
        public let removesData: Bool

        /// - Parameters:
        ///   - volume: the name.
        ///   - removesData: whether the data in it is removed too. By default a volume that is not empty is a failure.
        public init(_ volume: String, removesData: Bool = false) {
            self.volume = volume
            self.removesData = removesData
        }

        public var name: String { "no docker volume \(volume)" }
        public var claims: [Claim] { [Claim("docker volume \(volume)", is: "absent")] }
        public var problems: [String] { problems(in: validate) }

        public func announce(to machine: Machine) { machine.expect(volume, of: DockerVolumes.self) }

        /// - Throws: ``Failure`` if a container has it, or if it has data that may not be removed.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            // A machine without docker has no volume of it.
            guard try DockerPackage.hasClient(machine) else {
                try machine.awaitPackages()
                return .satisfied
            }
            guard try await machine.fact(DockerVolumes.self).names.contains(volume) else { return .satisfied }
            return .unmet(try await removal(on: machine))
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            _ = try await removal(on: machine)
            // docker refuses it if a container has come to have it since.
            try await machine.succeed(DockerCommand.remove(volumes: [volume]))
        }

        private func validate() throws { try Docker.Volume.validate(volume) }

        /// The words for its removal.
        private func removal(on machine: Machine) async throws -> String {
            let list = DockerCommand.ps(all: true, filters: ["volume=\(volume)"], format: "{{.Names}}")
            let containers = try await machine.lines(of: list).map(\.escaped)
            guard containers.isEmpty else {
                throw Failure(
                    "the docker volume \(volume) is used by \(containers.joined(separator: ", "))",
                    advice: "Remove these containers first: one that is stopped has its volumes too.")
            }
            switch try await data(on: machine) {
            case .none: return "remove it: it is empty"
            case .elsewhere: return "remove it: what it mounts stays"
            case .entries(let words):
                guard removesData else {
                    throw Failure(
                        "the docker volume \(volume) has data in it: \(words)",
                        advice: "Copy what is needed, then declare "
                            + "Docker.Volume.Absent(\"\(volume)\", removesData: true), which removes it for good.")
                }
                return "remove it with its data for good: \(words)"
            }
        }

        private enum Data {
            case none
            /// In a file system that is mounted while a container runs.
            case elsewhere
            /// “3 entries in /var/lib/docker/volumes/shop_data/_data”
            case entries(String)
        }

        private func data(on machine: Machine) async throws -> Data {
            let format = #"{{.Driver}}\#t{{json .Options}}\#t{{.Mountpoint}}"#
            let answer = try await machine.answer(of: DockerCommand.inspect(volumes: [volume], format: format))
            let words = answer.trimmed.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 3, let options = try? JSON(parsing: words[1]) else {
                throw Failure(
                    "unexpected answer from docker about the volume \(volume): “\(answer.trimmed.escaped)”",
                    advice: "`docker volume inspect \(volume)` on the machine shows more.")
            }
            // Nobody but its driver knows what is in it.
            guard words[0] == "local" else { return .entries("as much as its driver \(words[0].escaped) has") }
            guard options["device"] == nil else { return .elsewhere }
            let path = FilePath(words[2])
            guard try machine.files.status(of: path)?.kind == .directory else { return .none }
            let count = try machine.files.list(path).count
            return count == 0 ? .none : .entries("\(count) \(count == 1 ? "entry" : "entries") in \(path)")
        }
    }
}
