/// The files of a stack on a machine: the compose file, what is mounted, and the variables with secrets.
struct StackFiles {
    let stack: Stack
    let machine: Machine
    private let text: String

    init(_ stack: Stack, on machine: Machine) throws {
        self.stack = stack
        self.machine = machine
        text = ComposeFile(stack: stack).text
    }

    // MARK: - What differs

    /// Of the files without secrets, in words.
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
        // What somebody else has written there may be for nobody to read.
        let isOwn = present.isEmpty || String(decoding: present.prefix(12), as: UTF8.self) == "# The stack "
        return isOwn ? Diff(from: present, to: Array(text.utf8)) : Diff(private: present, Array(text.utf8))
    }

    private func isInPlace(_ file: ConfigurationFile, at path: FilePath) throws -> Bool {
        guard let status = try machine.files.status(of: path), status.kind == .file, status.mode == file.mode,
            status.owner == Owner(user: file.owner, group: file.owner)
        else { return false }
        return try machine.files.read(path) == file.content.bytes
    }

    struct Comparison {
        var different: [SecretFile] = []
        var unknown: [SecretFile] = []
        /// Completes the sentence “cannot tell until …”; nil where all can be told.
        var until: String?
    }

    /// How the files with secrets differ from what they are to be, as far as can be told without plaintexts.
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

    /// The places of those that are known to be as they are to be.
    func unchangedSecretFiles() async throws -> Set<FilePath> {
        let compared = try await compareSecrets()
        return Set(stack.secretFiles.map(\.path)).subtracting((compared.different + compared.unknown).map(\.path))
    }

    /// By the names of the containers, the hash of the files with secrets that each has mounted, as they are on the disk.
    func secretHashes() throws -> [String: String] {
        var texts: [String: String] = [:]
        for file in stack.secretFiles {
            guard case .mounted(_, let container) = file.kind else { continue }
            var bytes = try machine.files.readIfPresent(file.path) ?? []
            defer { bytes.wipe() }
            texts[container, default: ""] += "\(file.path) \(SHA256.hash(bytes))\n"
        }
        return texts.mapValues { SHA256.hash(Array($0.utf8)) }
    }

    /// The names of the containers that have a file mounted which is not as it was: under the same name it is another file from now on,
    /// and the container has the former one.
    func changedMounts() throws -> [String] {
        try stack.containers.filter { container in
            try container.files.contains { file in
                let path = stack.path(of: file, in: container)
                guard file.content.secrets.isEmpty, try machine.files.status(of: path) != nil else { return false }
                return try !isInPlace(file, at: path)
            }
        }.map(\.name)
    }

    /// - Parameter isFirst: whether nothing of it was ever deployed here.
    /// - Throws: ``Failure`` where its directory is somebody else's: what is there would be lost, or who owns it could change what root runs.
    func refuseForeign(isFirst: Bool) throws {
        if let above = try machine.files.directoryWritableByOthers(above: stack.directory) {
            throw Failure(
                "\(above) is not root's alone: who may write there could put another directory in the place of \(stack.directory), from which root starts containers",
                advice: "Give it to root, mode 0755, or give the stack another directory: Stack(…, directory: …).")
        }
        guard let status = try machine.files.status(of: stack.directory) else { return }
        guard status.kind == .directory, status.owner == .root, status.mode & 0o022 == 0 else {
            throw Failure(
                "\(stack.directory) is not root's alone, and the stack \(stack.name) is to be there",
                advice: "Give it to root, mode 0700, or give the stack another directory: Stack(…, directory: …).")
        }
        guard isFirst else { return }
        let others = try machine.files.list(stack.directory).filter {
            !["files", "secrets", ".candidate.yml", ".candidate.override.yml"].contains($0)
                && !FilePath($0).isStagingPath
        }
        let isOnlyOwn = try ["files", "secrets"].allSatisfy { try isOwn(below: stack.directory.appending($0)) }
        guard others.isEmpty, isOnlyOwn else {
            throw Failure(
                "there is something in \(stack.directory) already, which Propel has not put there: \(try machine.files.list(stack.directory).joined(separator: ", "))",
                advice:
                    "Move it away, or give the stack another directory: Stack(…, directory: …). Its volumes can stay: they are found by their names."
            )
        }
    }

    /// Whether all files below have names of the kind that this gives them: NAME-0123456789ab.
    private func isOwn(below directory: FilePath) throws -> Bool {
        guard let status = try machine.files.status(of: directory) else { return true }
        guard status.kind == .directory else { return Self.isOwnKind(directory) }
        return try machine.files.list(directory).allSatisfy { try isOwn(below: directory.appending($0)) }
    }

    /// Whether a file is of no use in one of its folders unless something names it.
    private static func isOwnKind(_ path: FilePath) -> Bool {
        hasOwnName(path) || path.isStagingPath
    }

    private static func hasOwnName(_ path: FilePath) -> Bool {
        guard let hash = path.lastComponent?.string.split(separator: "-").last else { return false }
        return hash.utf8.count == 12
            && hash.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    // MARK: - Writing

    func writePlainFiles() throws {
        try makeDirectory(stack.directory)
        for (path, file) in stack.plainFiles where try !isInPlace(file, at: path) {
            try makeDirectory(path.removingLastComponent())
            try machine.files.replace(
                path, with: file.content.bytes ?? [], mode: file.mode, owner: Owner(user: file.owner, group: file.owner)
            )
        }
    }

    /// - Parameter same: those that are known to be as they are to be: their plaintexts need not be here.
    func writeSecretFiles(except same: Set<FilePath>) async throws {
        for file in stack.secretFiles where !same.contains(file.path) {
            try makeDirectory(file.path.removingLastComponent())
            try await file.withBytes(on: machine) { bytes in
                var present = try machine.files.readIfPresent(file.path)
                defer { present?.wipe() }
                // One that stays the same is not made anew: it may be mounted.
                guard present == bytes else {
                    return try machine.files.replace(file.path, with: bytes, mode: file.mode, owner: file.owner)
                }
                try machine.files.setOwner(file.owner, of: file.path)
                try machine.files.setMode(file.mode, of: file.path)
            }
        }
        if !stack.secretFiles.contains(where: { $0.path == stack.overrideFile }) {
            try machine.files.remove(stack.overrideFile)
        }
    }

    func writeComposeFile() throws { try machine.files.replace(stack.composeFile, with: Array(text.utf8), mode: 0o600) }

    private var candidate: FilePath { stack.directory.appending(".candidate.yml") }
    private var overrideCandidate: FilePath { stack.directory.appending(".candidate.override.yml") }

    /// Has compose itself look at the new file, and at the one with the secrets beside it.
    /// - Parameter same: see ``writeSecretFiles(except:)``.
    func validate(with compose: Compose, except same: Set<FilePath>) async throws {
        try machine.files.replace(candidate, with: Array(text.utf8), mode: 0o600)
        defer { try? machine.files.remove(candidate) }
        try await validate([candidate], with: compose)
        guard let override = stack.secretFiles.first(where: { $0.path == stack.overrideFile }) else { return }
        if same.contains(override.path) { return try await validate([candidate, override.path], with: compose) }
        defer { try? machine.files.remove(overrideCandidate) }
        try await override.withBytes(on: machine) {
            try machine.files.replace(overrideCandidate, with: $0, mode: 0o600)
        }
        try await validate([candidate, overrideCandidate], with: compose)
    }

    private func validate(_ files: [FilePath], with compose: Compose) async throws {
        let command = compose.command(["config", "--quiet"], files: files)
        let result = try await machine.run(command)
        guard !result.succeeded else { return }
        // Compose cites what it does not take, and there are secrets in the second file.
        let isSecret = files.count > 1
        throw Failure(
            "compose does not accept the \(isSecret ? "variables with secrets" : "file") of the stack \(stack.name)",
            command: command.description,
            ending: result.ending.description,
            output: isSecret ? [] : CommandFailure(command: command, result: result).lastLines,
            advice: isSecret
                ? "Nothing was changed. What compose said is not shown, since it may cite a secret. Give the container a ConfigurationFile in the place of the variable."
                : "Nothing was changed.")
    }

    private func makeDirectory(_ path: FilePath) throws { try machine.files.createDirectories(path, mode: 0o700) }

    // MARK: - The way back

    var snapshot: Snapshot { Snapshot(stack: stack, machine: machine) }

    private var folders: [FilePath] { ["files", "secrets"].map { stack.directory.appending($0) } }

    /// Where compose reads what is to run now.
    func described() throws -> [FilePath] {
        [stack.composeFile] + (try machine.files.status(of: stack.overrideFile) == nil ? [] : [stack.overrideFile])
    }

    /// What a run that was cut after its version had become good has left behind.
    func leftovers(besides snapshot: StackRecord.SnapshotReference?) throws -> [FilePath] {
        let used = Set(stack.plainFiles.map(\.path) + stack.secretFiles.map(\.path))
        return try unused(besides: snapshot)
            + folders.flatMap { try machine.files.files(below: $0) }.filter { !used.contains($0) && Self.isOwnKind($0) }
    }

    /// What is needed by no version.
    private func unused(besides snapshot: StackRecord.SnapshotReference?) throws -> [FilePath] {
        // Where the copy was before it was kept for good.
        let temporary = [candidate, overrideCandidate, stack.directory.appending("previous")]
        return try self.snapshot.others(than: snapshot) + temporary.filter { try machine.files.status(of: $0) != nil }
    }

    /// Removes what is of no use once a version is good, or is back.
    func removeUnused(besides snapshot: StackRecord.SnapshotReference) throws {
        try unused(besides: snapshot).forEach(machine.files.removeTree)
        let used = Set(try self.snapshot.places(in: snapshot))
        for folder in folders {
            try machine.files.removeFiles(below: folder) { !used.contains($0) && Self.isOwnKind($0) }
        }
    }
}
