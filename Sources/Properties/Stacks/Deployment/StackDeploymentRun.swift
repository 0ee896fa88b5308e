/// The steps of one deployment of a stack. Each writes the record at most once.
struct StackDeploymentRun {
    let context: StackContext
    /// The record of the stack, as it was written last.
    private(set) var record: StackRecord
    /// The paths of the files with secrets that are known to be up to date: their plaintexts need not be here.
    private let unchanged: Set<FilePath>
    private let files: StackFiles
    private let compose: ComposeCommand
    private var wait: HealthWait?
    private var handovers: [Handover] = []

    private var stack: Stack { context.stack }

    /// - Throws: ``Failure`` if the stack must not be deployed here.
    init(_ context: StackContext) async throws {
        self.context = context
        record = try await context.record()
        try record.refuseOlderFormat(of: context.stack)
        files = context.files
        compose = try context.compose()
        try files.refuseForeign(isFirst: record.isEmpty)
        try await context.refuseUnknownKeys()
        unchanged = try await files.unchangedSecretFiles()
    }

    /// Writes the files without secrets. Containers that have a file mounted which changes no longer count as created
    /// with it.
    mutating func prepareFiles() async throws {
        for name in try files.changedMounts() { record.containers[name] = nil }
        // Docker may have restarted one since, with the present file. It would count as up to date once the file is
        // restored.
        let present = try files.secretHashes()
        for (name, made) in record.containers where made.secretFiles != present[name, default: ""] {
            record.containers[name] = nil
        }
        try await context.write(record)
        try files.writePlainFiles()
    }

    /// Has compose validate the files. Nothing that runs has changed yet.
    func validate() async throws { try await files.validate(with: compose, except: unchanged) }

    /// Writes the compose file and the files with secrets, and records that this version is pending.
    mutating func begin() async throws {
        try await takeOver()
        record.pending = stack.version
        settleWithFormerRun()
        try await context.write(record)
        try await files.writeSecretFiles(except: unchanged)
        try files.writeComposeFile()
    }

    /// Settles what an earlier run has not decided, since it was cut off: a version that is deployed alone stays. One
    /// that is deployed together with other hosts goes back to what ran before that run, as it would have then.
    private mutating func settleWithFormerRun() {
        let machine = context.machine
        if record.isUndecided(about: stack, on: machine) {
            machine.noteFollowUp(
                "look at why an earlier run was cut off before it was decided about the stack \(stack.name): "
                    + (machine.isDeployedTogether ? "it goes with this one" : "the version of that run stays"))
        }
        if !machine.isDeployedTogether || record.current?.version != stack.version { record.before = nil }
    }

    /// Before the first deployment: remembers what runs under the name of the stack, and keeps its images.
    private mutating func takeOver() async throws {
        guard record.isTakingOver(by: stack) else { return }
        let found = try await FoundProject.read(try await context.reloadContainers(), on: context.machine)
        let former = try FormerProject.take(found, after: record.former, of: stack, on: context.machine)
        record.former = former ?? record.former
        try await context.images.keep(former?.imageIDs ?? [:], as: .former)
    }

    /// Creates the containers and starts none.
    func create() async throws { try await StackStart(context).create(try files.composeFiles()) }

    /// Creates and starts the containers. From here on this version may change the data, and the record says so.
    mutating func start() async throws {
        record.triedFormat = max(record.dataFormat ?? stack.dataFormat, stack.dataFormat)
        try await context.write(record)
        try await context.images.retry(record)
        let start = try StackStart(context)
        try await start.removeSpare(of: record)
        let hashes = try files.secretHashes(), descriptions = try files.descriptions(), record = record
        let found = try await context.reloadContainers()
        let stale = found.all.filter { !record.isMade($0, with: hashes[$0.name, default: ""]) }.map(\.name)
        let handovers = try await Replacements(context, record, found) { container, one in
            stale.contains(one.name) || one.image != container.image
                || record.isDescribedOtherwise(one.name, than: descriptions[one.name])
        }.handovers(context)
        self.handovers = handovers
        for handover in handovers { try await handover.begin() }
        let wait = HealthWait(
            context, existing: record.made, excused: record.excused, except: Set(handovers.map(\.predecessor)))
        self.wait = wait
        try await start.startCurrent(
            try files.composeFiles(), recreating: stale, beside: handovers.map(\.name), wait)
    }

    /// Waits until all containers are healthy and stay so, has those take over that were started beside others, and
    /// waits until what is expected of the stack holds.
    mutating func awaitHealthy() async throws {
        try await wait?.untilSteady()
        for index in handovers.indices {
            let workers = try await handovers[index].takeOver()
            handovers[index].workers = workers
        }
        try await context.awaitExpectations()
    }

    /// Stops and removes the containers that others were started beside.
    func retirePredecessors() async throws {
        for handover in handovers { try await handover.retirePredecessor() }
    }

    /// Records that this version is healthy: from here on a rollback restores it.
    mutating func commit() async throws {
        let found = try await context.reloadContainers(), hashes = try files.secretHashes()
        let descriptions = try files.descriptions()
        let deployment = try await deployment(of: found)
        var before = context.machine.isDeployedTogether ? record.before ?? StackRecord.Before(record) : nil
        before?.run = context.machine.runID
        // Where one of them is gone, the rollback tells that.
        try? await context.images.keep(before?.current?.imageIDs ?? [:], as: .before)
        try await context.images.keep(deployment.imageIDs, as: .good)
        let excused = record.excused
        record.succeed(with: deployment, before: before)
        record.take(found) {
            hashes[$0, default: ""]
        } description: {
            descriptions[$0]
        } isExcused: {
            $0.isExcused(in: excused)
        }
        try await context.write(record)
        try await removeUnneeded()
    }

    /// Describes this version, and takes the snapshot of its files.
    private func deployment(of found: StackContainers) async throws -> StackRecord.Deployment {
        let now = context.machine.now
        return StackRecord.Deployment(
            id: now.compact, version: stack.version, dataFormat: stack.dataFormat, time: now.iso8601,
            images: Dictionary(stack.containers.map { ($0.name, $0.image) }) { first, _ in first },
            imageIDs: try await context.images.ids(of: found),
            oneShots: stack.levels(of: stack.containers, by: \.name).flatMap(\.self).filter(\.isOneShot).map(\.name),
            volumes: stack.usedVolumes, snapshot: try files.snapshot.take())
    }

    /// Removes what the record no longer names.
    private func removeUnneeded() async throws {
        if stack.origin == nil { try CloneRecord.forgetUnlessDone(of: stack, on: context.machine) }
        try await context.images.keepOnly(record)
        if record.former == nil { try FormerProject.removeCopies(of: stack, on: context.machine) }
        guard let snapshot = record.current?.snapshot else { return }
        try files.removeUnused(besides: snapshot, record.before?.current?.snapshot)
    }
}
