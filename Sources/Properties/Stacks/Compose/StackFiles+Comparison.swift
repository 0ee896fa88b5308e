extension StackFiles {
    /// The changes of the compose file and of the files without secrets.
    func differences() throws -> [String] {
        var reasons: [String] = []
        let present = try machine.files.readIfPresent(stack.composeFile)
        if present != Array(text.utf8) {
            reasons.append(present == nil ? "no compose file yet" : "the compose file changes")
        }
        for (path, file) in stack.plainFiles where try !isInPlace(file, at: path) {
            reasons.append("write \(path) (\(file.path))")
        }
        return reasons
    }

    func composeDiff() throws -> Diff? {
        let present = try machine.files.readIfPresent(stack.composeFile) ?? []
        guard present != Array(text.utf8) else { return nil }
        // A file of somebody else may be confidential.
        let isOwn = present.isEmpty || ComposeFile.stack(in: present) != nil
        return isOwn ? Diff(from: present, to: Array(text.utf8)) : Diff(private: present, Array(text.utf8))
    }

    func isInPlace(_ file: ConfigurationFile, at path: FilePath) throws -> Bool {
        guard let status = try machine.files.status(of: path), status.kind == .file, status.mode == file.mode.bits,
            status.owner == Owner(user: file.owner, group: file.owner)
        else { return false }
        return try machine.files.compare(path, with: file.content.bytes ?? []).isSame
    }

    struct Comparison {
        var different: [SecretFile] = []
        var unknown: [SecretFile] = []
        /// Completes the sentence “cannot tell until …”; nil if no file is unknown.
        var until: String?
    }

    /// Compares the files with secrets, as far as this is possible without plaintexts.
    func compareSecrets() async throws -> Comparison {
        var comparison = Comparison()
        for file in stack.secretFiles {
            guard let status = try machine.files.status(of: file.path), status.kind == .file, status.mode == file.mode,
                status.owner == file.owner
            else {
                comparison.different.append(file)
                continue
            }
            var present = try machine.files.read(file.path)
            defer { present.wipe() }
            do {
                if try await !file.matches(present, on: machine) { comparison.different.append(file) }
            } catch let error as Undetermined {
                comparison.unknown.append(file)
                comparison.until = error.until
            }
        }
        return comparison
    }

    /// The paths of the files with secrets that are known to be up to date.
    func unchangedSecretFiles() async throws -> Set<FilePath> {
        let compared = try await compareSecrets()
        return Set(stack.secretFiles.map(\.path)).subtracting((compared.different + compared.unknown).map(\.path))
    }

    /// The hash of the present files with secrets that each container has mounted, by the names of the containers.
    func secretHashes() throws -> [String: String] {
        var lines: [String: String] = [:]
        for file in stack.secretFiles {
            guard case .mounted(_, let container) = file.kind else { continue }
            var bytes = try machine.files.readIfPresent(file.path) ?? []
            defer { bytes.wipe() }
            lines[container, default: ""] += "\(file.path) \(SHA256.hash(bytes))\n"
        }
        return lines.mapValues { SHA256.hash(Array($0.utf8)) }
    }

    /// A hash of what compose creates each container from, beside its image: its part of the compose file, and the file
    /// of what has secrets if it is in that. By the names of the containers.
    func descriptions() throws -> [String: String] {
        var variables = try machine.files.readIfPresent(stack.overrideFile) ?? []
        defer { variables.wipe() }
        let hash = SHA256.hash(variables), file = ComposeFile(stack: stack)
        return Dictionary(
            stack.containers.map { container in
                let text = file.text(of: container) + (container.secretKeys.isEmpty ? "" : hash)
                return (container.name, SHA256.hash(Array(text.utf8)))
            }
        ) { first, _ in first }
    }

    /// The names of the containers with a mounted file that is not as it was: they still see the former file, and the
    /// new one gets the same name.
    func changedMounts() throws -> [String] {
        try stack.containers.filter { container in
            try container.files.contains { file in
                let path = stack.path(of: file, in: container)
                guard file.content.secrets.isEmpty, try machine.files.status(of: path) != nil else { return false }
                return try !isInPlace(file, at: path)
            }
        }.map(\.name)
    }
}
