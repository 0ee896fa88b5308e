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

    /// Something in the directory, and the property that it is.
    private struct Member {
        let path: FilePath
        let kind: FileStatus.Kind
        let property: any Property
    }

    /// The members of the directory, parents before what is in them.
    private func members(in repository: RepositoryManifest) -> [Member] {
        guard let tree else { return [] }
        let content = repository.tree(tree.source), root = path.lexicallyNormalized()
        func below(_ name: String) -> FilePath { root.pushing(FilePath(name)) }
        var members: [Member] = []
        for name in content.directories {
            let directory = Directory(below(name), mode: mode, owner: owner, group: group)
            members.append(Member(path: directory.path, kind: .directory, property: directory))
        }
        for (name, source) in content.files.sorted(by: { $0.key < $1.key }) {
            let file = File(
                below(name), from: "\(tree.source.path)/\(name)",
                mode: tree.fileMode.executable(if: source.isExecutable), owner: owner, group: group)
            members.append(Member(path: file.path, kind: .file, property: file))
        }
        for (name, destination) in content.links.sorted(by: { $0.key < $1.key }) {
            let link = SymbolicLink(below(name), to: destination)
            members.append(Member(path: link.path, kind: .link, property: link))
        }
        return members
    }

    /// The claims on the files, so that another property that decides about one of them is a conflict.
    public func claims(in repository: RepositoryManifest) -> [Claim] {
        members(in: repository).flatMap { $0.property.claims }
    }

    // MARK: - Check and apply

    func checkTree(on machine: Machine) async throws -> Check {
        let repository = machine.repository.manifest, members = members(in: repository)
        var changes = TreeChanges(
            of: path, files: tree?.fileMode ?? 0o644, directories: mode, owner: owner, group: group)
        let unwanted = try unwanted(beside: members, on: machine), replaced = Set(unwanted)
        for path in unwanted { changes.add(path, .unmet("remove")) }
        changes.add(path, try await checkItself(on: machine))
        for member in members {
            guard !replaced.contains(member.path) else {
                let contents = member.property.sources.compactMap { repository.files[$0.path] }
                changes.add(member.path, .unmet("create", contents: contents))
                continue
            }
            changes.add(member.path, try await member.property.check(on: machine))
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
        for member in members where try await member.property.check(on: machine) != .satisfied {
            try Task.checkCancellation()
            try await member.property.apply(on: machine)
        }
    }

    // MARK: - Purge and revert

    /// The paths of everything that must go, each directory after what is in it.
    /// - Throws: ``Failure`` if a device, a socket or a mounted file system is among it.
    private func unwanted(beside members: [Member], on machine: Machine) throws -> [FilePath] {
        guard let tree, tree.isPurged, try machine.files.status(of: path)?.kind == .directory else { return [] }
        let kinds = Dictionary(members.map { ($0.path.string, $0.kind) }, uniquingKeysWith: { $1 })
        var found: [FilePath] = []
        func search(_ directory: FilePath) throws {
            for name in try machine.files.list(directory) {
                let path = directory.appending(name)
                if tree.spared.contains(path.string) { continue }
                guard let kind = try machine.files.status(of: path)?.kind else { continue }
                if kind == .directory { try search(path) }
                let leadsToSpared = tree.spared.contains { $0.hasPrefix(path.string + "/") }
                if kinds[path.string] == kind || leadsToSpared { continue }
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
