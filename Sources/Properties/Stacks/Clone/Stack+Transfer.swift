extension Stack {
    /// The files of a copy that waits for another host, which go once that has them.
    func sending(_ id: String, to target: String, on machine: Machine) throws -> FileTransfer {
        let folder = CloneFolders.outgoing(to: target, of: self)
        guard (try? StackBackups.read(id, of: self, in: folder, on: machine)) != nil else {
            throw Failure(
                "there is no copy \(id.escaped) of the data of \(name) for \(target.escaped)", advice: "Run again.")
        }
        return FileTransfer(folder) { try await BackupJob.remove([folder], on: machine) }
    }

    /// Where a copy arrives that becomes a backup of this host's.
    func receiving(_ id: String, from origin: String, on machine: Machine) async throws -> FileTransfer {
        guard Backup.isID(id) else { throw Failure("“\(id.escaped)” is no name of a copy") }
        let folder = CloneFolders.incoming(id, of: self)
        // The link was lost after all had come.
        if try machine.files.status(of: backups.appending(id)) != nil { return .done }
        try machine.files.createDirectories(backups, mode: 0o700)
        // They fill the disk, and nothing goes on with them.
        try await BackupJob.remove(try CloneFolders.incoming(besides: id, of: self, on: machine), on: machine)
        return FileTransfer(folder) {
            do {
                try await take(id, in: folder, from: origin, on: machine)
            } catch {
                // Nothing that could go on from it.
                try await BackupJob.remove([folder], on: machine)
                throw error
            }
        }
    }

    private func take(_ id: String, in folder: FilePath, from origin: String, on machine: Machine) async throws {
        var copy = try StackBackups.read(id, of: self, in: folder, on: machine)
        guard copy.origin == origin else { throw Failure("what came is not from \(origin)") }
        let known = Set(copy.files.map(\.name) + ["backup.json"])
        if let other = try machine.files.list(folder).first(where: { !known.contains($0) }) {
            throw Failure("something came that belongs to no backup: \(other.escaped)")
        }
        try await StackBackups.verify(copy, in: folder, of: self, on: machine)
        // What the other host has deployed, and when, is nothing that this one goes by.
        copy.triedFormat = copy.dataFormat
        copy.deployment = nil
        copy.before = nil
        copy.time = machine.now.iso8601
        try machine.files.replace(folder.appending("backup.json"), with: Array(copy.json.pretty.utf8), mode: 0o600)
        // Only where nothing is lost by it is it put in place without being asked for. Without the backup this record says nothing.
        let state = try await CloneState.of(self, from: origin, on: machine)
        // Where one is being put in place already, what there is is still not whole.
        let progress: CloneRecord.Progress =
            try CloneRecord.read(of: self, on: machine)?.progress == .begun ? .begun : .arrived
        if state == .none || state == .arrived {
            try CloneRecord(origin: origin, backup: id, progress: progress).write(of: self, on: machine)
        }
        try await machine.run("mv", "--no-target-directory", "--", folder.string, backups.appending(id).string)
        try await machine.run("sync", "--", backups.string)
    }
}
