/// A part of docker, from whichever package the machine has it.
///
/// A machine may have the packages of Docker (`docker-ce`) or of Microsoft (`moby-engine`) rather than those of the
/// distribution. Their units, directories and commands are the same, and installing the distribution's would remove a
/// running engine. So what is there is used, and the distribution's package is installed only where no engine is.
struct DockerPackage: AptPackages {
    typealias Target = DebianLike

    enum Part: Sendable {
        case engine, client
        /// Compose: `docker compose`, or `docker-compose`.
        case compose
        /// The plugin with which the command uses BuildKit.
        case buildx
    }

    let part: Part
    /// The package of the distribution.
    let package: String

    init(_ part: Part, _ package: String) {
        self.part = part
        self.package = package
    }

    /// The packages that have an engine.
    static let engines = names(of: .engine)
    /// The packages of the distribution that cannot be installed beside those of Docker.
    static let ofDistribution: Set<String> = [
        "docker.io", "docker-cli", "docker-compose", "docker-compose-v2", "docker-buildx", "containerd", "runc",
    ]
    /// The directories of the command's plugins.
    static let plugins: [FilePath] = [
        "/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins",
        "/usr/libexec/docker/cli-plugins",
    ]

    /// The paths of the command, in the order in which a shell finds them.
    static let clients: [FilePath] = ["/usr/local/bin/docker", "/usr/bin/docker"]

    /// Whether there is an engine, from a package or not.
    static func hasEngine(_ machine: Machine) throws -> Bool {
        try hasAny(of: ["/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/local/bin/dockerd"], machine)
    }

    /// Whether there is the command, from a package or not.
    static func hasClient(_ machine: Machine) throws -> Bool { try hasAny(of: clients, machine) }

    /// Whether docker is there as a snap.
    static func hasSnap(_ machine: Machine) throws -> Bool { try hasAny(of: ["/snap/bin/docker"], machine) }

    /// Whether the command has compose as a plugin.
    static func hasComposePlugin(_ machine: Machine) throws -> Bool { try hasPlugin("docker-compose", machine) }

    private static func hasPlugin(_ name: String, _ machine: Machine) throws -> Bool {
        try hasAny(of: plugins.map { $0.appending(name) }, machine)
    }

    private static func hasAny(of paths: [FilePath], _ machine: Machine) throws -> Bool {
        try paths.contains { try machine.files.status(of: $0) != nil }
    }

    var name: String { "apt: \(package)" }
    var claims: [Claim] { [Claim("the package \(package)", is: "installed")] }

    /// The packages that have a part. The first is used with an engine of Docker, the second with one of Microsoft.
    static func names(of part: Part) -> [String] {
        switch part {
        case .engine: ["docker-ce", "moby-engine", "docker.io"]
        case .client: ["docker-ce-cli", "moby-cli", "docker-cli"]
        case .compose: ["docker-compose-plugin", "moby-compose", "docker-compose", "docker-compose-v2"]
        case .buildx: ["docker-buildx-plugin", "moby-buildx", "docker-buildx"]
        }
    }

    private var others: [String] { Self.names(of: part) }

    /// - Throws: ``Failure`` if docker is there as a snap, or is another engine than that which root runs.
    func check(on machine: Machine) async throws -> Check {
        let status = try await machine.fact(DpkgStatus.self)
        if part == .engine { try await OtherEngine.refuse(status, on: machine) }
        if part == .engine, package == "docker-ce",
            let other = ["docker.io", "moby-engine"].first(where: status.isPresent)
        {
            throw Failure(
                "docker-ce is declared, and \(other) is installed",
                advice:
                    "To exchange it, `apt remove \(other)` on the machine, which stops all containers, and run again: "
                    + "images and volumes stay. Or leave out “from: .docker”.")
        }
        guard try needed(status, machine).contains(where: { !status.isInstalled($0) }) else { return .satisfied }
        if part == .engine, try Self.hasSnap(machine) {
            throw Failure(
                "docker is installed as a snap, whose units and directories have other names",
                advice: "Save its data, then `snap remove docker`, and run again.")
        }
        machine.expectPackages([package(status)])
        return .unmet("install \(package(status))")
    }

    func transaction(_ status: DpkgStatus, beside names: Set<String>, on machine: Machine) throws -> AptTransaction {
        guard !others.contains(where: names.contains) else { return AptTransaction() }
        return AptTransaction(install: try needed(status, machine))
    }

    /// The packages to install; none if this part is there.
    private func needed(_ status: DpkgStatus, _ machine: Machine) throws -> [String] {
        if others.contains(where: status.isInstalled) { return [] }
        let isPackaged = others.contains(where: status.isPresent)
        return try !isPackaged && hasFile(machine) ? [] : [package(status)]
    }

    /// The package that goes with the engine of the machine.
    private func package(_ status: DpkgStatus) -> String {
        if status.isPresent("docker-ce") { return others[0] }
        return status.isPresent("moby-engine") ? others[1] : package
    }

    /// Whether somebody has installed this part without a package.
    private func hasFile(_ machine: Machine) throws -> Bool {
        switch part {
        case .engine: try Self.hasEngine(machine)
        case .client: try Self.hasClient(machine)
        case .compose: try Self.hasComposePlugin(machine)
        case .buildx: try Self.hasPlugin("docker-buildx", machine)
        }
    }
}
