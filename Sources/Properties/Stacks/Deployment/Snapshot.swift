/// The snapshot of the files of the last healthy version: what a rollback restores.
///
/// It is taken when the version has become healthy. The files beside the containers may be edited later; the record
/// of the stack has the hash of the snapshot, so a rollback restores nothing else. Each snapshot has its own name,
/// and the record says which one counts: a run that is killed at any point leaves the previous one intact, or the new
/// one.
struct Snapshot {
    let stack: Stack
    let machine: Machine

    init(_ context: StackContext) {
        stack = context.stack
        machine = context.machine
    }

    static let folderName = "good"
    /// Where an earlier version of Propel kept the snapshot.
    static let formerFolderName = "previous"

    private var folder: FilePath { stack.directory.appending(Self.folderName) }
    private func directory(of snapshot: StackRecord.SnapshotReference) -> FilePath {
        folder.appending(escaping: snapshot.name)
    }

    /// Copies what was deployed: files without secrets as they are described, the others from where they were just
    /// written.
    func take() throws -> StackRecord.SnapshotReference {
        let files = machine.files
        let taken = try files.status(of: folder) == nil ? [] : try files.list(folder)
        var snapshot = StackRecord.SnapshotReference(name: machine.now.name(besides: taken), hash: "")
        let directory = directory(of: snapshot)
        try files.createDirectories(directory, mode: 0o700)
        for (path, file) in stack.plainFiles {
            let destination = try destination(of: path, in: directory)
            try files.replace(
                destination, with: file.content.bytes ?? [], mode: file.mode.bits,
                owner: Owner(user: file.owner, group: file.owner))
        }
        for file in stack.secretFiles {
            try files.copyTree(file.path, to: try destination(of: file.path, in: directory))
        }
        try files.replace(
            try destination(of: stack.composeFile, in: directory), with: Array(stack.composeText.utf8), mode: 0o600)
        snapshot.hash = try hash(of: directory)
        return snapshot
    }

    /// The path in a snapshot of a file of the stack. Its directory exists afterwards.
    private func destination(of path: FilePath, in directory: FilePath) throws -> FilePath {
        let destination = directory.appending(path.components.dropFirst(stack.directory.components.count))
        try machine.files.createDirectories(destination.removingLastComponent(), mode: 0o700)
        return destination
    }

    /// Whether a snapshot is as it was taken.
    func isIntact(_ snapshot: StackRecord.SnapshotReference) throws -> Bool {
        try hash(of: directory(of: snapshot)) == snapshot.hash
    }

    private func hash(of directory: FilePath) throws -> String {
        let lines = try machine.files.files(below: directory).map { path in
            guard let status = try machine.files.status(of: path), status.kind == .file else {
                return "\(path) is no file"
            }
            let hash = try machine.files.hash(of: path)
            let name = path.components.dropFirst(directory.components.count).map(\.string).joined(separator: "/")
            return "\(name) \(octal(status.mode)) \(status.owner.user) \(status.owner.group) \(hash)"
        }
        return SHA256.hash(Array(lines.sorted().joined(separator: "\n").utf8))
    }

    /// Copies the files back to their places, and removes the variables with secrets if the version had none.
    func restore(_ snapshot: StackRecord.SnapshotReference) throws {
        let directory = directory(of: snapshot), override = try destination(of: stack.overrideFile, in: directory)
        if try machine.files.status(of: override) == nil { try machine.files.remove(stack.overrideFile) }
        try machine.files.copyTree(directory, to: stack.directory)
    }

    /// The paths, in the directory of the stack, of the files of a snapshot.
    func paths(in snapshot: StackRecord.SnapshotReference) throws -> [FilePath] {
        let directory = directory(of: snapshot)
        return try machine.files.files(below: directory).map {
            stack.directory.appending($0.components.dropFirst(directory.components.count))
        }
    }

    /// The directories of the snapshots that no longer count, or never did.
    func outdated(except snapshots: [StackRecord.SnapshotReference]) throws -> [FilePath] {
        guard try machine.files.status(of: folder)?.kind == .directory else { return [] }
        let needed = snapshots.map(directory)
        return try machine.files.list(folder).map { folder.appending($0) }.filter { !needed.contains($0) }
    }
}
