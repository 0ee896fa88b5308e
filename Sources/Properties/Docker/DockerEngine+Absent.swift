extension Docker.Engine {
    /// No docker engine on the machine, and no docker command.
    ///
    ///     Docker.Engine.Absent()
    ///
    /// The packages of the distribution, of Docker or of Microsoft are removed, also those that Propel has not
    /// installed, and Docker's repository as `Docker.Engine(from: .docker)` adds it. As long as there is a container,
    /// running or not, nothing is removed, and the failure names them. Images, volumes and all else in
    /// `/var/lib/docker` stay, and so do `/etc/docker` and the group docker. ``Apt/AutoRemove`` removes the packages
    /// that these needed, such as containerd, and ``Docker/Compose/Absent`` compose of the distribution.
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "no docker" }

        public var body: [Declaration] {
            let packages = DockerPackagesAbsent()
            packages
            File.Absent(Docker.repositoryFile).requires(packages)
            DockerKeyAbsent().requires(packages)
        }
    }
}

extension Docker.Compose {
    /// No compose on the machine, from any publisher. Containers and their files stay as they are.
    ///
    ///     Docker.Compose.Absent()
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "no docker compose" }
        public var body: [Declaration] { Apt.Absent(DockerPackage.names(of: .compose)) }
    }
}

/// The key of Docker's packages is gone, unless sources that somebody else has declared name it, such as the
/// `docker.list` of Docker's own instructions: without it apt would refuse that repository, and fail.
struct DockerKeyAbsent: Property {
    typealias Target = DebianLike

    private var file: File.Absent { File.Absent(DockerKey.path) }

    var name: String { file.name }
    var claims: [Claim] { file.claims }

    func check(on machine: Machine) async throws -> Check {
        if try isNamed(on: machine) { return .satisfied }
        return try await file.check(on: machine)
    }

    func apply(on machine: Machine) async throws {
        guard try !isNamed(on: machine) else { return }
        try await file.apply(on: machine)
    }

    /// Whether sources that stay name it. The file of Docker's repository goes before.
    private func isNamed(on machine: Machine) throws -> Bool {
        let key = DockerKey.path.string
        return try SourcesFile.paths(on: machine).contains { path in
            guard path != Docker.repositoryFile else { return false }
            return String(decoding: try machine.files.read(path), as: UTF8.self).firstRange(of: key) != nil
        }
    }
}

/// The packages of the engine and its command are not installed. They are removed only where there is no container.
struct DockerPackagesAbsent: Property {
    typealias Target = DebianLike

    /// With what `Docker.Engine(from: .docker)` installs beside them.
    private static let packages =
        DockerPackage.names(of: .engine) + DockerPackage.names(of: .client)
        + ["docker-compose-plugin", "docker-buildx-plugin", "docker-ce-rootless-extras"]

    var name: String { "no packages of docker" }
    var claims: [Claim] { Self.packages.map { Claim("the package \($0)", is: "absent") } }

    /// - Throws: ``Failure`` if there is a container, or an engine without a package.
    func check(on machine: Machine) async throws -> Check {
        let status = try await machine.fact(DpkgStatus.self), present = Self.packages.filter(status.isPresent)
        try status.refuseHeld(present)
        guard !present.isEmpty else {
            try refuseUnpackaged(on: machine)
            try machine.awaitPackages()
            return .satisfied
        }
        try await refuseContainers(on: machine)
        let root = try DataRoot.declared(on: machine)
        return .unmet("remove \(present.joined(separator: ", ")): images and volumes stay in \(root)")
    }

    func apply(on machine: Machine) async throws {
        try await refuseContainers(on: machine)
        try WithheldServices(machine: machine).restore()
        try await AptIndex(machine: machine).repairInterruption()
        // To purge docker.io would remove all images and volumes.
        try await AptTransaction(remove: Self.packages).run(on: machine)
        let root = try DataRoot.declared(on: machine)
        guard try machine.files.status(of: root) != nil else { return }
        machine.noteFollowUp("the images and volumes of docker are in \(root): keep them, or remove them")
    }

    private func refuseUnpackaged(on machine: Machine) throws {
        guard try !DockerPackage.hasSnap(machine), try !DockerPackage.hasEngine(machine) else {
            throw Failure(
                "there is a docker engine that is not of a package",
                advice: "Remove it in the way in which it was installed, such as `snap remove docker`.")
        }
    }

    private func refuseContainers(on machine: Machine) async throws {
        let containers = try await containers(on: machine)
        guard !containers.isEmpty else { return }
        let more = containers.count > 5 ? " and \(containers.count - 5) more" : ""
        throw Failure(
            "docker has containers: \(containers.prefix(5).joined(separator: ", "))\(more)",
            advice:
                "Remove them first, if nobody needs them. Declare Stack.Absent(…) for those of a stack, which leaves "
                + "its data.")
    }

    /// The names of all containers; the beginnings of their IDs where the engine does not run.
    private func containers(on machine: Machine) async throws -> [String] {
        let list = DockerCommand.ps(all: true, format: "{{.Names}}"), result = try await machine.run(list)
        if result.succeeded { return result.text.nonEmptyLines.map { String($0).escaped } }
        guard DockerCommand.missingEngine(result) != nil else { throw CommandFailure(command: list, result: result) }
        let directory = try DataRoot.declared(on: machine).appending("containers")
        guard try machine.files.status(of: directory)?.kind == .directory else { return [] }
        return try machine.files.list(directory).map { String($0.prefix(12)).escaped }
    }
}
