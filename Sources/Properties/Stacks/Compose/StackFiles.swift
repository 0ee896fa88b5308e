/// The files of a stack on a machine: the compose file, the mounted files, and the variables with secrets.
struct StackFiles {
    let stack: Stack
    let machine: Machine
    /// The compose file.
    let text: String
    let snapshot: Snapshot

    init(_ context: StackContext) {
        stack = context.stack
        machine = context.machine
        snapshot = Snapshot(context)
        text = context.stack.composeText
    }

    /// The compose files of what is to run now.
    func composeFiles() throws -> [FilePath] {
        [stack.composeFile] + (try machine.files.status(of: stack.overrideFile) == nil ? [] : [stack.overrideFile])
    }

    // MARK: - Writing

    func writePlainFiles() throws {
        try createDirectory(stack.directory)
        for (path, file) in stack.plainFiles where try !isInPlace(file, at: path) {
            try createDirectory(path.removingLastComponent())
            try machine.files.replace(
                path, with: file.content.bytes ?? [], mode: file.mode.bits,
                owner: Owner(user: file.owner, group: file.owner)
            )
        }
    }

    /// - Parameter unchanged: the files that are known to be up to date: their plaintexts need not be here.
    func writeSecretFiles(except unchanged: Set<FilePath>) async throws {
        for file in stack.secretFiles where !unchanged.contains(file.path) {
            try createDirectory(file.path.removingLastComponent())
            try await file.withBytes(on: machine) { bytes in
                let found = try machine.files.status(of: file.path)
                var present = try machine.files.readIfPresent(file.path)
                defer { present?.wipe() }
                // A file with the same content is not replaced: it may be mounted.
                guard let found, present == bytes else {
                    return try machine.files.replace(file.path, with: bytes, mode: file.mode, owner: file.owner)
                }
                try machine.files.setOwner(file.owner, mode: file.mode, of: file.path, expecting: found)
            }
        }
        if !stack.secretFiles.contains(where: { $0.path == stack.overrideFile }) {
            try machine.files.remove(stack.overrideFile)
        }
    }

    func writeComposeFile() throws { try machine.files.replace(stack.composeFile, with: Array(text.utf8), mode: 0o600) }

    private func createDirectory(_ path: FilePath) throws { try machine.files.createDirectories(path, mode: 0o700) }

    // MARK: - Validation

    private var candidate: FilePath { stack.directory.appending(Self.candidates[0]) }
    private var overrideCandidate: FilePath { stack.directory.appending(Self.candidates[1]) }

    /// The names of the files that compose validates before they are put in place.
    static let candidates = [".candidate.yml", ".candidate.override.yml"]

    /// Has compose validate the new compose file, and the one with the secrets beside it.
    /// - Parameter unchanged: see ``writeSecretFiles(except:)``.
    func validate(with compose: ComposeCommand, except unchanged: Set<FilePath>) async throws {
        try machine.files.replace(candidate, with: Array(text.utf8), mode: 0o600)
        defer { try? machine.files.remove(candidate) }
        try await validate([candidate], with: compose)
        guard let override = stack.secretFiles.first(where: { $0.path == stack.overrideFile }) else { return }
        if unchanged.contains(override.path) { return try await validate([candidate, override.path], with: compose) }
        defer { try? machine.files.remove(overrideCandidate) }
        try await override.withBytes(on: machine) {
            try machine.files.replace(overrideCandidate, with: $0, mode: 0o600)
        }
        try await validate([candidate, overrideCandidate], with: compose)
    }

    private func validate(_ files: [FilePath], with compose: ComposeCommand) async throws {
        let command = compose.validate(files: files)
        let result = try await machine.run(command)
        guard !result.succeeded else { return }
        // Compose quotes what it rejects, and the second file contains secrets.
        let isSecret = files.count > 1
        throw Failure(
            "compose rejects the \(isSecret ? "variables with secrets" : "compose file") of \(stack.name)",
            command: command.description,
            ending: result.ending.description,
            output: isSecret ? [] : CommandFailure(command: command, result: result).lastLines,
            advice: isSecret
                ? "Nothing was changed. The message of compose is not shown, since it may quote a secret. Use a "
                    + "ConfigurationFile instead of the variable."
                : "Nothing was changed.")
    }

    // MARK: - Tidying up

    /// The names of the folders of mounted files.
    static let folders = ["files", "secrets"]

    var folders: [FilePath] { Self.folders.map { stack.directory.appending($0) } }

    /// The files that a run has left behind that was killed after its version had become healthy.
    func leftovers(besides snapshots: [StackRecord.SnapshotReference]) throws -> [FilePath] {
        let used = Set(stack.plainFiles.map(\.path) + stack.secretFiles.map(\.path))
        return try unused(besides: snapshots)
            + folders.flatMap { try machine.files.files(below: $0) }.filter {
                !used.contains($0) && Self.isReplaceable($0)
            }
    }

    /// The files that no version needs.
    private func unused(besides snapshots: [StackRecord.SnapshotReference]) throws -> [FilePath] {
        let temporary = [candidate, overrideCandidate, stack.directory.appending(Snapshot.formerFolderName)]
        return try snapshot.outdated(except: snapshots)
            + temporary.filter { try machine.files.status(of: $0) != nil }
    }

    /// Removes what is unused once a version is healthy, or was rolled back to.
    /// - Parameters:
    ///   - snapshot: the snapshot of that version.
    ///   - former: that of the version before, if that may be needed again; nil by default.
    func removeUnused(
        besides snapshot: StackRecord.SnapshotReference, _ former: StackRecord.SnapshotReference? = nil
    ) throws {
        try unused(besides: [snapshot] + [former].compactMap(\.self)).forEach(machine.files.removeTree)
        let used = Set(try self.snapshot.paths(in: snapshot))
        for folder in folders {
            try machine.files.removeFiles(below: folder) { !used.contains($0) && Self.isReplaceable($0) }
        }
    }
}
