/// The backups of a stack that only a repository elsewhere has are here: the newest ones that are not.
struct BackupsFetched: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// Identifies this request, such as the time: a repository is asked once for it.
    let request: String

    var name: String { "backups of \(stack.name) from elsewhere" }

    private var folder: FilePath { stack.backups.appending(Self.folderName) }
    /// Hidden, so that it is not taken for a backup.
    static let folderName = ".fetched"

    private var record: FilePath { stack.record("fetched") }

    /// - Throws: ``Failure`` if a repository is not set up.
    func check(on machine: Machine) async throws -> Check {
        // A power cut may have kept the record and lost the removal.
        if try machine.files.readIfPresent(record) == Array("\(request)\n".utf8) {
            let isClean = try machine.files.status(of: folder) == nil
            return isClean ? .satisfied : .unmet("remove what an interrupted fetch has left")
        }
        for repository in stack.backupCopies where try machine.files.status(of: repository.command) == nil {
            throw Failure(
                "\(repository.unit) is not set up on this machine",
                advice: "Deploy the host first, then fetch the backups.")
        }
        let units = stack.backupCopies.map(\.unit).joined(separator: " or ")
        return .unmet("fetch the newest backups of \(units) that are not here")
    }

    func apply(on machine: Machine) async throws {
        try await removeFolder(on: machine)
        var hasBackups = false
        for repository in stack.backupCopies where try await fetch(from: repository, on: machine) { hasBackups = true }
        guard hasBackups else {
            throw Failure(
                "\(stack.backupCopies.map(\.unit).joined(separator: " and ")) has no backup of \(stack.name) that this "
                    + "machine has made",
                advice: "`propel backup list` shows those that are here.")
        }
        try machine.files.replacePrivate(record, with: Array("\(request)\n".utf8))
    }

    /// - Returns: whether the repository has backups of the stack.
    private func fetch(from repository: RepositoryBackup, on machine: Machine) async throws -> Bool {
        try machine.files.createDirectories(stack.backups, mode: 0o700)
        let present = Set(try machine.files.list(stack.backups))
        var hasBackups = false
        for snapshot in try await repository.snapshots(on: machine) {
            machine.showProgress("looking into \(snapshot)")
            let names = try await repository.names(in: stack.backups, of: snapshot, on: machine).filter(Backup.isID)
            if !names.isEmpty { hasBackups = true }
            let missing = names.filter { !present.contains($0) }
            // A machine in place of a lost one has made snapshots without them.
            guard !missing.isEmpty else { continue }
            try await fetch(missing, of: snapshot, from: repository, on: machine)
            return true
        }
        return hasBackups
    }

    private func fetch(
        _ ids: [String], of snapshot: String, from repository: RepositoryBackup, on machine: Machine
    ) async throws {
        machine.showProgress("fetching \(ids.joined(separator: ", "))")
        try machine.files.createDirectory(folder, mode: 0o700, owner: .root)
        do {
            try await repository.restore(
                ids.map { stack.backups.appending($0) }, of: snapshot, below: folder, on: machine)
            for id in ids { try await take(id, on: machine) }
        } catch {
            throw await error.after { try await removeFolder(on: machine) }
        }
        try await removeFolder(on: machine)
    }

    private func removeFolder(on machine: Machine) async throws {
        if try machine.files.status(of: folder) != nil { try await StackBackups.remove([folder], on: machine) }
    }

    /// Makes a restored directory one of the backups.
    private func take(_ id: String, on machine: Machine) async throws {
        let place = folder.appending(stack.backups.components).appending(id)
        let backup = try StackBackups.read(id, of: stack, in: place, on: machine)
        // The machine that made it may have tested it before it was copied.
        try StackBackups.refuseOtherFiles(
            in: place, than: backup.files.map(\.name) + ["backup.json", RestoreTestResult.fileName], on: machine)
        try await StackBackups.verify(backup, in: place, of: stack, on: machine)
        try await StackBackups.publish(place, as: stack.backups.appending(id), of: stack, on: machine)
    }
}
