/// That the containers of a stack run as it describes them, and nothing else of it does.
///
/// Where one does not get healthy, the version before is put back; see ``Rollback``.
struct StackDeployment: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// How often docker is asked while something is waited for.
    var pollInterval: Duration = .seconds(1)
    /// What time it is, for its patience.
    var now: @Sendable () -> ContinuousClock.Instant = { .now }

    var name: String { "containers of \(stack.name)" }
    var problems: [String] { stack.problems }
    var ports: [Port] { stack.containers.flatMap(\.ports).map(\.port) }
    var secrets: [Secret] { stack.secretFiles.flatMap(\.secrets) }

    var claims: [Claim] {
        [
            Claim("the stack \(stack.name)", is: stack.version, summary: "\(stack.containers.count) containers"),
            .path(stack.directory, is: "the stack \(stack.name)", summary: "the files of the stack \(stack.name)"),
        ] + stack.dockerNames
    }

    /// What was found out about it.
    struct Finding {
        var check: Check
        /// Whether a container may change; else only what lies beside them is put in order.
        var changesContainers = true
    }

    /// - Throws: ``Failure`` where the data have a newer format than this version of the stack.
    func check(on machine: Machine) async throws -> Check { try await find(on: machine).check }

    func find(on machine: Machine) async throws -> Finding {
        let record = try StackRecord(of: stack, on: machine)
        try refuseFormerFormat(record)
        let files = try StackFiles(stack, on: machine)
        try files.refuseForeign(isFirst: record.current == nil && record.pending == nil)
        let containers: StackContainers
        switch try await machine.ask(docker: DockerCommand.invocation(StackContainers.question(stack.name))) {
        case .unknown(let until): return Finding(check: .unknown(until: until))
        case .answer(let text): containers = try StackContainers(text)
        }
        let compared = try await files.compareSecrets()
        let refused = try await StackImages(stack: stack, machine: machine).refused(record)
        let reasons =
            try files.differences() + compared.different.map { "other content of \($0.path)" }
            + differences(of: containers, record, try files.secretHashes(), refused)
            + (try await imagesToCome(containers, besides: refused, on: machine))
        let secrets = (compared.different + compared.unknown).flatMap(\.secrets)
        guard reasons.isEmpty else {
            let said = reasons + record.emptyVolumes(of: stack)
            return Finding(check: .unmet(said.joined(separator: "; "), diff: try files.composeDiff(), secrets: secrets))
        }
        if let until = compared.until { return Finding(check: .unknown(until: until)) }
        guard let current = record.current, current.version == stack.version, record.pending == nil else {
            return Finding(check: .unmet("see that all are healthy"))
        }
        var tidying = try files.leftovers(besides: current.snapshot).map {
            "remove \($0), which nothing needs any more"
        }
        if try current.snapshot.map(files.snapshot.isIntact) != true {
            tidying.append(
                "copy the files for the way back: the copy is \(current.snapshot == nil ? "missing" : "not what it was")"
            )
        }
        return Finding(check: .unmet(unlessEmpty: tidying), changesContainers: false)
    }

    /// Which containers are going to be made anew since another image is built or loaded before, in words: the names still mean the former.
    private func imagesToCome(
        _ found: StackContainers, besides refused: [String], on machine: Machine
    ) async throws -> [String] {
        var reasons: [String] = []
        let ours = stack.containers.filter { $0.origin != .registry && !refused.contains($0.name) }
        for container in ours where found.named(container.name).first?.image == container.image {
            // What cannot be told of it, its own step says.
            if case .unmet = try? await container.brought.check(on: machine) {
                reasons.append("\(container.name): another image of the name \(container.image) is to come")
            }
        }
        return reasons
    }

    private func refuseFormerFormat(_ record: StackRecord) throws {
        guard let format = record.dataFormat, format > stack.dataFormat else { return }
        throw Failure(
            "the data of \(stack.name) have the format \(format), since a version with that was started, and this version of it knows format \(stack.dataFormat)",
            advice:
                "Deploy a version with the format \(format), or go back together with the backup that was made before the change: propel rollback HOST --to TAG --restore."
        )
    }

    /// Why the containers are not those that are described, in words.
    /// - Parameter refused: those whose image gave way to the one before, and is tried again.
    private func differences(
        of found: StackContainers, _ record: StackRecord, _ secretHashes: [String: String], _ refused: [String]
    ) -> [String] {
        var reasons: [String] = []
        for container in stack.containers {
            let name = container.name, present = found.named(name)
            guard let one = present.first, present.count == 1 else {
                reasons.append(present.isEmpty ? "start \(name)" : "\(name) runs \(present.count) times")
                continue
            }
            if one.image != container.image {
                let before = record.current?.images[name] ?? one.image
                reasons.append(
                    before == container.image
                        ? "\(name): another image of the name \(container.image)"
                        : "\(name): \(before) → \(container.image)")
            } else if record.containers[name]?.id != one.id {
                // Somebody else's doing, or a run that was cut: nobody knows what it was made with.
                reasons.append("\(name) was not made by a deployment that ended well")
            } else if record.containers[name]?.secretFiles != secretHashes[name, default: ""] {
                reasons.append("\(name) has files mounted that are others by now")
            } else if !container.isWell(one), !one.isAmong(excused: record.excused) {
                let words =
                    one.isUnhealthy
                    ? "is unhealthy"
                    : !one.isRunning
                        ? "is \(one.state)" : container.isOneShot ? "has not ended yet" : "is not healthy yet"
                reasons.append("\(name) \(words)")
            } else if refused.contains(name) {
                reasons.append(
                    "\(name): try the newer image of the name \(container.image) again, which gave way to this one")
            }
        }
        let names = Set(stack.containers.map(\.name))
        reasons += found.all.filter { !names.contains($0.name) }.map {
            "remove \($0.name), which is no part of it any more"
        }
        return reasons
    }

    func apply(on machine: Machine) async throws {
        var record = try StackRecord(of: stack, on: machine)
        try refuseFormerFormat(record)
        let files = try StackFiles(stack, on: machine), compose = try Compose(stack, on: machine),
            images = StackImages(stack: stack, machine: machine)
        try files.refuseForeign(isFirst: record.current == nil && record.pending == nil)
        let same = try await files.unchangedSecretFiles()
        for name in try files.changedMounts() { record.containers[name] = nil }
        // Docker may have started one again since, with what is there now; it would count as made with what it was made with once that
        // is there again.
        let present = try files.secretHashes()
        for (name, made) in record.containers where made.secretFiles != present[name, default: ""] {
            record.containers[name] = nil
        }
        try record.write(of: stack, on: machine)
        try files.writePlainFiles()
        try await files.validate(with: compose, except: same)
        record.pending = stack.version
        try record.write(of: stack, on: machine)

        try await files.writeSecretFiles(except: same)
        try files.writeComposeFile()
        // From here on it may change the data.
        record.triedFormat = max(record.dataFormat ?? stack.dataFormat, stack.dataFormat)
        try record.write(of: stack, on: machine)
        do {
            try await images.retry(record)
            let hashes = try files.secretHashes()
            let stale = try await StackContainers.read(stack.name, on: machine).all.filter { one in
                !record.isMade(one, with: hashes[one.name, default: ""])
            }.map(\.name)
            let wait = HealthWait(
                stack: stack, pollInterval: pollInterval, machine: machine, former: record.made,
                excused: record.excused, now: now)
            try await StackStart(stack: stack, compose: compose, machine: machine).startCurrent(
                try files.described(), remaking: stale, wait)
            try await wait.untilSteady()
        } catch {
            if error is CancellationError { throw error }
            let problem = error as? DeploymentError ?? DeploymentError(Failure(describing: error))
            throw try await Rollback(deployment: self, files: files, machine: machine).rollBack(after: problem, record)
        }
        try await remember(record, files, images, on: machine)
    }

    /// That this version is good: from here on it is the one that the next one gives way to.
    private func remember(
        _ former: StackRecord, _ files: StackFiles, _ images: StackImages, on machine: Machine
    ) async throws {
        let found = try await StackContainers.read(stack.name, on: machine), hashes = try files.secretHashes()
        let ids = try await images.ids(of: found), snapshot = try files.snapshot.make()
        try await images.keep(ids, as: .good)
        var record = former
        record.pending = nil
        record.triedFormat = nil
        record.refusedImages = [:]
        record.current = StackRecord.Deployment(
            id: machine.now.compact, version: stack.version, dataFormat: stack.dataFormat, time: machine.now.iso8601,
            images: Dictionary(stack.containers.map { ($0.name, $0.image) }) { first, _ in first }, imageIDs: ids,
            once: stack.levels(of: stack.containers, by: \.name).flatMap(\.self).filter(\.isOneShot).map(\.name),
            volumes: stack.usedVolumes, snapshot: snapshot)
        record.take(found) {
            hashes[$0, default: ""]
        } isExcused: {
            $0.isAmong(excused: former.excused)
        }
        try record.write(of: stack, on: machine)
        if stack.origin == nil { try CloneRecord.forgetUnlessDone(of: stack, on: machine) }
        try await images.keepOnly(good: ids.keys, refused: [])
        try files.removeUnused(besides: snapshot)
    }
}
