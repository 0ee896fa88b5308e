/// Brings the volumes of a stack to what a backup has.
struct RestoreJob {
    struct Target: Sendable {
        var present: StackData.Present
        /// What the backup has of it; nil where it was empty.
        var file: Backup.File?
    }

    let backup: Backup
    let stack: Stack
    /// What the backup tells of, in the order in which the stack names them. Other volumes stay as they are.
    let targets: [Target]
    /// The names of the containers that do something once, and have not done it to these data: they were backed up with another version
    /// of it, or on another host.
    let undone: Set<String>
    /// See ``StackRecord/excused``.
    private let excused: Set<String>
    /// Whether a newer version is deployed, which must not get to see the data of the older one.
    let isGoingBack: Bool
    let pollInterval: Duration
    let machine: Machine

    /// How often a dump is restored: a database may be well for a moment before it is, while it makes itself a new directory. It begins
    /// with an empty volume each time.
    private static let attempts = 3

    /// - Throws: ``Failure`` where the stack, as it is described and as it is on the machine, cannot have the data of the backup.
    init(_ backup: Backup, _ stack: Stack, _ data: StackData, pollInterval: Duration, on machine: Machine) async throws
    {
        let record = try StackRecord(of: stack, on: machine)
        if let format = backup.dataFormat, format > stack.dataFormat {
            throw Failure(
                "the backup \(backup.id) of \(stack.name) has data of the format \(format), and this version of it knows format \(stack.dataFormat)",
                advice: "Describe the version that was deployed then, or take another backup.")
        }
        for name in backup.files.map(\.volume) where !data.present.contains(where: { $0.volume.name == name }) {
            throw Failure(
                "the backup \(backup.id) of \(stack.name) has the volume \(name), and there is none to restore it into",
                advice: stack.dataVolumes.contains { $0.name == name && $0.backup != .none }
                    ? "Deploy the stack first: that makes it."
                    : "Describe the version that was deployed then, with that volume and how it is backed up.")
        }
        let containers = try await StackContainers.read(stack.name, on: machine)
        targets = try data.present.compactMap { present in
            let file = backup.files.first { $0.volume == present.volume.name }
            guard file != nil || backup.empty.contains(present.volume.name) else { return nil }
            if file?.method == .dump {
                guard case .dump = present.volume.backup else {
                    throw Failure(
                        "the backup \(backup.id) of \(stack.name) has a dump of \(present.volume.name), and nothing tells how that is restored",
                        advice: "Describe the version that was deployed then, whose volume has the command for it.")
                }
                let name = present.volume.containers.first ?? ""
                guard containers.named(name).count == 1 else {
                    throw Failure(
                        "\(name) of \(stack.name) is not there, which restores \(present.volume.name)",
                        advice: "Deploy the stack first: that makes it.")
                }
            }
            return Target(present: present, file: file)
        }
        try await Self.refuseOthers(of: targets, than: containers, stack, on: machine)
        self.backup = backup
        self.stack = stack
        self.pollInterval = pollInterval
        self.machine = machine
        excused = record.excused
        undone = Set(
            stack.containers.filter { $0.isOneShot && backup.deployment?.images[$0.name] != $0.image }.map(\.name))
        // One that was restored so before has taken the compose file away.
        let awaitsDeployment = try record.current != nil && machine.files.status(of: stack.composeFile) == nil
        isGoingBack = awaitsDeployment || record.dataFormat.map { $0 > stack.dataFormat } ?? false
    }

    /// - Throws: ``Failure`` where a container runs that has one of the volumes and is none of the stack: it would go on with data that
    ///   are replaced beneath it.
    private static func refuseOthers(
        of targets: [Target], than containers: StackContainers, _ stack: Stack, on machine: Machine
    ) async throws {
        let own = Set(containers.all.map(\.id))
        for target in targets {
            let volume = target.present.volume
            let question = [
                "ps", "--no-trunc", "--filter", "volume=\(volume.dockerName)", "--format", #"{{.ID}}\#t{{.Names}}"#,
            ]
            for line in try await machine.succeed(Invocation("docker", question)).text.split(separator: "\n") {
                let fields = line.split(separator: "\t").map(String.init)
                guard let id = fields.first, !own.contains(id) else { continue }
                let name = fields.count > 1 ? fields[1] : id
                throw Failure(
                    "the container \(name.escaped) is no part of \(stack.name), and has its volume \(volume.name) mounted",
                    advice: "Stop it, then run again: docker stop \(name.escaped)")
            }
        }
    }

    // MARK: - Containers

    private func containers() async throws -> [StackContainers.Found] {
        try await StackContainers.read(stack.name, on: machine).all
    }

    func running() async throws -> [StackContainers.Found] { try await containers().filter { !$0.isAtRest } }

    /// Starts those again that ran, and waits for those that were well.
    func restart(_ former: [StackContainers.Found]) async throws {
        let ids = Set(former.map(\.id)), well = Set(former.filter(\.isRunningWell).map(\.id))
        try await stack.start(
            try await containers().filter { ids.contains($0.id) }, pollInterval: pollInterval, on: machine
        ) { well.contains($0.id) }
    }

    func stopAll() async throws {
        let active = stack.inStartOrder(try await containers().filter { !$0.isAtRest })
        let paused = active.filter { $0.state == "paused" }.map(\.id)
        if !paused.isEmpty { try await machine.succeed(Invocation("docker", ["unpause"] + paused)) }
        guard !active.isEmpty else { return }
        machine.showProgress("stopping the containers")
        try await stack.stop(active.reversed().map(\.id), on: machine)
    }

    /// All but those that have done what they were for, to these data.
    /// - Parameter isWaiting: whether they must get well.
    func startAll(waiting isWaiting: Bool = true) async throws {
        let all = try await containers().filter { one in
            !((one.hasSucceeded || one.isExcused(in: excused))
                && stack.containers.first { $0.name == one.name }?.restartPolicy.condition == .never
                && !undone.contains(one.name))
        }
        try await stack.start(all, pollInterval: pollInterval, on: machine) { _ in isWaiting }
    }

    // MARK: - Data

    /// With all containers stopped. The last one that it needs to restore a dump is stopped again.
    func restore() async throws {
        try await empty()
        for target in targets {
            if let file = target.file, file.method == .archive {
                try await extract(file, of: backup, into: target.present)
            }
        }
        for target in targets {
            if let file = target.file, file.method == .dump { try await load(file, into: target.present.volume) }
        }
        if isGoingBack { try await stopAll() }
        try await sync()
    }

    private func empty() async throws {
        for target in targets { try await empty(target) }
    }

    private func empty(_ target: Target) async throws {
        try await machine.succeed(
            Invocation("find", [target.present.mountpoint.string, "-mindepth", "1", "-delete"], timeout: .hours(1)))
    }

    private func sync() async throws {
        guard !targets.isEmpty else { return }
        try await machine.succeed(
            Invocation("sync", ["--file-system", "--"] + targets.map(\.present.mountpoint.string), timeout: .hours(1)))
    }

    private func extract(_ file: Backup.File, of backup: Backup, into present: StackData.Present) async throws {
        machine.showProgress("unpacking \(file.volume)")
        let command = Archive.extraction(
            of: stack.backups.appending(backup.id).appending(file.name), into: present.mountpoint)
        let result = try await machine.run(command)
        guard !result.succeeded else { return }
        throw Failure(
            "the volume \(file.volume) of \(stack.name) could not be unpacked", of: command, result,
            advice: "`df` on the machine tells whether there is room.")
    }

    private func load(_ file: Backup.File, into volume: DataVolume) async throws {
        guard case .dump(_, let words) = volume.backup, let name = volume.containers.first else { return }
        machine.showProgress("restoring \(file.volume)")
        let ids = try await containers().filter { $0.name == name }.map(\.id)
        let command = Invocation("docker", ["exec", "--interactive"] + ids + words, timeout: .hours(6))
        var result = CommandResult(ending: .notFound)
        for attempt in 1...Self.attempts {
            if attempt > 1 {
                // Not over what the last one has left.
                try await stack.stop(ids, on: machine)
                for target in targets where target.present.volume == volume { try await empty(target) }
            }
            // Longer each time.
            for _ in 1...attempt {
                try await stack.start(
                    try await containers().filter { $0.name == name }, pollInterval: pollInterval, on: machine)
            }
            result = try await machine.run(command.reading(stack.backups.appending(backup.id).appending(file.name)))
            if result.succeeded { return }
        }
        throw Failure(
            "\(name) of \(stack.name) does not take the dump of \(file.volume)", of: command, result,
            advice: "`docker logs` on the machine may tell more.")
    }

    // MARK: - The way back

    /// Puts back what was there before.
    /// - Parameter safety: the backup of it; nil where nothing was there.
    /// - Returns: what to say of it.
    func putBack(_ safety: String?, after error: any Error) async -> Failure {
        var failure = Failure(describing: error)
        do {
            try await evenIfInterrupted { [self] in
                machine.showProgress("putting back what was there before")
                let former = try safety.map { try StackBackups(of: stack, on: machine).named($0, of: stack) }
                try await stopAll()
                try await empty()
                for target in targets {
                    guard let former, let file = former.files.first(where: { $0.volume == target.present.volume.name })
                    else { continue }
                    try await extract(file, of: former, into: target.present)
                }
                try await sync()
                try RestoreRecord.end(of: stack, on: machine)
            }
            failure.message += "; what was there before is back"
            failure.isRolledBack = true
            failure.advice = failure.advice ?? "Correct what the last lines tell of, and restore again."
            do {
                try await evenIfInterrupted { [self] in try await startAll() }
            } catch let third {
                failure.message += ", and its containers do not get well with it: \(Failure(describing: third).message)"
            }
        } catch let second {
            failure.message +=
                "; and what was there before could not be put back: \(Failure(describing: second).message)"
            failure.advice =
                (safety.map { "It is in the backup \($0): restore that, or \(backup.id) again" }
                    ?? "Restore \(backup.id) again") + ", when the reason is put right."
        }
        return failure
    }
}
