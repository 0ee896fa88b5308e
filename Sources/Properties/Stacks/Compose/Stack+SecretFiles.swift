extension Stack {
    /// The file of the variables, labels and words with secrets. Compose also reads it when somebody runs it by hand.
    var overrideFile: FilePath { directory.appending("docker-compose.override.yml") }

    /// The files with secrets in the order of the containers, that of what the compose file leaves out last.
    var secretFiles: [SecretFile] {
        var files: [SecretFile] = []
        var keys: [SecretKeys] = []
        for container in containers {
            for file in container.files where !file.content.secrets.isEmpty {
                files.append(
                    SecretFile(
                        path: path(of: file, in: container), kind: .mounted(file.content, container: container.name),
                        mode: file.mode.bits,
                        owner: Owner(user: file.owner, group: file.owner)))
            }
            let own = container.secretKeys
            if !own.isEmpty { keys.append(own) }
        }
        if !keys.isEmpty {
            files.append(SecretFile(path: overrideFile, kind: .keys(keys), mode: 0o600, owner: .root))
        }
        return files
    }

    /// The mounted files without secrets, with their paths on the machine.
    var plainFiles: [(path: FilePath, file: ConfigurationFile)] {
        containers.flatMap { container in
            container.files.filter(\.content.secrets.isEmpty).map { (path(of: $0, in: container), $0) }
        }
    }

    /// A hash of everything that is described, without the plaintext of a secret.
    var version: String {
        let secrets = secretFiles.map { "\($0.path) \(octal($0.mode)) \($0.owner.user)\n\($0.form)" }
        return SHA256.hash(
            Array(([ComposeFile(stack: self).text, "\(dataFormat)"] + secrets).joined(separator: "\n\n").utf8))
    }
}
