/// The differences between a stack and what runs on the machine.
struct StackDifferences {
    private let context: StackContext
    private let files: StackFiles

    private var stack: Stack { context.stack }

    init(_ context: StackContext) {
        self.context = context
        files = context.files
    }

    struct Finding {
        var check: Check
        /// Whether containers may change; otherwise only files beside them do.
        var changesContainers = true
    }

    /// - Throws: ``Failure`` if the data has a newer format than this version of the stack, ``Undetermined`` if there
    ///   is no engine to ask.
    func find() async throws -> Finding {
        let record = try await context.record()
        try record.refuseOlderFormat(of: stack)
        try files.refuseForeign(isFirst: record.isEmpty)
        try await context.refuseUnknownKeys()
        let found = try await context.containers()
        let secrets = try await files.compareSecrets()
        let refused = try await context.images.refused(record)
        let images = try await expectedImages(found, except: refused)
        let former =
            record.isTakingOver(by: stack)
            ? try await FoundProject.read(found, on: context.machine).changes(by: stack, on: context.machine) : []
        let orphans = stack.containers.contains { !$0.borrowedFrom.isEmpty } ? try await context.orphans(found) : []
        let reasons =
            try former + files.differences() + secrets.different.map { "other content of \($0.path)" }
            + differences(of: found, record, try files.secretHashes(), refused)
            + images.awaited.map { "\($0.name): a new image \($0.image) comes first" }
            + orphans.map { "\($0) shares with a container that no longer exists" }
        guard reasons.isEmpty else {
            let diff = try files.composeDiff()
            // Compose creates networks only for another file: docker is not asked otherwise.
            if diff != nil { try await context.refuseTooManyNetworks() }
            let replaced = try await replacements(
                found, record, changed: secrets.different, renewed: refused + images.awaited.map(\.name))
            return Finding(
                check: .unmet(
                    (reasons + replaced.notes + record.emptyVolumes(of: stack)).joined(separator: "; "), diff: diff,
                    secrets: (secrets.different + secrets.unknown).flatMap(\.secrets)))
        }
        if let until = secrets.until ?? images.until { throw Undetermined(until: until) }
        guard let current = record.current, current.version == stack.version, record.pending == nil else {
            return Finding(check: .unmet("verify that all containers are healthy"))
        }
        let isTogether = context.machine.isDeployedTogether
        var changes: [String] = []
        if record.isUndecided(about: stack, on: context.machine) {
            changes.append(
                isTogether
                    ? "decide with the other hosts whether this version stays"
                    : "let this version stay: that was not decided yet with the other hosts")
        }
        // Alone it is of no use, since the version stays.
        changes += try clutter(beside: current, isTogether ? record.before?.current : nil)
        return Finding(check: .unmet(unlessEmpty: changes), changesContainers: false)
    }

    /// Leftovers of a run that was killed, and what it did not finish, beside the containers.
    private func clutter(
        beside current: StackRecord.Deployment, _ before: StackRecord.Deployment?
    ) throws -> [String] {
        let needed = [current.snapshot, before?.snapshot].compactMap(\.self)
        var changes = try files.leftovers(besides: needed).map { "remove \($0), which is unused" }
        if try current.snapshot.map(files.snapshot.isIntact) != true {
            changes.append(
                "take a snapshot for a rollback: it is \(current.snapshot == nil ? "missing" : "not intact")")
        }
        return changes
    }

    /// The containers that are about to be recreated because their image is built, loaded or pulled before: until then
    /// its name belongs to the previous image.
    /// - Returns: these containers, and what to wait for until all can be told.
    private func expectedImages(
        _ found: StackContainers, except refused: [String]
    ) async throws -> (awaited: [Container], until: String?) {
        var awaited: [Container] = [], until: String?
        for container in stack.containers where container.asksRegistry && !refused.contains(container.name) {
            guard found.named(container.name).first?.image == container.image else { continue }
            if try await container.isOutdated(on: context.machine) { awaited.append(container) }
        }
        for container in stack.containers where container.origin != .registry && !refused.contains(container.name) {
            guard found.named(container.name).first?.image == container.image else { continue }
            switch try await context.check(imageOf: container) {
            case .satisfied: break
            case .unmet: awaited.append(container)
            case .unknown(let condition): until = condition
            }
        }
        return (awaited, until)
    }

    /// The containers that are going to be replaced.
    /// - Parameters:
    ///   - changed: the files with secrets whose content changes.
    ///   - renewed: the names of the containers that get another image of the same name.
    private func replacements(
        _ found: StackContainers, _ record: StackRecord, changed: [SecretFile], renewed: [String]
    ) async throws -> Replacements {
        let hashes = try files.secretHashes(), descriptions = try files.descriptions()
        let hasOtherKeys = changed.contains { $0.path == stack.overrideFile }
        let mounts = changed.compactMap { file in
            if case .mounted(_, let container) = file.kind { container } else { nil }
        }
        let others = Set(renewed + mounts + (try files.changedMounts()))
        return try await Replacements(context, record, found) { container, one in
            let name = container.name
            let hasOtherDescription =
                record.isDescribedOtherwise(name, than: descriptions[name])
                || hasOtherKeys && !container.secretKeys.isEmpty
                    && record.containers[name]?.description != nil
            return others.contains(name) || hasOtherDescription || one.image != container.image
                || !record.isMade(one, with: hashes[name, default: ""])
        }
    }

    /// The reasons why the containers are not those that the stack describes.
    /// - Parameter refused: those whose image was rolled back and is tried again.
    private func differences(
        of found: StackContainers, _ record: StackRecord, _ secretHashes: [String: String], _ refused: [String]
    ) -> [String] {
        let names = Set(stack.containers.map(\.name))
        let reasons = stack.containers.compactMap { container -> String? in
            let name = container.name, present = found.named(name)
            guard let one = present.first, present.count == 1 else {
                return present.isEmpty ? "start \(name)" : "\(name) runs \(present.count) times"
            }
            if one.image != container.image {
                let before = record.current?.images[name] ?? one.image
                return before == container.image
                    ? "\(name): new image \(container.image)" : "\(name): \(before) → \(container.image)"
            }
            // Somebody else created it, or a run that was killed: nobody knows what with.
            if record.containers[name]?.id != one.id {
                return record.isTakingOver(by: stack) ? nil : "\(name) was not created by a successful deployment"
            }
            if record.containers[name]?.secretFiles != secretHashes[name, default: ""] {
                return "\(name) has outdated files mounted"
            }
            if !container.isSatisfied(by: one), !one.isExcused(in: record.excused) {
                return "\(name) \(condition(of: one, container))"
            }
            return refused.contains(name) ? "\(name): try the newer image \(container.image) again" : nil
        }
        return reasons
            + found.all.filter { !names.contains($0.name) }.map { "remove \($0.name), which is no longer in the stack" }
    }

    private func condition(of found: StackContainers.Found, _ container: Container) -> String {
        if found.isUnhealthy { return "is unhealthy" }
        if !found.isRunning { return "is \(found.state)" }
        return container.isOneShot ? "has not exited yet" : "is not healthy yet"
    }
}
