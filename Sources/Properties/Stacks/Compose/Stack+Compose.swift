extension Stack {
    /// The declared networks, and one for each container that others depend on: it connects each of them with that
    /// container, but not with the others.
    var usedNetworks: [Network] {
        let needed = Set(containers.flatMap(\.dependencies).map(\.name))
        return networks + containers.filter { needed.contains($0.name) }.map { Network($0.name) }
    }

    /// The networks of a container. None means the default network of compose, which all such containers share.
    func networks(of container: Container) -> [String] {
        let needed = containers.contains { $0.dependencies.contains { $0.name == container.name } }
        let joined = container.networks.map { join in networks.first { $0.name == join.network }?.key ?? join.network }
        return joined + (needed ? [container.name] : []) + container.dependencies.map(\.name)
    }

    var composeFile: FilePath { directory.appending("docker-compose.yml") }

    /// The path on the machine of a file that is mounted into a container.
    ///
    /// A file without secrets has another path when its content changes: so compose recreates the container, and what
    /// the previous one has mounted stays as it was.
    func path(of file: ConfigurationFile, in container: Container) -> FilePath {
        let identity =
            file.content.bytes.map { "\(file.path) \(file.mode) \(file.owner)\n" + SHA256.hash($0) }
            ?? "\(file.path)"
        let name = FilePath.Component(escaping: file.path.lastComponent?.string ?? "")
        return directory.appending(file.content.secrets.isEmpty ? "files" : "secrets").appending(container.name)
            .appending("\(name.string)-\(SHA256.hash(Array(identity.utf8)).prefix(12))")
    }
}
