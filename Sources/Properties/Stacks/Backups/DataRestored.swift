/// The data of a stack are those of a backup.
///
/// The containers are stopped for it. The data from before are backed up first, and put back if the restore fails.
struct DataRestored: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// The name of the backup.
    let backup: String
    /// Whether data may be replaced. Otherwise the restore is refused if a volume is not empty.
    let isReplacing: Bool
    /// Identifies this restore among those of the same backup, such as the time. A finished one is not repeated.
    let request: String

    var name: String { "data of \(stack.name) as in the backup \(backup)" }
    var problems: [String] { Backup.problems(ofID: backup) }

    /// - Throws: ``Failure`` if there is no such backup, if it is damaged, or if it may not be restored.
    func check(on machine: Machine) async throws -> Check {
        if try RestoreRecord.isDone(backup, request, of: stack, on: machine) { return .satisfied }
        let backup = try StackBackups(of: stack, on: machine).named(backup, of: stack)
        let data = try await StackData.read(of: stack, on: machine)
        let job = try await RestoreJob(backup, data, of: StackContext(resolving: stack, on: machine))
        try refuseLoss(of: job.targets, try RestoreRecord.unfinished(of: stack, on: machine))
        try await StackBackups.verify(backup, of: stack, on: machine)
        return .unmet(try await job.change())
    }

    /// - Throws: ``Failure`` if data would be replaced, and may not be.
    private func refuseLoss(of targets: [RestoreJob.Target], _ unfinished: RestoreRecord.Unfinished?) throws {
        let filled = targets.filter { !$0.present.isEmpty }.map(\.present.volume.name)
        // Data that an unfinished restore of the same backup has left are incomplete.
        guard !isReplacing, unfinished?.backup != backup, !filled.isEmpty else { return }
        throw Failure(
            "the backup \(backup) would replace the data in \(filled.joined(separator: ", ")) of \(stack.name)",
            advice: "Pass --replace to restore it; the present data are backed up before.")
    }

    func apply(on machine: Machine) async throws {
        let backup = try StackBackups(of: stack, on: machine).named(backup, of: stack)
        let data = try await StackData.read(of: stack, on: machine)
        let job = try await RestoreJob(backup, data, of: StackContext(resolving: stack, on: machine))
        let unfinished = try RestoreRecord.unfinished(of: stack, on: machine)
        try refuseLoss(of: job.targets, unfinished)
        try await StackBackups.verify(backup, of: stack, on: machine)
        let (restore, mustBecomeHealthy) = try await begin(job, data, unfinished, on: machine)
        let formerRecord = try StackRecord(of: stack, on: machine)
        do {
            try await replaceData(job, formerRecord, mustBecomeHealthy: mustBecomeHealthy, on: machine)
        } catch {
            throw await putBack(job, restore, formerRecord, after: error, on: machine)
        }
        if let origin = backup.origin {
            try CloneRecord(origin: origin, backup: backup.id, progress: .done).write(of: stack, on: machine)
        } else {
            try CloneRecord.forgetUnlessDone(of: stack, on: machine)
        }
        try RestoreRecord.finish(backup.id, request, of: stack, on: machine)
    }

    /// Stops the containers, backs up the present data, and records that these are being replaced.
    /// - Returns: what is recorded, and whether the containers must become healthy with the new data.
    private func begin(
        _ job: RestoreJob, _ data: StackData, _ unfinished: RestoreRecord.Unfinished?, on machine: Machine
    ) async throws -> (RestoreRecord.Unfinished, mustBecomeHealthy: Bool) {
        let halted = HaltedContainers(of: job.context)
        if unfinished == nil { try await halted.resume() }
        let running = try await job.running()
        var restore = RestoreRecord.Unfinished(backup: job.backup.id, safety: unfinished?.safety)
        do {
            if unfinished == nil { try await halted.remember(running) }
            try await job.stopAll()
            // The data that an unfinished restore or clone has left are incomplete; the former has made a backup.
            let isCloneUnfinished = try CloneRecord.read(of: stack, on: machine)?.progress == .begun
            if unfinished == nil, !isCloneUnfinished, !data.filled.isEmpty {
                var safety = BackupJob(job.context)
                safety.leavesContainersHalted = true
                restore.safety = try await safety.take(
                    why: "before restoring \(job.backup.id)", fallback: .archiveAll, retention: nil
                ).id
            }
            try RestoreRecord.begin(restore, of: stack, on: machine)
        } catch {
            throw await error.after {
                try await job.restart(running)
                try await halted.forget()
            }
        }
        // Nothing may start them from here on until the data are complete.
        try await halted.forget()
        return (restore, running.allSatisfy(\.isRunningWell))
    }

    private func replaceData(
        _ job: RestoreJob, _ formerRecord: StackRecord, mustBecomeHealthy: Bool, on machine: Machine
    ) async throws {
        try await job.restore()
        // Neither the unit at boot nor a rollback may start the newer version with older data.
        if job.isDowngrade { try machine.files.remove(stack.composeFile) }
        // Before the restore counts as ended: no later run would correct the record.
        try remember(formerRecord, job, on: machine)
        // The data are complete from here on.
        try RestoreRecord.end(of: stack, on: machine)
        if !job.isDowngrade { try await job.startAll(waiting: mustBecomeHealthy) }
    }

    /// Restores data and records as they were before.
    private func putBack(
        _ job: RestoreJob, _ restore: RestoreRecord.Unfinished, _ formerRecord: StackRecord, after error: any Error,
        on machine: Machine
    ) async -> Failure {
        var unwritten: [String] = []
        do {
            try RestoreRecord.begin(restore, of: stack, on: machine)
        } catch {
            unwritten.append(Failure(describing: error).message)
        }
        do {
            try formerRecord.write(of: stack, on: machine)
        } catch {
            unwritten.append(Failure(describing: error).message)
        }
        var failure = await job.putBack(restore.safety, after: error)
        if !unwritten.isEmpty {
            failure.message += "; and the record of the stack is not as before: \(unwritten.joined(separator: "; "))"
            failure.isRolledBack = false
        }
        return failure
    }

    /// Records that the data are others than those of the last deployment.
    private func remember(_ former: StackRecord, _ job: RestoreJob, on machine: Machine) throws {
        var record = former
        // No backup has the data that are written from now on.
        record.current?.id = machine.now.compact
        if job.isDowngrade {
            record.triedFormat = nil
            // Nor may a deployment that fails roll back to that version.
            record.current?.snapshot = nil
            record.current?.dataFormat = job.backup.dataFormat ?? stack.dataFormat
        }
        try record.write(of: stack, on: machine)
    }
}
