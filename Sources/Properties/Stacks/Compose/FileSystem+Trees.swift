extension FileSystem {
    /// Copies a file, or a directory with its content. A file with the same content is not replaced: it may be mounted.
    /// - Throws: ``Failure`` if there is something that is neither.
    func copyTree(_ source: FilePath, to destination: FilePath) throws {
        guard let status = try status(of: source) else { return }
        switch status.kind {
        case .directory:
            try createDirectories(destination, mode: 0o700)
            for name in try list(source) { try copyTree(source.appending(name), to: destination.appending(name)) }
        case .file:
            let found = try self.status(of: destination)
            guard let found, found.kind == .file, found.size == status.size,
                try hash(of: destination) == hash(of: source)
            else {
                return try replace(destination, withCopyOf: source, mode: status.mode, owner: status.owner)
            }
            try setOwner(status.owner, mode: status.mode, of: destination, expecting: found)
        case .link, .other:
            throw Failure(
                "\(source) is neither a file nor a directory: Propel did not create it",
                advice: "Remove it, then run again.")
        }
    }

    /// Removes a file, or a directory with its content.
    func removeTree(_ path: FilePath) throws {
        try removeFiles(below: path) { _ in true }
        try remove(path)
    }

    /// Removes the files below a directory that meet a condition, and the directories that are empty then.
    func removeFiles(below directory: FilePath, where isUnwanted: (FilePath) -> Bool) throws {
        guard try status(of: directory)?.kind == .directory else { return }
        for name in try list(directory) {
            let path = directory.appending(name)
            if try status(of: path)?.kind == .directory {
                try removeFiles(below: path, where: isUnwanted)
                if try list(path).isEmpty { try remove(path) }
            } else if isUnwanted(path) {
                try remove(path)
            }
        }
    }

    /// The files below a directory, at any depth.
    func files(below directory: FilePath) throws -> [FilePath] {
        guard try status(of: directory)?.kind == .directory else { return [] }
        return try list(directory).flatMap { name in
            let path = directory.appending(name)
            return try status(of: path)?.kind == .directory ? try files(below: path) : [path]
        }
    }
}
