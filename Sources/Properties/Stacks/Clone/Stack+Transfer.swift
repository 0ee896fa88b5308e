extension Stack {
    /// The files of a copy that waits for another host, which go once that has them.
    func sending(_ id: String, on machine: Machine) throws -> Transfer {
        let folder = CloneFolders.outgoing(try Self.checked(id), of: self)
        guard try machine.files.status(of: folder) != nil else {
            throw Failure("there is no copy \(id) of the data of \(name)", advice: "Run `propel clone` again.")
        }
        return Transfer(folder) { try await BackupTaking.remove([folder], on: machine) }
    }

    /// Where a copy arrives that becomes a backup of this host's.
    func receiving(_ id: String, from origin: String, on machine: Machine) throws -> Transfer {
        let folder = CloneFolders.incoming(try Self.checked(id), of: self), place = backups.appending(id)
        // The link was lost after all had come.
        if try machine.files.status(of: place) != nil { return Transfer(place) {} }
        try machine.files.createDirectories(backups, mode: 0o700)
        return Transfer(folder) { try await take(id, in: folder, from: origin, on: machine) }
    }

    private static func checked(_ id: String) throws -> String {
        guard Backup.isID(id) else { throw Failure("“\(id.escaped)” is no name of a copy") }
        return id
    }

    private func take(_ id: String, in folder: FilePath, from origin: String, on machine: Machine) async throws {
        let copy = try StackBackups.read(id, of: self, in: folder, on: machine)
        guard copy.origin == origin else { throw Failure("what came is not from \(origin)") }
        let known = Set(copy.files.map(\.name) + ["backup.json"])
        if let other = try machine.files.list(folder).first(where: { !known.contains($0) }) { throw Failure("something came that belongs to no backup: \(other.escaped)") }
        do {
            try await StackBackups.verify(copy, in: folder, of: self, on: machine)
        } catch {
            // Nothing that could go on from it.
            try await BackupTaking.remove([folder], on: machine)
            throw error
        }
        let state = try await CloneState.of(self, from: origin, on: machine)
        try await machine.run("mv", "--no-target-directory", "--", folder.string, backups.appending(id).string)
        try await machine.run("sync", "--", backups.string)
        // Only where nothing is lost by it is it put in place without being asked for.
        if state == .none || state == .arrived { try CloneRecord(origin: origin, backup: id, isAwaited: true).write(of: self, on: machine) }
    }
}
