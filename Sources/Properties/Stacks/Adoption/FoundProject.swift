/// A compose project that runs under the name of a stack that was never deployed, as docker describes its containers.
struct FoundProject: Sendable {
    /// One container of it.
    struct Container: Sendable {
        var service: FormerProject.Service
        var mounts: [Mount]
    }

    /// A volume or a directory of the machine, in a container.
    struct Mount: Sendable, Equatable {
        /// The name of the volume in docker, or the path on the machine.
        var source: String
        var path: String
        var isVolume: Bool
    }

    var containers: [Container]
}

extension FoundProject {
    /// - Parameter found: the containers of the project.
    /// - Throws: ``Failure`` if docker's answer cannot be parsed.
    static func read(_ found: StackContainers, on machine: Machine) async throws -> FoundProject {
        guard !found.all.isEmpty else { return FoundProject(containers: []) }
        let answer = try await machine.succeed(
            DockerCommand.inspect(
                containers: found.all.map(\.id),
                format: #"{{.Id}}\#t{{.Image}}\#t{{json .Config.Image}}\#t{{json .Config.Labels}}\#t{{json .Mounts}}"#))
        return FoundProject(
            containers: try DockerAnswer.rows(answer.text, columns: 5).compactMap { row in
                guard let one = found.all.first(where: { $0.id == row[0] }) else { return nil }
                let image = try DockerAnswer.json(row[2]).string, mounts = try DockerAnswer.json(row[4]).array
                return Container(
                    service: FormerProject.Service(
                        name: one.name, container: one.id, image: image ?? one.image, imageID: row[1],
                        isRunning: !one.isAtRest, wasHealthy: one.isRunningWell,
                        origin: FormerProject.Origin(labels: try DockerAnswer.json(row[3]))),
                    mounts: (mounts ?? []).compactMap { Mount($0) })
            })
    }
}

extension FoundProject.Mount {
    /// Such as `{"Type":"volume","Name":"shop_data","Destination":"/data"}`; nil for what holds no data.
    fileprivate init?(_ json: JSON) {
        guard let path = json["Destination"]?.string else { return nil }
        switch json["Type"]?.string {
        case "volume":
            guard let name = json["Name"]?.string else { return nil }
            self.init(source: name, path: path, isVolume: true)
        case "bind":
            guard let source = json["Source"]?.string else { return nil }
            self.init(source: source, path: path, isVolume: false)
        default: return nil
        }
    }
}

extension FormerProject.Origin {
    /// Compose 1.29 names its files relative to the directory, compose 2 from the root on.
    fileprivate init(labels: JSON) {
        func label(_ name: String) -> String? { labels["com.docker.compose.project." + name]?.string }
        let directory = FilePath(label("working_dir") ?? "/")
        func paths(_ names: String?) -> [FilePath] {
            (names ?? "").split(separator: ",").map { directory.pushing(FilePath(String($0))).lexicallyNormalized() }
        }
        self.init(
            directory: directory, files: paths(label("config_files")),
            environmentFiles: paths(label("environment_file") ?? ".env"))
    }
}

// MARK: - The plan

extension FoundProject {
    /// The changes that the first deployment of a stack makes to it, in the words of a plan.
    func changes(by stack: Stack, on machine: Machine) throws -> [String] {
        guard !containers.isEmpty else { return [] }
        let running = containers.count { $0.service.isRunning }, names = containers.map(\.service.name)
        let count = running == 0 ? containers.count : running
        var changes = [
            "takes over \(count) \(running == 0 ? "stopped" : "running") container\(count == 1 ? "" : "s") of the "
                + "project \(stack.name)" + volumes(of: stack)
        ]
        changes += containers.flatMap { container in
            container.mounts.compactMap { abandoned($0, of: container.service.name, by: stack) }
        }
        changes += names.duplicates.map { name in
            "\(name) runs \(names.count { $0 == name }) times, and once from now on"
        }
        let missing = try missingFiles(on: machine)
        if !missing.isEmpty {
            changes.append(
                "if this fails, the former containers cannot be created again: there is no file "
                    + missing.map(\.string).joined(separator: ", "))
        }
        return changes
    }

    /// The volumes that it has and the stack goes on using.
    private func volumes(of stack: Stack) -> String {
        let mounted = Set(containers.flatMap(\.mounts).filter(\.isVolume).map(\.source))
        let kept = stack.dataVolumes.map(\.source).filter(mounted.contains)
        guard !kept.isEmpty else { return "" }
        return " with the volume\(kept.count == 1 ? "" : "s") \(kept.joined(separator: ", "))"
    }

    /// Data that a container had at a path, and that the stack does not give to it there; nil if it does.
    private func abandoned(_ mount: Mount, of name: String, by stack: Stack) -> String? {
        guard let container = stack.container(named: name) else { return nil }
        let path = FilePath(mount.path), kind = mount.isVolume ? "the volume " : ""
        // A file of the project, such as a configuration, is replaced by another.
        if container.files.contains(where: { $0.path == path }) { return nil }
        if container.binds.contains(where: { $0.path == path && (mount.isVolume || $0.source.string == mount.source) })
        {
            return nil
        }
        if let volume = container.volumes.first(where: { $0.path == path }) {
            let present = stack.dataVolumes.first { $0.name == volume.name }?.source
            let isDirectory = present?.hasPrefix("/") == true
            return present == mount.source
                ? nil
                : "\(mount.path) of \(name) is in \(isDirectory ? "" : "the volume ")\(present ?? volume.name) from "
                    + "now on, not in \(mount.source), which is kept, unused"
        }
        // Docker makes a volume without a name for each VOLUME of an image; it stays with the container.
        if mount.isVolume, mount.source.utf8.count == 64, mount.source.utf8.allSatisfy(\.isLowercaseHexadecimalDigit) {
            return "\(mount.path) of \(name) was in a volume without a name, and begins empty"
        }
        return "\(mount.path) of \(name) is no longer in \(kind)\(mount.source), which is kept, unused"
    }

    /// The compose files without which its containers cannot be created again.
    private func missingFiles(on machine: Machine) throws -> [FilePath] {
        let files = Set(containers.flatMap(\.service.origin.files))
        return try files.filter { try machine.files.status(of: $0)?.kind != .file }.sorted { $0.string < $1.string }
    }
}
