extension Docker {
    /// The configuration of the docker engine, `/etc/docker/daemon.json` (dockerd(8)).
    ///
    /// A file that says the same in another layout is left as it is: a change restarts all containers that are not told
    /// otherwise. Where dockerd can check a configuration (23.0 and later) it must accept this one before it is in place.
    public struct DaemonConfiguration: Revertible {
        public typealias Target = AnyLinux

        /// All that is in the file.
        public let settings: JSON

        /// - Parameter settings: an object with all settings.
        public init(_ settings: JSON) { self.settings = settings }

        private static let directory: FilePath = "/etc/docker"
        private static let path: FilePath = "/etc/docker/daemon.json"

        public var name: String { "daemon.json" }
        public var claims: [Claim] { file.claims }

        private var file: File { File(Self.path, settings.pretty) }

        /// - Throws: ``Failure`` where the settings are no object, or are known to keep docker from starting.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            return try await wanted(on: machine).check(on: machine)
        }

        /// The file as it is to be: as it is written, where that says the same already.
        private func wanted(on machine: Machine) throws -> File {
            guard try machine.files.status(of: Self.path)?.kind == .file else { return file }
            let present = try machine.files.read(Self.path)
            return (try? JSON(parsing: present)) == settings ? File(Self.path, bytes: present) : file
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await askDocker(machine)
            if try machine.files.status(of: Self.directory) == nil {
                try machine.originals.keep(Self.directory)
                try machine.files.createDirectory(Self.directory, mode: 0o755, owner: .root)
            }
            try await wanted(on: machine).apply(on: machine)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try await file.checkReverted(on: machine)
        }

        public func revert(on machine: Machine) async throws {
            try await file.revert(on: machine)
            if try machine.files.status(of: Self.directory) != nil, try machine.files.list(Self.directory).isEmpty {
                try machine.originals.restore(Self.directory)
            }
        }

        private func validate() throws {
            guard let settings = settings.object else {
                throw Failure(
                    "the configuration of docker is no object: \(settings)",
                    advice: "Give settings by name: [\"log-driver\": \"local\"].")
            }
            guard settings["hosts"] == nil else {
                throw Failure(
                    "docker does not start with “hosts” in daemon.json, since its unit gives it -H",
                    advice:
                        "Declare SystemdUnit.DropIn(\"docker.socket\", …) with a ListenStream, or one of docker.service with another ExecStart."
                )
            }
        }

        private func askDocker(_ machine: Machine) async throws {
            try await machine.withScratch([ScratchFile("daemon.json", settings.pretty)]) { directory in
                let command = DockerCommand.validate(configuration: directory.appending("daemon.json"))
                let result = try await machine.run(command)
                // Not installed yet, or too old to tell: then its own start does.
                let errors = String(decoding: result.errors, as: UTF8.self)
                if result.succeeded || result.ending == .notFound
                    || errors.firstRange(of: "unknown flag: --validate") != nil
                {
                    return
                }
                throw Failure(
                    "docker does not accept this daemon.json", command: command.description,
                    ending: result.ending.description,
                    output: CommandFailure(command: command, result: result).lastLines,
                    advice: "The file was not put in place. dockerd(8) names the settings.")
            }
        }
    }
}
