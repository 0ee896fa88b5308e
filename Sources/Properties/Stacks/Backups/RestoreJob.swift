/// Replaces the data in the volumes of a stack by those of a backup.
struct RestoreJob {
    struct Target: Sendable {
        var present: StackData.Present
        /// The file of the backup; nil if the volume was empty.
        var file: Backup.File?
    }

    let context: StackContext
    let backup: Backup
    /// The volumes that the backup knows, in the order of the stack. Other volumes stay as they are.
    let targets: [Target]
    /// The names of the one-shot containers that have not been run on these data: the backup is of another version of
    /// them, or of another host.
    private let outstanding: Set<String>
    /// See ``StackRecord/excused``.
    private let excused: Set<String>
    /// Whether a newer version is deployed, which must not start with the data of the older one.
    let isDowngrade: Bool

    private var stack: Stack { context.stack }
    private var machine: Machine { context.machine }

    /// How often a dump is restored at most: a database may look healthy for a moment before it is, while it
    /// initializes its directory. Each attempt begins with an empty volume.
    static let attempts = 3

    /// - Throws: ``Failure`` if the stack, as it is described and as it is on the machine, cannot use the backup.
    init(_ backup: Backup, _ data: StackData, of context: StackContext) async throws {
        let stack = context.stack, machine = context.machine
        let record = try StackRecord(of: stack, on: machine)
        try Self.refuseUnknown(backup, stack, data)
        let containers = try await context.reloadContainers()
        targets = try data.present.compactMap { try Self.target($0, in: backup, of: stack, containers) }
        try await Self.refuseOthers(of: targets, than: containers, stack, on: machine)
        self.context = context
        self.backup = backup
        excused = record.excused
        outstanding = Set(
            stack.containers.filter { $0.isOneShot && backup.deployment?.images[$0.name] != $0.image }.map(\.name))
        // A former downgrade has removed the compose file.
        let awaitsDeployment = try record.current != nil && machine.files.status(of: stack.composeFile) == nil
        isDowngrade = awaitsDeployment || record.dataFormat.map { $0 > stack.dataFormat } ?? false
    }

    /// - Throws: ``Failure`` if the backup has a newer format, or a volume that is not there.
    private static func refuseUnknown(_ backup: Backup, _ stack: Stack, _ data: StackData) throws {
        if let format = backup.dataFormat, format > stack.dataFormat {
            throw Failure(
                "the data of the backup \(backup.id) of \(stack.name) have format \(format), "
                    + "and this version knows only format \(stack.dataFormat)",
                advice: "Describe the version that was deployed then, or restore another backup.")
        }
        for name in backup.files.map(\.volume) where !data.present.contains(where: { $0.volume.name == name }) {
            let isDescribed = stack.dataVolumes.contains { $0.name == name && $0.backup != .none }
            throw Failure(
                "the volume \(name) of the backup \(backup.id) of \(stack.name) does not exist",
                advice: isDescribed
                    ? "Deploy the stack first: that creates it."
                    : "Describe the version that was deployed then, with that volume and how it is backed up.")
        }
    }

    /// The volume as a target; nil if the backup does not know it.
    private static func target(
        _ present: StackData.Present, in backup: Backup, of stack: Stack, _ containers: StackContainers
    ) throws -> Target? {
        let file = backup.files.first { $0.volume == present.volume.name }
        guard file != nil || backup.empty.contains(present.volume.name) else { return nil }
        guard file?.method == .dump else { return Target(present: present, file: file) }
        guard case .dump = present.volume.backup else {
            throw Failure(
                "no command restores the dump of \(present.volume.name) in the backup \(backup.id) of \(stack.name)",
                advice: "Describe the version that was deployed then, whose volume has the command.")
        }
        let name = present.volume.containers.first ?? ""
        guard containers.named(name).count == 1 else {
            throw Failure(
                "the container \(name) of \(stack.name), which restores \(present.volume.name), does not exist",
                advice: "Deploy the stack first: that creates it.")
        }
        return Target(present: present, file: file)
    }

    /// - Throws: ``Failure`` if a container outside of the stack runs with one of the volumes: its data would be
    ///   replaced beneath it.
    private static func refuseOthers(
        of targets: [Target], than containers: StackContainers, _ stack: Stack, on machine: Machine
    ) async throws {
        let own = Set(containers.all.map(\.id))
        for target in targets {
            let volume = target.present.volume
            let list = DockerCommand.ps(filters: ["volume=\(volume.source)"], format: #"{{.ID}}\#t{{.Names}}"#)
            for line in try await machine.succeed(list).text.nonEmptyLines {
                let fields = line.split(separator: "\t").map(String.init)
                guard let id = fields.first, !own.contains(id) else { continue }
                let name = fields.count > 1 ? fields[1] : id
                throw Failure(
                    "the container \(name.escaped) uses the volume \(volume.name) of \(stack.name), and is not its own",
                    advice: "Stop it, then run again: docker stop \(name.escaped)")
            }
        }
    }

    // MARK: - The change

    /// Describes what will be replaced, for a plan.
    func change() async throws -> String {
        let usage = try await usage()
        let replaced = targets.filter { !$0.present.isEmpty }.map { target in
            target.present.volume.name + (usage[target.present.mountpoint.string].map { " (\($0))" } ?? "")
                + (target.file == nil ? ", which was empty" : "")
        }
        let filled = targets.filter { $0.present.isEmpty && $0.file != nil }.map(\.present.volume.name)
        return [
            replaced.isEmpty ? nil : "replaces \(replaced.joined(separator: ", "))",
            filled.isEmpty ? nil : "fills \(filled.joined(separator: ", "))",
            isDowngrade ? "its containers stay stopped until it is deployed" : nil,
            "with the data of \(backup.time)",
        ].compactMap(\.self).joined(separator: "; ")
    }

    /// The size and time of the last change of the data that will be replaced, by their directories.
    private func usage() async throws -> [String: String] {
        let filled = targets.filter { !$0.present.isEmpty }.map(\.present.mountpoint.string)
        guard !filled.isEmpty else { return [:] }
        let command = Invocation(
            "du", ["--summarize", "--block-size=1", "--time", "--time-style=+%s", "--"] + filled, timeout: .hours(1))
        var usage: [String: String] = [:]
        for line in try await machine.succeed(command).text.nonEmptyLines {
            let fields = line.split(separator: "\t").map(String.init)
            guard fields.count == 3, let bytes = Int(fields[0]), let seconds = Int(fields[1]) else { continue }
            usage[fields[2]] = "\(ByteSize(bytes: bytes).rounded), last changed \(Timestamp(seconds: seconds).iso8601)"
        }
        return usage
    }

    // MARK: - Containers

    private func containers() async throws -> [StackContainers.Found] {
        try await context.reloadContainers().all
    }

    func running() async throws -> [StackContainers.Found] { try await containers().filter { !$0.isAtRest } }

    /// Starts the containers that ran before, and waits for those that were healthy.
    func restart(_ former: [StackContainers.Found]) async throws {
        let ids = Set(former.map(\.id)), healthy = Set(former.filter(\.isRunningWell).map(\.id))
        try await context.start(try await containers().filter { ids.contains($0.id) }) { healthy.contains($0.id) }
    }

    func stopAll() async throws {
        let active = stack.inStartOrder(try await running())
        let paused = active.filter { $0.state == "paused" }.map(\.id)
        if !paused.isEmpty { try await machine.succeed(DockerCommand.unpause(paused)) }
        guard !active.isEmpty else { return }
        machine.showProgress("stopping the containers")
        try await context.stop(active.reversed().map(\.id))
    }

    /// Starts all containers except one-shot ones that have been run on these data.
    /// - Parameter isWaiting: whether they must become healthy.
    func startAll(waiting isWaiting: Bool = true) async throws {
        let all = try await containers().filter { found in
            !((found.hasSucceeded || found.isExcused(in: excused))
                && stack.container(named: found.name)?.restartPolicy.condition.isOneShot == true
                && !outstanding.contains(found.name))
        }
        try await context.start(all) { _ in isWaiting }
    }

    // MARK: - Data

    /// Replaces the data, with all containers stopped but for those that load a dump.
    func restore() async throws {
        for target in targets { try await empty(target, for: target.file) }
        for target in targets {
            if let file = target.file, file.method == .archive {
                try await extract(file, of: backup, into: target.present)
            }
        }
        for target in targets {
            if let file = target.file, file.method == .dump { try await load(file, into: target) }
        }
        if isDowngrade { try await stopAll() }
        try await sync()
    }

    private func empty(_ target: Target, for file: Backup.File? = nil) async throws {
        if file?.method == .archive { try target.present.seal(on: machine) }
        try await StackData.empty(target.present.mountpoint, on: machine)
    }

    private func sync() async throws {
        guard !targets.isEmpty else { return }
        try await machine.succeed(
            Invocation("sync", ["--file-system", "--"] + targets.map(\.present.mountpoint.string), timeout: .hours(1)))
    }

    private func path(of file: Backup.File, in backup: Backup) -> FilePath {
        stack.backups.appending(backup.id).appending(file.name)
    }

    private func extract(_ file: Backup.File, of backup: Backup, into present: StackData.Present) async throws {
        machine.showProgress("unpacking \(file.volume)")
        let command = Archive.extraction(of: path(of: file, in: backup), into: present.mountpoint)
        let result = try await machine.run(command)
        guard !result.succeeded else { return }
        throw Failure(
            "the volume \(file.volume) of \(stack.name) could not be unpacked", of: command, result,
            advice: "`df` on the machine tells whether there is room.")
    }

    private func load(_ file: Backup.File, into target: Target) async throws {
        let volume = target.present.volume
        guard case .dump(_, let words) = volume.backup, let name = volume.containers.first,
            let id = try await containers().first(where: { $0.name == name })?.id
        else { throw Failure("no container of \(stack.name) restores the dump of \(file.volume)") }
        machine.showProgress("restoring \(file.volume)")
        let command = DockerCommand.exec(words, in: id, isInteractive: true)
        var result = CommandResult(ending: .notFound)
        for attempt in 1...Self.attempts {
            if attempt > 1 {
                // Not over what the last attempt has left.
                try await context.stop([id])
                try await empty(target)
            }
            // Wait longer each time.
            for _ in 1...attempt {
                try await context.start(try await containers().filter { $0.id == id })
            }
            result = try await machine.run(command.reading(path(of: file, in: backup)))
            if result.succeeded { return }
        }
        throw Failure(
            "\(name) of \(stack.name) rejects the dump of \(file.volume)", of: command, result,
            advice: "`docker logs` on the machine may tell more.")
    }

    // MARK: - After a failure

    /// Puts the data from before back, and starts the containers.
    /// - Parameter safety: the backup of these data; nil if there were none.
    /// - Returns: the failure, with what became of the data.
    func putBack(_ safety: String?, after error: any Error) async -> Failure {
        var failure = Failure(describing: error)
        do {
            try await evenIfInterrupted { [self] in try await restoreFormer(safety) }
        } catch let second {
            failure.message +=
                "; and the data from before could not be restored: \(Failure(describing: second).message)"
            failure.advice =
                (safety.map { "They are in the backup \($0): restore that, or \(backup.id) again" }
                    ?? "Restore \(backup.id) again") + ", when the cause is removed."
            return failure
        }
        failure.message += "; the data from before are restored"
        failure.isRolledBack = true
        failure.advice = failure.advice ?? "Correct what the last lines tell of, and restore again."
        do {
            try await evenIfInterrupted { [self] in try await startAll() }
        } catch let third {
            failure.message += ", and the containers do not become healthy: \(Failure(describing: third).message)"
        }
        return failure
    }

    private func restoreFormer(_ safety: String?) async throws {
        machine.showProgress("restoring the data from before")
        let former = try safety.map { try StackBackups(of: stack, on: machine).named($0, of: stack) }
        try await stopAll()
        for target in targets {
            let file = former?.files.first { $0.volume == target.present.volume.name }
            try await empty(target, for: file)
            guard let former, let file else {
                try target.present.unseal(on: machine)
                continue
            }
            try await extract(file, of: former, into: target.present)
        }
        try await sync()
        try RestoreRecord.end(of: stack, on: machine)
    }
}

extension ByteSize {
    /// The size in the largest binary unit of which it has at least one, rounded up, for people.
    var rounded: ByteSize {
        for shift in [30, 20, 10] where bytes >> shift > 0 {
            return ByteSize(bytes: ((bytes - 1) >> shift + 1) << shift)
        }
        return self
    }
}
