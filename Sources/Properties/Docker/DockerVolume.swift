extension Docker {
    /// A volume of docker's, of its driver `local`. It is made where it is missing, and never removed or made anew.
    public struct Volume: Property {
        public typealias Target = DebianLike

        /// Its name in docker.
        public let volume: String

        /// - Parameter volume: letters, digits, `_`, `.` and `-`.
        public init(_ volume: String) { self.volume = volume }

        public var name: String { "docker volume \(volume)" }

        public var problems: [String] {
            guard let first = volume.utf8.first, first.isASCIILetterOrDigit, volume.utf8.count > 1,
                volume.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) })
            else {
                return [
                    "“\(volume.escaped)” is no name of a docker volume: it has two letters or digits at least, and may have _, . and -"
                ]
            }
            return []
        }

        public func announce(to machine: Machine) { machine.expect(volume, of: DockerVolumes.self) }

        public func check(on machine: Machine) async throws -> Check {
            switch try await machine.fact(DockerVolumes.self) {
            case .unknown(let until): .unknown(until: until)
            case .found(let names): names.contains(volume) ? .satisfied : .unmet("make it")
            }
        }

        public func apply(on machine: Machine) async throws {
            try await machine.succeed(DockerCommand.create(volume: volume))
        }
    }
}

/// The volumes that the docker engine has.
enum DockerVolumes: Fact {
    case found(Set<String>)
    /// There is no engine that could be asked, until that has happened.
    case unknown(until: String)

    static func read(from machine: Machine) async throws -> DockerVolumes {
        switch try await machine.ask(docker: DockerCommand.volumes()) {
        case .unknown(let until): .unknown(until: until)
        case .answer(let text): .found(Set(text.split(separator: "\n").map(String.init)))
        }
    }
}

/// What the docker engine said.
enum DockerAnswer: Sendable {
    case answer(String)
    /// There is no engine that could be asked, until that has happened.
    case unknown(until: String)
}

extension Machine {
    /// Asks the docker engine.
    /// - Throws: ``CommandFailure`` where it is there and refuses.
    func ask(docker command: Invocation) async throws -> DockerAnswer {
        let result = try await run(command)
        if result.succeeded { return .answer(result.text) }
        if result.ending == .notFound { return .unknown(until: "docker is installed") }
        let errors = String(decoding: result.errors, as: UTF8.self)
        if errors.firstRange(of: "Cannot connect to the Docker daemon") != nil {
            return .unknown(until: "docker.service runs")
        }
        throw CommandFailure(command: command, result: result)
    }
}
