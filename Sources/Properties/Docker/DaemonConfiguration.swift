extension Docker {
    /// The configuration of the docker engine, `/etc/docker/daemon.json` (dockerd(8)).
    ///
    /// A file with the same settings in another layout stays as it is: a change restarts all containers, unless
    /// `live-restore` is set. dockerd validates the configuration before it is put in place, if its version can (23.0
    /// and later).
    ///
    /// Another `data-root` is refused while the present one has containers or volumes that the other has not: they
    /// would not be found. The message says how they are moved.
    public struct DaemonConfiguration: FileBacked {
        public typealias Target = AnyLinux

        /// All settings in the file.
        public let settings: JSON

        /// - Parameter settings: an object with all settings.
        public init(_ settings: JSON) { self.settings = settings }

        static let path: FilePath = "/etc/docker/daemon.json"

        /// The settings that a machine has; nil without a file. One that cannot be parsed is reported by its property.
        static func present(on machine: Machine) throws -> JSON? {
            guard try machine.files.status(of: path)?.kind == .file else { return nil }
            return try? JSON(parsing: try machine.files.read(path))
        }

        public var name: String { "daemon.json" }
        public var file: File { File(Self.path, settings.pretty) }
        public var createsDirectory: Bool { true }

        /// - Throws: ``Failure`` if the engine would no longer find its containers and volumes.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            try DataRoot.refuseLoss(with: settings, on: machine)
            return try await wanted(on: machine).check(on: machine, createsDirectory: true)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try DataRoot.refuseLoss(with: settings, on: machine)
            try await validateByEngine(on: machine)
            try await wanted(on: machine).apply(on: machine, createsDirectory: true)
        }

        /// - Throws: ``Failure`` if the engine would no longer find its containers and volumes.
        public func checkReverted(on machine: Machine) async throws -> Check {
            let check = try await file.checkReverted(on: machine, removesDirectory: createsDirectory)
            if check != .satisfied { try refuseLossReverted(on: machine) }
            return check
        }

        public func revert(on machine: Machine) async throws {
            try refuseLossReverted(on: machine)
            try await file.revert(on: machine, removesDirectory: createsDirectory)
        }

        /// The original may have another data root, or tell of none.
        private func refuseLossReverted(on machine: Machine) throws {
            guard let original = try machine.originals.bytes(of: Self.path) else { return }
            let settings = (try? JSON(parsing: original)) ?? .object([:])
            try DataRoot.refuseLoss(with: settings, on: machine)
        }

        /// The file as it is, if it has these settings; else the declared one.
        private func wanted(on machine: Machine) throws -> File {
            guard try machine.files.status(of: Self.path)?.kind == .file else { return file }
            let present = try machine.files.read(Self.path)
            return (try? JSON(parsing: present)) == settings ? File(Self.path, bytes: present) : file
        }

        public func validate() throws {
            guard let settings = settings.object else {
                throw Failure(
                    "the configuration of docker is not an object: \(settings)",
                    advice: "Give settings by name: [\"log-driver\": \"local\"].")
            }
            guard settings["hosts"] == nil else {
                throw Failure(
                    "docker does not start with “hosts” in daemon.json, since its unit gives it -H",
                    advice:
                        "Declare SystemdUnit.DropIn(\"docker.socket\", …) with a ListenStream, or one of "
                        + "docker.service with another ExecStart."
                )
            }
        }

        private func validateByEngine(on machine: Machine) async throws {
            try await machine.withScratch([ScratchFile("daemon.json", settings.pretty)]) { directory in
                let command = DockerCommand.validate(configuration: directory.appending("daemon.json"))
                let result = try await machine.run(command)
                let errors = String(decoding: result.errors, as: UTF8.self)
                // Not installed yet, or too old to validate: then its start shows whether the settings are valid.
                if result.succeeded || result.ending == .notFound
                    || errors.firstRange(of: "unknown flag: --validate") != nil
                {
                    return
                }
                throw Failure(
                    "docker does not accept this daemon.json", command: command.description,
                    ending: result.ending.description,
                    output: CommandFailure(command: command, result: result).lastLines,
                    advice: "The file was not put in place. dockerd(8) lists the settings.")
            }
        }
    }
}
