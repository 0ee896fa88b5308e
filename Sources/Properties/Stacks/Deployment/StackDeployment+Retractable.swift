// A deployment that was healthy goes back, since another host that is deployed together with this one has failed.

extension StackDeployment: Retractable {
    func retract(because reason: String, on machine: Machine) async throws -> Failure {
        let context = try await StackContext(resolving: stack, on: machine)
        context.forget()
        guard let former = try await context.record().beforeDeployment(of: context.stack) else {
            return Failure(
                "not put back, although \(reason): the machine no longer knows what ran before",
                advice: "Deploy the version that should run.")
        }
        var failure = try await Rollback(context).rollBack(after: DeploymentError(Failure(reason)), former)
        guard failure.isRolledBack else {
            failure.message = "not put back, although \(failure.message)"
            // It stays, so there is nothing left to decide.
            try? await settle(on: machine)
            return failure
        }
        failure.message = "put back, since \(failure.message)"
        failure.advice = "Put that right, then run again."
        // The former version runs; tags that are left over are removed by the next deployment.
        try? await context.keepImages()
        return failure
    }

    func settle(on machine: Machine) async throws {
        let context = try await StackContext(resolving: stack, on: machine)
        context.forget()
        var record = try await context.record()
        guard record.before != nil else { return }
        record.before = nil
        try await context.write(record)
        // What is left for a rollback from here on is removed by the next run.
        try? await context.keepImages()
        if let snapshot = record.current?.snapshot { try? context.files.removeUnused(besides: snapshot) }
    }
}

extension StackContext {
    /// Keeps the images that the record names, and no others.
    fileprivate func keepImages() async throws {
        let record = try await record()
        try await images.keep(record.current?.imageIDs ?? [:], as: .good)
        try await images.keepOnly(record)
    }
}

extension StackRecord.Before {
    /// The state of the record before it is changed.
    init(_ record: StackRecord) {
        self.init(
            current: record.current, containers: record.containers, previousImages: record.previousImages)
    }
}

extension StackRecord {
    /// Whether a version runs that another run has deployed together with other hosts, and it is not decided whether it
    /// stays: that run still waits, or was cut off.
    func isUndecided(about stack: Stack, on machine: Machine) -> Bool {
        guard let before, current?.version == stack.version else { return false }
        return !machine.isDeployedTogether || before.run == nil || before.run != machine.runID
    }

    /// The record for a rollback where a version fails. What an earlier run has not decided goes back with it, if what
    /// ran before that run can use the data.
    func rollbackRecord(for stack: Stack) -> StackRecord {
        guard let former = beforeDeployment(of: stack), let version = former.current,
            version.dataFormat >= stack.dataFormat
        else { return self }
        return former
    }

    /// The record as it was when the last deployment of a stack was pending; nil if that is not known.
    func beforeDeployment(of stack: Stack) -> StackRecord? {
        guard let before, current?.version == stack.version else { return nil }
        var record = self
        record.before = nil
        (record.current, record.containers) = (before.current, before.containers)
        record.previousImages = before.previousImages
        record.pending = stack.version
        // This version may have changed the data.
        record.triedFormat = dataFormat
        return record
    }
}
