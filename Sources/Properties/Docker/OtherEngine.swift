/// An engine in place of the one of docker that root runs, or beside it.
///
/// Stacks use that one alone. Through another the commands of docker would reach other containers and other volumes,
/// or begin with none. All of this is found by files, without a program.
enum OtherEngine {
    /// - Parameter status: the packages of the machine.
    /// - Throws: ``Failure`` if root's `docker` is podman, or reaches another engine than that of the machine, or if
    ///   the machine has only the rootless engine of a user.
    static func refuse(_ status: DpkgStatus, on machine: Machine) async throws {
        try refusePodman(status, on: machine)
        try await refuseRedirection(on: machine)
        try await refuseRootless(on: machine)
    }

    // MARK: - Podman

    private static let sockets: [FilePath] = ["/run/docker.sock", "/var/run/docker.sock"]

    private static func refusePodman(_ status: DpkgStatus, on machine: Machine) throws {
        let hasPackage = status.isPresent("podman-docker")
        let place = try placeOfPodman(on: machine)
        guard let found = hasPackage ? "the package podman-docker" : place?.string else { return }
        throw Failure(
            "docker is podman on this machine: \(found)",
            advice:
                "A stack needs the engine of docker. "
                + (hasPackage ? "`apt remove podman-docker`" : "Remove \(found)")
                + " on the machine, and run again: docker is installed beside podman, which stays with its containers. "
                + "What should become a stack, stop there first, and copy its volumes (`podman volume export`).")
    }

    /// The program or the socket of docker that is podman's; nil if neither is.
    private static func placeOfPodman(on machine: Machine) throws -> FilePath? {
        if let program = try DockerPackage.clients.first(where: { try isPodman($0, on: machine) }) { return program }
        guard let (socket, target) = try socketTarget(on: machine), target.firstRange(of: "podman") != nil else {
            return nil
        }
        return socket
    }

    /// Whether a program is a link to podman, or a script that calls it: what podman-docker has, or somebody wrote.
    private static func isPodman(_ path: FilePath, on machine: Machine) throws -> Bool {
        guard let status = try machine.files.status(of: path) else { return false }
        if status.kind == .link { return try machine.files.destination(ofLink: path).firstRange(of: "podman") != nil }
        // Docker's own program has tens of megabytes.
        guard status.kind == .file, status.size < 4096 else { return false }
        let bytes = try machine.files.read(path)
        return bytes.starts(with: Array("#!".utf8))
            && String(decoding: bytes, as: UTF8.self).firstRange(of: "podman") != nil
    }

    /// Where docker's socket leads if it is a link.
    private static func socketTarget(on machine: Machine) throws -> (socket: FilePath, target: String)? {
        for socket in sockets where try machine.files.status(of: socket)?.kind == .link {
            return (socket, try machine.files.destination(ofLink: socket))
        }
        return nil
    }

    // MARK: - Another engine of docker

    /// Root's docker has a context, or docker's socket is a link to that of a user.
    private static func refuseRedirection(on machine: Machine) async throws {
        if let (socket, target) = try socketTarget(on: machine), target.hasPrefix("/run/user/") {
            throw Failure(
                "\(socket) is a link to \(target.escaped), the rootless engine of a user",
                advice:
                    "A stack uses the engine that root runs. Remove the link on the machine, and run again. The "
                    + "containers and volumes of the user stay with the user's engine.")
        }
        let path: FilePath = "/root/.docker/config.json"
        guard try machine.files.status(of: path)?.kind == .file,
            let context = (try? JSON(parsing: try machine.files.read(path)))?["currentContext"]?.string,
            !context.isEmpty, context != "default"
        else { return }
        throw Failure(
            "the docker of root uses the context “\(context.escaped)” (\(path)), which is another engine than that of "
                + "the machine",
            advice: "`docker context use default` as root on the machine, then run again.")
    }

    /// A machine whose only engine is rootless: its owner has chosen that, and a second engine beside it would know
    /// nothing of what runs.
    private static func refuseRootless(on machine: Machine) async throws {
        guard try !isEnabled(on: machine) else { return }
        let users = try await rootlessUsers(on: machine)
        guard let first = users.first else { return }
        throw Failure(
            "the docker of this machine is the rootless engine of the user \(users.joined(separator: ", ").escaped), "
                + "and the one that root runs is not enabled",
            advice:
                "A stack uses the engine that root runs; it would not find the containers and volumes of \(first). To "
                + "have both, `apt install docker.io` and `systemctl enable --now docker.service` on the machine, and "
                + "run again. What should become a stack, stop in the rootless engine first, and copy its volumes: "
                + "they are in ~/.local/share/docker/volumes. A rootless engine that nobody needs, remove with "
                + "`dockerd-rootless-setuptool.sh uninstall` as that user.")
    }

    /// Whether the engine that root runs is started at boot or on demand.
    private static func isEnabled(on machine: Machine) throws -> Bool {
        let wants: [FilePath] = ["multi-user.target.wants/docker.service", "sockets.target.wants/docker.socket"]
        return try wants.contains { try machine.files.status(of: UnitFiles.directory.pushing($0)) != nil }
    }

    /// The users whose engine runs, or is set up to run.
    private static func rootlessUsers(on machine: Machine) async throws -> [String] {
        let accounts = try await machine.fact(Accounts.self)
        let running = ((try? machine.files.list("/run/user")) ?? []).filter {
            isThere(FilePath("/run/user").appending($0).appending("docker.sock"), on: machine)
        }
        var users = running.map { id in accounts.users.first { "\($0.id)" == id }?.name ?? "with the UID \(id)" }
        for user in accounts.users where user.id >= 1000 && user.home.isAbsolute && !users.contains(user.name) {
            if isThere(user.home.appending(".config/systemd/user/docker.service"), on: machine) {
                users.append(user.name)
            }
        }
        return users
    }

    /// Whether something is at a path of a user. A link of the user on the way counts as nothing.
    private static func isThere(_ path: FilePath, on machine: Machine) -> Bool {
        (try? machine.files.status(of: path)) != nil
    }
}
