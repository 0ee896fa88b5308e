/// Takes a backup of the data of a stack.
///
/// First what goes while all containers run, then what they stand still for, then what they are stopped for, so that they are down as
/// shortly as can be. It counts when it is whole, and on the disk.
struct BackupJob {
    /// What is done where a volume is to be dumped, and its container cannot do that now. The files can always be archived while
    /// nobody uses them; but an archive is of use to the same version of the program alone.
    enum Fallback {
        /// It fails.
        case none
        /// The files are archived where the container does not run anyway.
        case archiveAtRest
        /// The files are archived.
        case archive
        /// Everything is archived, while all stand still.
        case archiveAll
    }

    let stack: Stack
    let pollInterval: Duration
    let machine: Machine
    /// Whether volumes of the version that is deployed are left out which the stack does not name any more.
    var isDescribedOnly = false

    private enum Job {
        case dump(container: StackContainers.Found, command: [String])
        case archive(while: VolumeBackup.Pause)
    }

    /// - Parameters:
    ///   - id: its name; nil for the time.
    ///   - why: in words.
    ///   - before: the change that it is made before; see ``BackupBeforeChange/key(_:_:)``.
    ///   - retention: what is done to the older ones afterwards; nil keeps all.
    /// - Throws: ``Failure`` where it could not be made. What there is of it is removed, and the containers run as before.
    @discardableResult
    func take(
        id: String? = nil, why: String, before: String? = nil, fallback: Fallback, retention: BackupRetention?
    ) async throws -> Backup {
        try RestoreRecord.refuseHalf(of: stack, on: machine)
        try machine.files.createDirectories(stack.backups, mode: 0o700)
        try await halted.resume()
        try await removeLeftovers()
        let id = try id ?? freeID()
        let unfinished = stack.backups.appending(".unfinished"), place = stack.backups.appending(id)
        guard try machine.files.status(of: place) == nil else {
            throw Failure("there is a backup \(id) of \(stack.name) already")
        }
        let backup: Backup
        do {
            try machine.files.createDirectory(unfinished, mode: 0o700, owner: .root)
            backup = try await fill(unfinished, id, why: why, before: before, fallback)
            try await machine.run("mv", "--no-target-directory", "--", unfinished.string, place.string)
            try await machine.run("sync", "--", stack.backups.string)
        } catch {
            try? await evenIfInterrupted { [machine] in try await Self.remove([unfinished], on: machine) }
            throw error
        }
        if let retention { try await removeUnneeded(retention) }
        return backup
    }

    private var halted: HaltedContainers {
        HaltedContainers(stack: stack, pollInterval: pollInterval, machine: machine)
    }

    private func freeID() throws -> String {
        let names = Set(try machine.files.list(stack.backups)), id = machine.now.compact
        return names.contains(id) ? (2...).lazy.map { "\(id)-\($0)" }.first { !names.contains($0) } ?? id : id
    }

    // MARK: - What it has

    private func fill(
        _ directory: FilePath, _ id: String, why: String, before: String?, _ fallback: Fallback
    ) async throws -> Backup {
        let time = machine.now.iso8601
        let data = try await StackData.read(of: stack, isDescribedOnly: isDescribedOnly, on: machine)
        guard !data.filled.isEmpty else {
            throw Failure("\(stack.name) has no data to back up: its volumes are missing or empty")
        }
        var jobs: [(StackData.Present, Job)] = []
        for present in data.filled { jobs.append((present, try await job(for: present.volume, fallback))) }

        for case (let present, .dump(let container, let command)) in jobs {
            try await dump(present.volume, container, command, into: directory)
        }
        for pause in [VolumeBackup.Pause.running, .paused, .stopped] {
            let volumes = jobs.compactMap { present, job in if case .archive(pause) = job { present } else { nil } }
            if volumes.isEmpty { continue }
            try await halted.holding(try await users(of: volumes), pause) {
                for present in volumes { try await archive(present, while: pause, into: directory) }
            }
        }

        let kept = jobs.map { present, job -> (DataVolume, Backup.File.Method) in
            if case .dump = job { (present.volume, .dump) } else { (present.volume, .archive) }
        }
        let paths = kept.map { directory.appending(Backup.File.name(of: $0.name, $1)) }
        // A disk that was full shows here at the latest.
        try await machine.succeed(Invocation("sync", ["--"] + paths.map(\.string)))
        let sums = try await StackBackups.checksums(of: paths, on: machine)
        let files = try zip(kept, paths).map { kept, path in
            try machine.files.setMode(0o600, of: path)
            guard let size = try machine.files.status(of: path)?.size, size > 0 else {
                throw Failure("the volume \(kept.0.name) of \(stack.name) was backed up, and nothing was written")
            }
            return Backup.File(volume: kept.0.name, method: kept.1, bytes: size, sha256: sums[path] ?? "")
        }
        let record = try StackRecord(of: stack, on: machine)
        let backup = Backup(
            id: id, time: time, stack: stack.name, why: why, before: before, deployment: record.current, files: files,
            empty: stack.dataVolumes.filter { volume in
                volume.backup != .none && !files.contains { $0.volume == volume.name }
            }.map(\.name),
            triedFormat: record.triedFormat)
        try machine.files.replace(directory.appending("backup.json"), with: Array(backup.json.pretty.utf8), mode: 0o600)
        return backup
    }

    private func job(for volume: DataVolume, _ fallback: Fallback) async throws -> Job {
        if case .archiveAll = fallback { return .archive(while: .stopped) }
        let command: [String], name = volume.containers.first ?? ""
        switch volume.backup {
        case .none: return .archive(while: .running)
        case .archive(let pause): return .archive(while: pause)
        case .dump(let words, _): command = words
        }
        let container = try await settled(name)
        if let container, container.isRunningWell { return .dump(container: container, command: command) }
        switch fallback {
        case .archive, .archiveAll: return .archive(while: .stopped)
        case .archiveAtRest where container?.isAtRest != false: return .archive(while: .stopped)
        case .archiveAtRest, .none:
            let advice = "\(container == nil ? "`docker ps --all`" : "`docker logs`") on the machine tells more."
            throw Failure(
                "the volume \(volume.name) of \(stack.name) is dumped by \(name), and that is \(container.map { "not well: \($0.status)" } ?? "not there")",
                advice: fallback == .none
                    ? advice
                    : advice + " Or stop it with `docker stop`: then its files are archived before the change instead.")
        }
    }

    /// The container of a name, once its health check has had its say.
    private func settled(_ name: String) async throws -> StackContainers.Found? {
        guard let one = try await StackContainers.read(stack.name, on: machine).named(name).first, one.isStarting else {
            return try await StackContainers.read(stack.name, on: machine).named(name).first
        }
        do {
            try await HealthWait(stack: stack, pollInterval: pollInterval, machine: machine).untilPreviousHealthy([name]
            )
        } catch is DeploymentError {
            // What became of it is told by its state.
        }
        return try await StackContainers.read(stack.name, on: machine).named(name).first
    }

    /// The containers of the stack that have one of the volumes and run.
    private func users(of volumes: [StackData.Present]) async throws -> [StackContainers.Found] {
        var users: [StackContainers.Found] = []
        for present in volumes {
            let question = StackContainers.question(stack.name) + ["--filter", "volume=\(present.volume.dockerName)"]
            let found = try StackContainers(try await machine.succeed(Invocation("docker", question)).text)
            users += found.all.filter { one in
                !one.isAtRest && one.state != "paused" && !users.contains { $0.id == one.id }
            }
        }
        return users
    }

    private func dump(
        _ volume: DataVolume, _ container: StackContainers.Found, _ words: [String], into directory: FilePath
    ) async throws {
        machine.showProgress("dumping \(volume.name)")
        let command = Invocation("docker", ["exec", container.id] + words, timeout: .hours(6))
        let file = directory.appending(Backup.File.name(of: volume.name, .dump))
        var result = try await machine.run(command.writing(to: file))
        guard !result.succeeded else { return }
        // That it cannot be executed docker tells on standard output.
        if result.ending == .exited(126) || result.ending == .exited(127), result.errors.isEmpty {
            result.errors = try machine.files.read(file, first: 1024)
        }
        throw Failure(
            "the volume \(volume.name) of \(stack.name) could not be backed up: \(container.name) does not dump it",
            of: command, result,
            advice: "No backup was made.")
    }

    private func archive(
        _ present: StackData.Present, while pause: VolumeBackup.Pause, into directory: FilePath
    ) async throws {
        machine.showProgress("archiving \(present.volume.name)")
        let command = Archive.creation(of: present.mountpoint)
        let result = try await machine.run(
            command.writing(to: directory.appending(Backup.File.name(of: present.volume.name, .archive))))
        // 1 is that something was changed or removed meanwhile.
        guard !result.succeeded, !(pause == .running && result.ending == .exited(1)) else { return }
        throw Failure(
            "the volume \(present.volume.name) of \(stack.name) could not be archived", of: command, result,
            advice: "No backup was made.")
    }

    // MARK: - What is not needed any more

    private func removeUnneeded(_ retention: BackupRetention) async throws {
        let unneeded = retention.unneeded(of: try StackBackups(of: stack, on: machine).whole, at: machine.now)
        for backup in unneeded {
            // Under another name first: half of one is not to be taken for a damaged one.
            let doomed = stack.backups.appending(".removed-\(backup.id)")
            try await machine.run(
                "mv", "--no-target-directory", "--", stack.backups.appending(backup.id).string, doomed.string)
            try await Self.remove([doomed], on: machine)
        }
    }

    /// What runs that were cut short have left behind.
    private func removeLeftovers() async throws {
        let names = try machine.files.list(stack.backups).filter { $0 == ".unfinished" || $0.hasPrefix(".removed-") }
        try await Self.remove(
            names.map { stack.backups.appending($0) } + (try CloneFolders.leftovers(of: stack, on: machine)),
            on: machine)
    }

    static func remove(_ paths: [FilePath], on machine: Machine) async throws {
        guard !paths.isEmpty else { return }
        try await machine.succeed(
            Invocation("rm", ["--recursive", "--force", "--one-file-system", "--"] + paths.map(\.string)))
    }
}

/// The archives of volumes: with owners by number, access control lists, attributes and holes.
enum Archive {
    private static let options = ["--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*"]

    /// Writes it to standard output. With the fastest compression: the containers wait.
    static func creation(of directory: FilePath) -> Invocation {
        Invocation(
            "tar",
            ["--create", "--use-compress-program=gzip -1", "--sparse"] + options + [
                "--file=-", "--directory=\(directory)", ".",
            ], timeout: .hours(6))
    }

    static func extraction(of file: FilePath, into directory: FilePath) -> Invocation {
        Invocation(
            "tar",
            ["--extract", "--gzip", "--same-owner", "--same-permissions"] + options + [
                "--file=\(file)", "--directory=\(directory)",
            ], timeout: .hours(6))
    }
}
