extension Stack {
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
