extension FormerProject {
    /// The directory of the copies, readable by root alone: compose files contain passwords.
    private static func folder(of stack: Stack) -> FilePath { stack.record("former") }

    /// Records a project as it is, and copies its compose files.
    /// - Parameter former: what an earlier attempt has recorded. Containers that were started again name the copies of
    ///   that time as their compose files.
    /// - Returns: nil if no container of the project exists.
    static func take(
        _ found: FoundProject, after former: FormerProject?, of stack: Stack, on machine: Machine
    ) throws -> FormerProject? {
        guard !found.containers.isEmpty else { return nil }
        let originals = Dictionary((former?.copies ?? []).map { ($0.copy, $0.original) }) { first, _ in first }
        var contents: [(original: FilePath, bytes: [UInt8])] = []
        defer { for index in contents.indices { contents[index].bytes.wipe() } }
        func take(_ path: FilePath) throws -> FilePath {
            let original = originals[path] ?? path
            if !contents.contains(where: { $0.original == original }),
                try machine.files.status(of: path)?.kind == .file
            {
                contents.append((original, try machine.files.read(path)))
            }
            return original
        }
        var project = FormerProject(services: found.containers.map(\.service), restarted: former?.restarted)
        for index in project.services.indices {
            let origin = project.services[index].origin
            project.services[index].origin.files = try origin.files.map(take)
            project.services[index].origin.environmentFiles = try origin.environmentFiles.map(take)
        }
        // Under other names than those of an earlier attempt: its copies count until the record names these.
        let folder = folder(of: stack).appending(escaping: machine.now.compact)
        try machine.files.createDirectories(folder, mode: 0o700)
        for (number, content) in contents.enumerated() {
            let name = "\(number)-\(content.original.lastComponent?.string ?? "")"
            let copy = folder.appending(escaping: name)
            try machine.files.replace(copy, with: content.bytes, mode: 0o600)
            project.copies.append(Copy(original: content.original, copy: copy, hash: SHA256.hash(content.bytes)))
        }
        return project
    }

    /// Removes the copies.
    static func removeCopies(of stack: Stack, on machine: Machine) throws {
        try machine.files.removeTree(folder(of: stack))
    }

    /// The compose files of an origin, as copies that nobody has changed.
    /// - Throws: ``Failure`` if one is missing.
    func copies(of origin: Origin, on machine: Machine) throws -> (files: [FilePath], environmentFiles: [FilePath]) {
        func intact(_ path: FilePath) throws -> FilePath? {
            guard let copy = copies.first(where: { $0.original == path }),
                try machine.files.status(of: copy.copy)?.kind == .file,
                try machine.files.hash(of: copy.copy) == copy.hash
            else { return nil }
            return copy.copy
        }
        let files = try origin.files.map { path in
            guard let copy = try intact(path) else { throw Failure("there is no copy of \(path), which made them") }
            return copy
        }
        guard !files.isEmpty else { throw Failure("docker does not say which compose file they were created from") }
        return (files, try origin.environmentFiles.compactMap(intact))
    }
}
