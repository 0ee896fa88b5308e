/// Puts the version of a stack back that was good before: its files as they were then, the images that its containers had under
/// whichever name, and its containers.
struct Rollback {
    let deployment: StackDeployment
    let files: StackFiles
    let machine: Machine

    private var stack: Stack { deployment.stack }
    private var images: StackImages { StackImages(stack: stack, machine: machine) }

    /// - Parameter problem: what kept the new version from being good.
    /// - Returns: what to say of it.
    func rollBack(after problem: DeploymentError, _ record: StackRecord) async throws -> Failure {
        var failure = problem.failure
        failure.output = try await problem.lastLines(on: machine) ?? failure.output
        if let current = record.current, current.dataFormat < stack.dataFormat {
            failure.advice =
                "The data may have the format \(stack.dataFormat) by now, which the version before cannot use: nothing was put back. Deploy a version that does its work, or go back together with the backup that was made before: propel rollback HOST --to TAG --restore."
            return failure
        }
        guard let current = record.current, let snapshot = current.snapshot else {
            failure.advice =
                "There was no version before that could be put back: the containers are as they are. `docker logs` tells more; when it is put right, run again."
            return failure
        }
        guard try files.snapshot.isIntact(snapshot) else {
            failure.advice =
                "Somebody has changed the copy of the version before since it was deployed, so it was not put back: the containers are as they are. `docker logs` tells more; when it is put right, run again."
            return failure
        }
        machine.showProgress("putting the version before back")
        var record = record
        let replaced: [String: String], excused: [String]
        do {
            replaced = try await images.replaced(since: current)
            try await images.keep(replaced, as: .refused)
            // Before the names are given back: nobody would know of the others any more.
            record.refusedImages.merge(replaced) { $1 }
            try record.write(of: stack, on: machine)
            try await images.restoreTags(of: current)
            excused = try await putBack(snapshot, current, record)
        } catch {
            if error is CancellationError { throw error }
            let second = (error as? DeploymentError)?.failure ?? Failure(describing: error)
            failure.message += "; and the version before, put back, is not well either: \(second.message)"
            failure.advice =
                "Nothing of the data was removed. `docker ps --all` and `docker logs` on the machine tell more."
            return failure
        }
        record.pending = nil
        // Data have been written since: before the next try they are backed up again.
        record.current?.id = machine.now.compact
        let found = try await StackContainers.read(stack.name, on: machine)
        let made = record.containers
        record.take(found) {
            made[$0]?.secretFiles ?? ""
        } isExcused: {
            excused.contains($0.name)
        }
        try record.write(of: stack, on: machine)
        try files.removeUnused(besides: snapshot)
        failure.message += "; the version of \(current.time) is back, and healthy"
        if !excused.isEmpty {
            failure.message += " (what \(excused.joined(separator: ", ")) did to the data then did not succeed again)"
        }
        failure.isRolledBack = true
        failure.advice = images.advice(replaced) ?? "Correct what the last lines tell of, and deploy again."
        return failure
    }

    /// - Returns: the names of the containers that do something once, and have not succeeded again.
    private func putBack(
        _ snapshot: StackRecord.SnapshotReference, _ current: StackRecord.Deployment, _ record: StackRecord
    ) async throws -> [String] {
        let hashes = try files.secretHashes()
        try files.snapshot.putBack(snapshot)
        let compose = try Compose(stack, on: machine), described = try files.described()
        let names = try await machine.succeed(compose.command(["config", "--services"], files: described)).text.split(
            separator: "\n"
        ).map(String.init)
        // Those that were made with what is no more, and those that docker may have started again meanwhile, with files that are no more.
        let stale = try await StackContainers.read(stack.name, on: machine).all.filter { one in
            guard names.contains(one.name), let made = record.containers[one.name], !made.secretFiles.isEmpty else {
                return false
            }
            return !record.isMade(one, with: hashes[one.name, default: ""])
        }.map(\.name)
        let once = current.once.filter(names.contains)
        let excused = try await StackStart(stack: stack, compose: compose, machine: machine)
            .startPrevious(names, once: once, described, of: record, remaking: stale, wait: newWait)
        try await newWait().untilFormerWell(names.filter { !once.contains($0) }, andSteady: true)
        let ids = try await images.ids(of: try await StackContainers.read(stack.name, on: machine))
        for (container, id) in current.imageIDs.sorted(by: { $0.key < $1.key })
        where names.contains(container) && ids[container] != id {
            throw DeploymentError(Failure("\(container) of \(stack.name) has not got the image back that it had"))
        }
        return excused
    }

    private func newWait() -> HealthWait {
        HealthWait(stack: stack, pollInterval: deployment.pollInterval, machine: machine, now: deployment.now)
    }
}
