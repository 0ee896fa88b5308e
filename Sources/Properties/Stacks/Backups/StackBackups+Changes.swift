extension StackBackups {
    /// Gives a complete directory its name as a backup, and syncs that.
    /// - Throws: an error if the directory could not be renamed or synced; nothing of it is left then.
    static func publish(
        _ directory: FilePath, as place: FilePath, of stack: Stack, on machine: Machine
    ) async throws {
        do {
            try await machine.run("sync", "--", directory.string)
            try await machine.run("mv", "--no-target-directory", "--", directory.string, place.string)
        } catch {
            throw await error.after { try await remove([directory], on: machine) }
        }
        do {
            try await machine.run("sync", "--", stack.backups.string)
        } catch {
            // Otherwise a later run would take it for a backup that survives a power cut.
            throw await error.after { try await remove([place], on: machine) }
        }
    }

    /// Describes files that were written to a directory, once they are synced.
    /// - Throws: ``Failure`` if one is empty; an error if they cannot be synced.
    static func describe(
        _ volumes: [(name: String, method: Backup.File.Method)], in directory: FilePath, of stack: Stack,
        on machine: Machine
    ) async throws -> [Backup.File] {
        let paths = volumes.map { directory.appending(Backup.File.name(of: $0.name, $0.method)) }
        // A full disk shows here at the latest.
        try await machine.succeed(Invocation("sync", ["--"] + paths.map(\.string)))
        let sums = try await checksums(of: paths, on: machine)
        return try zip(volumes, paths).map { volume, path in
            guard let status = try machine.files.status(of: path), status.size > 0 else {
                throw Failure("the backup of the volume \(volume.name) of \(stack.name) is empty")
            }
            try machine.files.setOwner(status.owner, mode: 0o600, of: path, expecting: status)
            return Backup.File(volume: volume.name, method: volume.method, bytes: status.size, sha256: sums[path] ?? "")
        }
    }

    /// Removes the backups that need not be kept.
    static func prune(_ retention: BackupRetention, of stack: Stack, on machine: Machine) async throws {
        let unneeded = retention.unneeded(of: try StackBackups(of: stack, on: machine).whole, at: machine.now)
        for backup in unneeded {
            // Renamed first: a half-removed backup must not be taken for a damaged one.
            let doomed = stack.backups.appending(".removed-\(backup.id)")
            try await machine.run(
                "mv", "--no-target-directory", "--", stack.backups.appending(backup.id).string, doomed.string)
            try await remove([doomed], on: machine)
        }
    }

    /// Removes what interrupted runs have left behind.
    static func removeLeftovers(of stack: Stack, on machine: Machine) async throws {
        let names = try machine.files.list(stack.backups).filter {
            [".unfinished", BackupsFetched.folderName].contains($0) || $0.hasPrefix(".removed-")
        }
        try await remove(
            names.map { stack.backups.appending($0) } + (try CloneFolders.leftovers(of: stack, on: machine)),
            on: machine)
    }

    static func remove(_ paths: [FilePath], on machine: Machine) async throws {
        guard !paths.isEmpty else { return }
        try await machine.succeed(
            Invocation("rm", ["--recursive", "--force", "--one-file-system", "--"] + paths.map(\.string)))
    }
}
