/// Restores the last healthy version of a stack: its files, the images that its containers were created from, and its
/// containers.
struct Rollback {
    let context: StackContext
    private let files: StackFiles

    private var stack: Stack { context.stack }
    private var machine: Machine { context.machine }
    private var images: StackImages { context.images }

    init(_ context: StackContext) {
        self.context = context
        files = context.files
    }

    /// - Parameter error: the reason why the new version is not healthy.
    /// - Returns: what to report.
    func rollBack(after error: DeploymentError, _ former: StackRecord) async throws -> Failure {
        var failure = try await error.failureWithLog(on: machine)
        if let current = former.current, current.dataFormat < stack.dataFormat {
            failure.advice =
                "Nothing was rolled back: the data may have format \(stack.dataFormat) by now, which the previous "
                + "version cannot use. Deploy a corrected version, or go back together with the backup that was "
                + "made before: propel rollback HOST --to TAG --restore."
            return failure
        }
        if former.current == nil, let project = former.former {
            let note = await FailedContainer(context: context).keep(of: error)
            return try await restart(project, after: failure, former).advising(note)
        }
        guard let current = former.current, let snapshot = current.snapshot else {
            failure.advice =
                "There is no previous version to roll back to: the containers stay as they are. See `docker logs`, "
                + "correct the cause, then run again."
            return failure
        }
        guard try files.snapshot.isIntact(snapshot) else {
            failure.advice =
                "Nothing was rolled back: somebody has changed the snapshot of the previous version. The containers "
                + "stay as they are. See `docker logs`, correct the cause, then run again."
            return failure
        }
        machine.showProgress("rolling back")
        let note = await FailedContainer(context: context).keep(of: error)
        var record = former
        let replaced: [String: String], excused: [String]
        do {
            replaced = try await images.replaced(since: current)
            try await images.keep(replaced, as: .refused)
            // Before the tags are restored: nobody would know of the other images afterwards.
            record.refusedImages.merge(replaced) { $1 }
            try await context.write(record)
            try await images.restoreTags(current.images, current.imageIDs)
            excused = try await restore(snapshot, current, record)
        } catch let error {
            if error is CancellationError { throw error }
            let second = DeploymentError(describing: error).failure
            failure.message += "; rollback failed too: \(second.message)"
            failure.advice = "No data was removed. See `docker ps --all` and `docker logs` on the machine."
            return failure.advising(note)
        }
        try await finish(&record, snapshot, excused)
        failure.message += "; rolled back to the version of \(current.time), which is healthy"
        if !excused.isEmpty {
            failure.message += " (\(excused.joined(separator: ", ")) did not succeed on the data again)"
        }
        failure.isRolledBack = true
        failure.advice = images.advice(replaced) ?? "Correct what the last lines report, and deploy again."
        return failure.advising(note)
    }

    /// Records that the previous version runs again.
    private func finish(
        _ record: inout StackRecord, _ snapshot: StackRecord.SnapshotReference, _ excused: [String]
    ) async throws {
        record.pending = nil
        // Data was written since: it is backed up again before the next attempt.
        record.current?.id = machine.now.compact
        let made = record.containers
        record.take(try await context.reloadContainers()) {
            made[$0]?.secretFiles ?? ""
        } description: {
            made[$0]?.description
        } isExcused: {
            excused.contains($0.name)
        }
        try await context.write(record)
        try files.removeUnused(besides: snapshot, record.before?.current?.snapshot)
    }

    /// Restores files and containers, and waits for them.
    /// - Returns: the names of the one-shot containers that did not succeed again.
    private func restore(
        _ snapshot: StackRecord.SnapshotReference, _ current: StackRecord.Deployment, _ record: StackRecord
    ) async throws -> [String] {
        let hashes = try files.secretHashes()
        try files.snapshot.restore(snapshot)
        let start = try StackStart(context), composeFiles = try files.composeFiles()
        let services = try await machine.succeed(start.compose.services(files: composeFiles)).text
        let names = services.nonEmptyLines.map(String.init)
        // Those that have files mounted which no longer exist: docker may have restarted them since.
        let found = try await context.reloadContainers()
        let stale = names.filter { name in
            guard let made = record.containers[name], !made.secretFiles.isEmpty else { return false }
            let present = found.named(name)
            return !present.isEmpty && !present.contains { record.isMade($0, with: hashes[name, default: ""]) }
        }
        let oneShots = current.oneShots.filter(names.contains)
        let excused = try await start.startPrevious(
            names, oneShots: oneShots, composeFiles, of: record, recreating: stale, wait: { HealthWait(context) })
        try await HealthWait(context).untilPreviousHealthy(names.filter { !oneShots.contains($0) }, andSteady: true)
        let ids = try await images.ids(of: try await context.reloadContainers())
        for (container, id) in current.imageIDs.sorted(by: { $0.key < $1.key })
        where names.contains(container) && ids[container] != id {
            throw DeploymentError(Failure("\(container) of \(stack.name) does not have its previous image"))
        }
        return excused
    }
}

extension Failure {
    /// The same with a further sentence of advice, if there is one.
    fileprivate func advising(_ note: String?) -> Failure {
        var failure = self
        failure.advice = [advice, note].compactMap(\.self).joined(separator: " ")
        return failure
    }
}
