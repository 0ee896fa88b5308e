/// The copy of the files of the version that was good last: what is put back where the next one does not do its work.
///
/// It is made when that version has become good. What lies beside the containers may be edited later; the record of the stack has the
/// hash of the snapshot, so only what was good then is put back. Each copy has a name of its own, and the record says which one counts:
/// a run that is cut at any point leaves the former one, or the new one, whole.
struct Snapshot {
    let stack: Stack
    let machine: Machine

    private var folder: FilePath { stack.directory.appending("good") }
    private func place(_ snapshot: StackRecord.SnapshotReference) -> FilePath {
        folder.appending(FilePath.Component(escaping: snapshot.name))
    }

    /// Copies what was deployed: what has no secrets as it is described, the rest from where it was just put.
    func make() throws -> StackRecord.SnapshotReference {
        let files = machine.files
        let taken = Set(try files.status(of: folder) == nil ? [] : try files.list(folder)), time = machine.now.compact
        let name =
            taken.contains(time) ? (2...).lazy.map { "\(time)-\($0)" }.first { !taken.contains($0) } ?? time : time
        var snapshot = StackRecord.SnapshotReference(name: name, hash: "")
        let place = place(snapshot)
        try files.createDirectories(place, mode: 0o700)
        for (path, file) in stack.plainFiles {
            let destination = try self.destination(of: path, below: place)
            try files.replace(
                destination, with: file.content.bytes ?? [], mode: file.mode,
                owner: Owner(user: file.owner, group: file.owner))
        }
        for file in stack.secretFiles {
            try files.copyTree(file.path, to: try destination(of: file.path, below: place))
        }
        try files.replace(
            try destination(of: stack.composeFile, below: place), with: Array(stack.composeText.utf8), mode: 0o600)
        snapshot.hash = try hash(of: place)
        return snapshot
    }

    /// Where the copy of a file of the stack is, in a directory that is there.
    private func destination(of path: FilePath, below place: FilePath) throws -> FilePath {
        let destination = place.appending(path.components.dropFirst(stack.directory.components.count))
        try machine.files.createDirectories(destination.removingLastComponent(), mode: 0o700)
        return destination
    }

    /// Whether it is there as it was made.
    func isIntact(_ snapshot: StackRecord.SnapshotReference) throws -> Bool {
        try hash(of: place(snapshot)) == snapshot.hash
    }

    private func hash(of place: FilePath) throws -> String {
        let lines = try machine.files.files(below: place).map { path in
            guard let status = try machine.files.status(of: path), status.kind == .file else {
                return "\(path) is no file"
            }
            var bytes = try machine.files.read(path)
            defer { bytes.wipe() }
            let name = path.components.dropFirst(place.components.count).map(\.string).joined(separator: "/")
            return "\(name) \(octal(status.mode)) \(status.owner.user) \(status.owner.group) \(SHA256.hash(bytes))"
        }
        return SHA256.hash(Array(lines.sorted().joined(separator: "\n").utf8))
    }

    /// Puts the files back in their places, and removes the variables with secrets where the version had none.
    func putBack(_ snapshot: StackRecord.SnapshotReference) throws {
        let place = place(snapshot), override = try destination(of: stack.overrideFile, below: place)
        if try machine.files.status(of: override) == nil { try machine.files.remove(stack.overrideFile) }
        try machine.files.copyTree(place, to: stack.directory)
    }

    /// The places of the files that it has, in the directory of the stack.
    func places(in snapshot: StackRecord.SnapshotReference) throws -> [FilePath] {
        let place = place(snapshot)
        return try machine.files.files(below: place).map {
            stack.directory.appending($0.components.dropFirst(place.components.count))
        }
    }

    /// The copies that do not count any more, or never did.
    func others(than snapshot: StackRecord.SnapshotReference?) throws -> [FilePath] {
        guard try machine.files.status(of: folder)?.kind == .directory else { return [] }
        return try machine.files.list(folder).map { folder.appending($0) }.filter { $0 != snapshot.map(place) }
    }
}
