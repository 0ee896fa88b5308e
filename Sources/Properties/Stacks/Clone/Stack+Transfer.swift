extension Stack {
    /// The transfer of a copy to another host; it is removed once that has it.
    func sending(_ id: String, to target: String, on machine: Machine) throws -> FileTransfer {
        let folder = CloneFolders.outgoing(to: target, of: self)
        guard (try? StackBackups.read(id, of: self, in: folder, on: machine)) != nil else {
            throw Failure(
                "there is no copy “\(id.escaped)” of the data of \(name) for \(target.escaped)", advice: "Run again.")
        }
        return FileTransfer(folder) { try await StackBackups.remove([folder], on: machine) }
    }

    /// The transfer of a copy from another host, which becomes a backup of this one.
    func receiving(_ id: String, from origin: String, on machine: Machine) async throws -> FileTransfer {
        guard Backup.isID(id) else { throw Failure("invalid name of a copy “\(id.escaped)”") }
        let folder = CloneFolders.incoming(id, of: self)
        // The connection was lost after everything had arrived.
        if try machine.files.status(of: backups.appending(id)) != nil { return .done }
        try machine.files.createDirectories(backups, mode: 0o700)
        // They fill the disk, and will not be continued.
        try await StackBackups.remove(try CloneFolders.incoming(besides: id, of: self, on: machine), on: machine)
        return FileTransfer(folder) {
            do {
                try await take(id, in: folder, from: origin, on: machine)
            } catch {
                // It could not be continued either.
                throw await error.after { try await StackBackups.remove([folder], on: machine) }
            }
        }
    }

    /// Makes a copy that has arrived one of the backups of this host.
    private func take(_ id: String, in folder: FilePath, from origin: String, on machine: Machine) async throws {
        var copy = try StackBackups.read(id, of: self, in: folder, on: machine)
        guard copy.origin == origin else { throw Failure("the copy is not from \(origin)") }
        try StackBackups.refuseOtherFiles(in: folder, than: copy.files.map(\.name) + ["backup.json"], on: machine)
        try await StackBackups.verify(copy, in: folder, of: self, on: machine)
        // This host does not go by the deployments and the clock of the other one.
        copy.triedFormat = copy.dataFormat
        copy.deployment = nil
        copy.before = nil
        copy.time = machine.now.iso8601
        try copy.write(in: folder, on: machine)
        // A deployment restores it only if nothing is lost by that. Without the backup this record has no effect.
        let state = try await CloneState.of(self, from: origin, on: machine)
        // If another copy is being restored, the data are still incomplete.
        let progress: CloneRecord.Progress =
            try CloneRecord.read(of: self, on: machine)?.progress == .begun ? .begun : .arrived
        if state == .none || state == .arrived {
            try CloneRecord(origin: origin, backup: id, progress: progress).write(of: self, on: machine)
        }
        try await StackBackups.publish(folder, as: backups.appending(id), of: self, on: machine)
    }
}
