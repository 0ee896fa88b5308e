/// Takes a backup of the data of a stack.
///
/// Dumps are taken while all containers run, then the archives for which containers are paused, then those for which
/// they are stopped, so that the containers are down as briefly as possible. The backup counts once it is complete and
/// synced.
struct BackupJob {
    /// The way out if the container that dumps a volume cannot do so now. The files of a stopped container can be
    /// archived, but only the same version of the program can use them.
    enum Fallback {
        /// Fail.
        case none
        /// Archive the files if the container does not run anyway.
        case archiveAtRest
        /// Archive the files.
        case archive
        /// Archive the files of every volume, with all containers stopped.
        case archiveAll
    }

    let context: StackContext
    /// Whether volumes of the deployed version are left out that the stack no longer describes.
    var isDescribedOnly = false
    /// Whether halted containers stay so: the caller has stopped them.
    var leavesContainersHalted = false

    init(_ context: StackContext, isDescribedOnly: Bool = false) {
        self.context = context
        self.isDescribedOnly = isDescribedOnly
    }

    private var stack: Stack { context.stack }
    private var machine: Machine { context.machine }

    private enum Step {
        case dump(container: StackContainers.Found, command: [String])
        case archive(while: VolumeBackup.Pause)

        var method: Backup.File.Method { if case .dump = self { .dump } else { .archive } }
    }

    /// Takes a backup.
    /// - Parameters:
    ///   - id: the name of the backup; nil for the time.
    ///   - why: the reason, as a list of backups shows it.
    ///   - change: the change that it precedes; see ``BackupBeforeChange/key(_:_:)``.
    ///   - retention: which older backups are kept afterwards; nil for all.
    /// - Throws: ``Failure`` if it could not be taken. Nothing of it is left, and the containers run as before.
    @discardableResult
    func take(
        id: String? = nil, why: String, before change: String? = nil, fallback: Fallback, retention: BackupRetention?
    ) async throws -> Backup {
        try RestoreRecord.refuseUnfinished(of: stack, on: machine)
        try machine.files.createDirectories(stack.backups, mode: 0o700)
        if !leavesContainersHalted { try await halted.resume() }
        try await StackBackups.removeLeftovers(of: stack, on: machine)
        let id = try id ?? machine.now.name(besides: machine.files.list(stack.backups))
        let unfinished = stack.backups.appending(".unfinished"), place = stack.backups.appending(id)
        guard try machine.files.status(of: place) == nil else {
            throw Failure("\(stack.name) already has a backup \(id)")
        }
        let backup: Backup
        do {
            try machine.files.createDirectory(unfinished, mode: 0o700, owner: .root)
            backup = try await fill(unfinished, id, why: why, before: change, fallback)
        } catch {
            throw await error.after { [machine] in try await StackBackups.remove([unfinished], on: machine) }
        }
        try await StackBackups.publish(unfinished, as: place, of: stack, on: machine)
        if let retention { try await StackBackups.prune(retention, of: stack, on: machine) }
        return backup
    }

    private var halted: HaltedContainers { HaltedContainers(of: context) }

    // MARK: - Content

    private func fill(
        _ directory: FilePath, _ id: String, why: String, before change: String?, _ fallback: Fallback
    ) async throws -> Backup {
        let time = machine.now.iso8601
        let data = try await StackData.read(of: stack, isDescribedOnly: isDescribedOnly, on: machine)
        guard !data.filled.isEmpty else {
            throw Failure("\(stack.name) has no data to back up: its volumes are missing or empty")
        }
        var steps: [(present: StackData.Present, step: Step)] = []
        for present in data.filled { steps.append((present, try await step(for: present.volume, fallback))) }
        try await perform(steps, into: directory)
        let files = try await StackBackups.describe(
            steps.map { ($0.present.volume.name, $0.step.method) }, in: directory, of: stack, on: machine)
        let record = try StackRecord(of: stack, on: machine)
        let backup = Backup(
            id: id, time: time, stack: stack.name, why: why, before: change, deployment: record.current, files: files,
            empty: stack.dataVolumes.filter { volume in
                volume.backup != .none && !files.contains { $0.volume == volume.name }
            }.map(\.name),
            triedFormat: record.triedFormat)
        try backup.write(in: directory, on: machine)
        return backup
    }

    private func perform(_ steps: [(present: StackData.Present, step: Step)], into directory: FilePath) async throws {
        for case (let present, .dump(let container, let command)) in steps {
            try await dump(present.volume, container, command, into: directory)
        }
        for pause in [VolumeBackup.Pause.running, .paused, .stopped] {
            let volumes = steps.compactMap { present, step in if case .archive(pause) = step { present } else { nil } }
            if volumes.isEmpty { continue }
            try await halted.whileHalted(try await users(of: volumes), pause) {
                for present in volumes { try await archive(present, while: pause, into: directory) }
            }
        }
    }

    private func step(for volume: DataVolume, _ fallback: Fallback) async throws -> Step {
        if case .archiveAll = fallback { return .archive(while: .stopped) }
        let command: [String], name = volume.containers.first ?? ""
        switch volume.backup {
        case .none: return .archive(while: .running)
        case .archive(let pause): return .archive(while: pause)
        case .dump(let words, _): command = words
        }
        let container = try await container(name)
        if let container, container.isRunningWell { return .dump(container: container, command: command) }
        switch fallback {
        case .archive, .archiveAll: return .archive(while: .stopped)
        case .archiveAtRest where container?.isAtRest != false: return .archive(while: .stopped)
        case .archiveAtRest, .none:
            let advice = "\(container == nil ? "`docker ps --all`" : "`docker logs`") on the machine tells more."
            let reason = container.map { "is not healthy: \($0.status)" } ?? "does not exist"
            throw Failure(
                "\(name), which dumps the volume \(volume.name) of \(stack.name), \(reason)",
                advice: fallback == .none
                    ? advice
                    : advice + " Or stop it with `docker stop`: then its files are archived before the change instead.")
        }
    }

    /// The container of a name, once its health check has been decided.
    private func container(_ name: String) async throws -> StackContainers.Found? {
        let found = try await context.reloadContainers().named(name).first
        guard let found, found.isStarting else { return found }
        do {
            try await HealthWait(context).untilPreviousHealthy([name])
        } catch is DeploymentError {
            // Its state tells what became of it.
        }
        return try await context.reloadContainers().named(name).first
    }

    /// The running containers of the stack that use one of the volumes.
    private func users(of volumes: [StackData.Present]) async throws -> [StackContainers.Found] {
        var users: [StackContainers.Found] = []
        for present in volumes {
            let listing = StackContainers.listing(of: stack.name, using: present.volume.source)
            let found = try StackContainers(try await machine.succeed(listing).text)
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
        let command = DockerCommand.exec(words, in: container.id)
        let file = directory.appending(Backup.File.name(of: volume.name, .dump))
        var result = try await machine.run(command.writing(to: file))
        guard !result.succeeded else { return }
        // If the command cannot be executed, docker says why on standard output.
        if result.ending == .exited(126) || result.ending == .exited(127), result.errors.isEmpty {
            result.errors = try machine.files.read(file, first: 1024)
        }
        throw Failure(
            "the volume \(volume.name) of \(stack.name) could not be backed up: its dump in \(container.name) failed",
            of: command, result,
            advice: "No backup was taken.")
    }

    private func archive(
        _ present: StackData.Present, while pause: VolumeBackup.Pause, into directory: FilePath
    ) async throws {
        machine.showProgress("archiving \(present.volume.name)")
        let command = Archive.creation(of: present.mountpoint)
        let result = try await machine.run(
            command.writing(to: directory.appending(Backup.File.name(of: present.volume.name, .archive))))
        // tar ends with 1 if a file was changed or removed while it was read.
        guard !result.succeeded, !(pause == .running && result.ending == .exited(1)) else { return }
        throw Failure(
            "the volume \(present.volume.name) of \(stack.name) could not be archived", of: command, result,
            advice: "No backup was taken.")
    }
}
