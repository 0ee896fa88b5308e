extension Directory {
    /// The files of a directory that come from the repository.
    public struct Tree: Sendable {
        public let source: RepositoryDirectory
        /// The permission bits of files that are not executable in the repository.
        public let fileMode: FileMode
        /// Whether everything else is removed.
        public let isPurged: Bool
        /// The paths below the directory that other properties of the host declare.
        var spared: Set<String> = []

        init(source: RepositoryDirectory, fileMode: FileMode, isPurged: Bool) {
            self.source = source
            self.fileMode = fileMode
            self.isPurged = isPurged
        }

        var words: String { ", files \(fileMode) from \(source.path)" + (isPurged ? ", nothing else" : "") }
    }

    /// The properties of what is in the directory, parents before what is in them.
    private struct Members {
        var directories: [Directory] = []
        var files: [File] = []
        var links: [SymbolicLink] = []
        /// The normal paths of all of them, with their kinds.
        var kinds: [String: FileStatus.Kind] = [:]
    }

    private func members(in repository: RepositoryManifest) -> Members {
        guard let tree else { return Members() }
        let content = repository.tree(tree.source), root = path.lexicallyNormalized()
        func below(_ name: String) -> FilePath { root.pushing(FilePath(name)) }
        var members = Members()
        members.directories = content.directories.map { Directory(below($0), mode: mode, owner: owner, group: group) }
        members.files = content.files.keys.sorted().map { name in
            File(
                below(name), from: "\(tree.source.path)/\(name)",
                mode: tree.fileMode.executable(if: content.files[name]?.isExecutable == true), owner: owner,
                group: group)
        }
        members.links = content.links.sorted { $0.key < $1.key }.map { SymbolicLink(below($0.key), to: $0.value) }
        for directory in members.directories { members.kinds[directory.path.string] = .directory }
        for file in members.files { members.kinds[file.path.string] = .file }
        for link in members.links { members.kinds[link.path.string] = .link }
        return members
    }

    /// The claims on the files, so that another property that decides about one of them is a conflict.
    public func claims(in repository: RepositoryManifest) -> [Claim] {
        let members = members(in: repository)
        return members.directories.flatMap(\.claims) + members.files.flatMap(\.claims) + members.links.flatMap(\.claims)
    }

    // MARK: - Check and apply

    func checkTree(on machine: Machine) async throws -> Check {
        let repository = machine.repository.manifest, members = members(in: repository)
        var changes = TreeChanges(
            of: path, files: tree?.fileMode ?? 0o644, directories: mode, owner: owner, group: group)
        let unwanted = try unwanted(beside: members, on: machine), replaced = Set(unwanted)
        for path in unwanted { changes.add(path, .unmet("remove")) }
        changes.add(path, try await checkItself(on: machine))
        for directory in members.directories {
            guard !replaced.contains(directory.path) else {
                changes.add(directory.path, .unmet("create"))
                continue
            }
            changes.add(directory.path, try await directory.checkItself(on: machine))
        }
        for file in members.files {
            guard !replaced.contains(file.path) else {
                let contents = file.sources.compactMap { repository.files[$0.path] }
                changes.add(file.path, .unmet("create", contents: contents))
                continue
            }
            changes.add(file.path, try await file.check(on: machine))
        }
        for link in members.links {
            guard !replaced.contains(link.path) else {
                changes.add(link.path, .unmet("create"))
                continue
            }
            changes.add(link.path, try await link.check(on: machine))
        }
        return changes.check
    }

    func applyTree(on machine: Machine) async throws {
        let members = members(in: machine.repository.manifest)
        for path in try unwanted(beside: members, on: machine) {
            try machine.originals.keep(path)
            try machine.files.remove(path)
        }
        // Each is checked when its turn comes: a run that was cut has done some of it.
        if try await checkItself(on: machine) != .satisfied { try await applyItself(on: machine) }
        for directory in members.directories where try await directory.checkItself(on: machine) != .satisfied {
            try await directory.applyItself(on: machine)
        }
        for file in members.files where try await file.check(on: machine) != .satisfied {
            try Task.checkCancellation()
            try await file.apply(on: machine)
        }
        for link in members.links where try await link.check(on: machine) != .satisfied {
            try await link.apply(on: machine)
        }
    }

    // MARK: - Purge and revert

    /// The paths of everything that must go, each directory after what is in it.
    /// - Throws: ``Failure`` if a device, a socket or a mounted file system is among it.
    private func unwanted(beside members: Members, on machine: Machine) throws -> [FilePath] {
        guard let tree, tree.isPurged, try machine.files.status(of: path)?.kind == .directory else { return [] }
        var found: [FilePath] = []
        func search(_ directory: FilePath) throws {
            for name in try machine.files.list(directory) {
                let path = directory.appending(name)
                if tree.spared.contains(path.string) { continue }
                guard let kind = try machine.files.status(of: path)?.kind else { continue }
                if kind == .directory { try search(path) }
                let leadsToSpared = tree.spared.contains { $0.hasPrefix(path.string + "/") }
                if members.kinds[path.string] == kind || leadsToSpared { continue }
                guard kind != .other else {
                    throw Failure(
                        "\(path) is a special file, and everything that is not in \(tree.source.path) is removed",
                        advice: "Remove it by hand, or declare the directory without `purge`.")
                }
                found.append(path)
            }
        }
        try search(path.lexicallyNormalized())
        if !found.isEmpty { try Directory.Absent(path, recursive: true).refuseMounts(on: machine) }
        return found
    }

    /// The paths below the directory of which there is an original, parents before what is in them.
    func recordedPaths(on machine: Machine) throws -> [FilePath] {
        guard let tree else { return [] }
        let start = path.lexicallyNormalized().string + "/"
        return try machine.originals.paths.filter { path in
            path.string.hasPrefix(start)
                && !tree.spared.contains { path.string == $0 || path.string.hasPrefix($0 + "/") }
        }
    }

    /// Restores what was below the directory before.
    func restoreTree(on machine: Machine) throws {
        let paths = try recordedPaths(on: machine)
        for path in paths.reversed() where try machine.originals.wasAbsent(path) { try machine.originals.restore(path) }
        for path in paths { try machine.originals.restore(path) }
    }
}

extension Directory: HostDependent {
    /// Spares what other properties of the host declare in it.
    public func adapted(to steps: [Step]) -> Directory {
        guard tree != nil else { return self }
        let start = path.lexicallyNormalized().string + "/"
        let paths = steps.flatMap(\.claims).compactMap(\.path).map(\.string).filter { $0.hasPrefix(start) }
        return sparing(Set(paths))
    }
}
