/// That the containers of a stack run as it describes them, and nothing else of it does.
///
/// What is needed for the way back is kept until all are healthy; where one does not get there, the version before is put back.
struct StackDeployment: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// How often docker is asked while something is waited for.
    var pollInterval: Duration = .seconds(1)

    var name: String { "containers of \(stack.name)" }
    var mistakes: [String] { stack.mistakes }
    var ports: [Port] { stack.containers.flatMap(\.ports).map(\.port) }
    var secrets: [Secret] { stack.secretFiles.flatMap(\.secrets) }

    var claims: [Claim] {
        [
            Claim("the stack \(stack.name)", is: stack.version, summary: "\(stack.containers.count) containers"),
            .path(stack.directory, is: "the stack \(stack.name)", summary: "the files of the stack \(stack.name)"),
        ] + stack.dockerNames
    }

    /// - Throws: ``Failure`` where the data have a newer format than this version of the stack.
    func check(on machine: Machine) async throws -> Check {
        let record = try StackRecord(of: stack, on: machine)
        try refuseFormerFormat(record)
        let files = try StackFiles(stack, on: machine)
        try files.refuseForeign(isFirst: record.current == nil && record.pending == nil)
        let containers: StackContainers
        switch try await machine.askDocker(StackContainers.question(stack.name)) {
        case .unknown(let until): return .unknown(until: until)
        case .answer(let text): containers = try StackContainers(text)
        }
        let compared = try await files.compareSecrets()
        let reasons = try files.differences() + compared.different.map { "other content of \($0.path)" }
            + differences(of: containers, record, try files.secretHashes())
        let secrets = (compared.different + compared.unknown).flatMap(\.secrets)
        if reasons.isEmpty {
            if let until = compared.until { return .unknown(until: until) }
            return record.current?.version == stack.version && record.pending == nil ? .satisfied : .unmet("see that all are healthy")
        }
        return .unmet(reasons.joined(separator: "; "), diff: try files.composeDiff(), secrets: secrets)
    }

    private func refuseFormerFormat(_ record: StackRecord) throws {
        guard let format = record.dataFormat, format > stack.dataFormat else { return }
        throw Failure(
            "the data of \(stack.name) have the format \(format), since a version with that was started, and this version of it knows format \(stack.dataFormat)",
            advice: "Deploy a version with the format \(format), or go back together with the backup that was made before the change: propel rollback HOST --to TAG --restore.")
    }

    /// Why the containers are not those that are described, in words.
    private func differences(of found: StackContainers, _ record: StackRecord, _ secretHashes: [String: String]) -> [String] {
        var reasons: [String] = []
        for container in stack.containers {
            let name = container.name, present = found.named(name)
            guard let one = present.first, present.count == 1 else {
                reasons.append(present.isEmpty ? "start \(name)" : "\(name) runs \(present.count) times")
                continue
            }
            if one.image != container.image {
                let before = record.current?.images[name] ?? one.image
                reasons.append(before == container.image ? "\(name): another image of the name \(container.image)" : "\(name): \(before) → \(container.image)")
            } else if record.containers[name]?.id != one.id {
                // Somebody else's doing, or a run that was cut: nobody knows what it was made with.
                reasons.append("\(name) was not made by a deployment that ended well")
            } else if record.containers[name]?.secretFiles != secretHashes[name, default: ""] {
                reasons.append("\(name) has files mounted that are others by now")
            } else if !container.isWell(one) {
                reasons.append("\(name) is \(one.isUnhealthy ? "unhealthy" : one.isRunning ? "not healthy yet" : one.state)")
            }
        }
        let names = Set(stack.containers.map(\.name))
        reasons += found.all.filter { !names.contains($0.name) }.map { "remove \($0.name), which is no part of it any more" }
        return reasons
    }

    func apply(on machine: Machine) async throws {
        var record = try StackRecord(of: stack, on: machine)
        try refuseFormerFormat(record)
        let files = try StackFiles(stack, on: machine), compose = try Compose(stack, on: machine)
        try files.refuseForeign(isFirst: record.current == nil && record.pending == nil)
        for name in try files.changedMounts() { record.containers[name] = nil }
        try record.write(of: stack, on: machine)
        try files.writePlainFiles()
        try await files.validate(with: compose)
        if record.pending == nil, record.current != nil { try files.keepForTheWayBack() }
        record.pending = stack.version
        record.triedFormat = max(record.dataFormat ?? stack.dataFormat, stack.dataFormat)
        try record.write(of: stack, on: machine)

        try await files.writeSecretFiles()
        try files.writeComposeFile()
        var wait = HealthWait(stack: stack, pollInterval: pollInterval, machine: machine)
        do {
            let hashes = try files.secretHashes()
            let stale = try await present(on: machine) { one in
                record.containers[one.name] != StackRecord.Made(id: one.id, secretFiles: hashes[one.name, default: ""])
            }
            wait.former = Set(record.containers.values.map(\.id))
            try await bringUp(compose, try files.described(), remaking: stale, wait, on: machine)
            try await wait.untilSteady()
        } catch let trouble as Trouble {
            throw try await wayBack(from: trouble, record, files, on: machine)
        }
        record.pending = nil
        record.triedFormat = nil
        record.current = StackRecord.Deployment(
            id: machine.now.compact, version: stack.version, dataFormat: stack.dataFormat, time: machine.now.iso8601,
            images: Dictionary(stack.containers.map { ($0.name, $0.image) }) { first, _ in first })
        try await remember(in: &record, files, on: machine)
        try files.removeUnused()
    }

    /// Has compose make and start what is missing or has changed, in the order of who depends on whom.
    ///
    /// One level after the other, and without what it depends on or what depends on it: compose 2 makes those anew too that depend on
    /// one that changed.
    /// - Parameter stale: those to make anew in any case: compose does not look into mounted files.
    private func bringUp(_ compose: Compose, _ files: [FilePath], remaking stale: [String], _ wait: HealthWait, on machine: Machine) async throws {
        try await removeOthers(than: stack.containers.map(\.name), on: machine)
        for level in stack.levels(of: stack.containers, by: \.name).map({ $0.map(\.name) }) {
            machine.tell("starting \(level.joined(separator: ", "))")
            let up = ["up", "--detach", "--no-build", "--no-deps"], remade = level.filter(stale.contains)
            if !remade.isEmpty { try await run(compose.command(up + ["--force-recreate"] + remade, files: files, timeout: patience), on: machine) }
            try await run(compose.command(up + level, files: files, timeout: patience), on: machine)
            try await wait.untilWell(level)
        }
    }

    /// Removes containers that are no part of it any more, before others are started: two of them must never have one volume, or one
    /// port. Compose leaves those alone that it does not take for its own, and its two versions do not agree on that.
    private func removeOthers(than names: [String], on machine: Machine) async throws {
        let others = try await StackContainers.read(stack.name, on: machine).all.filter { !names.contains($0.name) }.map(\.id)
        guard !others.isEmpty else { return }
        try await machine.succeed(Command("docker", ["stop", "--time", "\(HaltedContainers.grace)"] + others))
        try await machine.succeed(Command("docker", ["rm"] + others))
    }

    /// Those of the containers for which a condition holds.
    private func present(on machine: Machine, where condition: (StackContainers.Found) -> Bool) async throws -> [String] {
        try await StackContainers.read(stack.name, on: machine).all.filter(condition).map(\.name)
    }

    /// Compose itself waits for what others depend on.
    private var patience: Duration { stack.patience + .minutes(10) }

    private func run(_ command: Command, on machine: Machine) async throws {
        let result = try await machine.run(command)
        guard result.succeeded else { throw Trouble(CommandFailure(command: command, result: result), of: stack, found: try? await StackContainers.read(stack.name, on: machine)) }
    }

    /// Puts back the version before.
    /// - Returns: what to say of it.
    private func wayBack(from trouble: Trouble, _ record: StackRecord, _ files: StackFiles, on machine: Machine) async throws -> Failure {
        var record = record
        var failure = trouble.failure
        failure.output = try await trouble.lastLines(on: machine) ?? failure.output
        if let current = record.current, current.dataFormat < stack.dataFormat {
            failure.advice = "The data may have the format \(stack.dataFormat) by now, which the version before cannot use: nothing was put back. Deploy a version that does its work, or go back together with the backup that was made before: propel rollback HOST --to TAG --restore."
            return failure
        }
        guard let current = record.current, try files.canGoBack() else {
            failure.advice = "There was no version before that could be put back: the containers are as they are. `docker logs` tells more; when it is put right, run again."
            return failure
        }
        machine.tell("putting the version before back")
        do {
            try files.goBack()
            let compose = try Compose(stack, on: machine)
            let names = try await machine.succeed(compose.command(["config", "--services"], files: try files.described())).text.split(separator: "\n").map(String.init)
            // Those that were made with what is no more.
            let stale = try await present(on: machine) { one in
                names.contains(one.name) && record.containers[one.name].map { !$0.secretFiles.isEmpty && $0.id != one.id } ?? false
            }
            try await removeOthers(than: names, on: machine)
            // Of that version nobody knows here who depends on whom. Compose does.
            let up = ["up", "--detach", "--no-build"]
            if !stale.isEmpty { try await run(compose.command(up + ["--no-deps", "--force-recreate"] + stale, files: try files.described(), timeout: patience), on: machine) }
            try await run(compose.command(up, files: try files.described(), timeout: patience), on: machine)
            try await HealthWait(stack: stack, pollInterval: pollInterval, machine: machine).untilFormerWell(names)
        } catch let second as Trouble {
            failure.message += "; and the version before, put back, is not well either: \(second.failure.message)"
            failure.advice = "Nothing of the data was removed. `docker ps --all` and `docker logs` on the machine tell more."
            return failure
        }
        record.pending = nil
        // Data have been written since: before the next try they are backed up again.
        record.current?.id = machine.now.compact
        let found = try await StackContainers.read(stack.name, on: machine)
        record.containers = Dictionary(
            found.all.map { ($0.name, StackRecord.Made(id: $0.id, secretFiles: record.containers[$0.name]?.secretFiles ?? "")) }) { first, _ in first }
        try record.write(of: stack, on: machine)
        try files.forgetTheWayBack()
        failure.message += "; the version of \(current.time) is back, and healthy"
        failure.isRolledBack = true
        failure.advice = "Correct what the last lines tell of, and deploy again."
        return failure
    }

    private func remember(in record: inout StackRecord, _ files: StackFiles, on machine: Machine) async throws {
        let found = try await StackContainers.read(stack.name, on: machine), hashes = try files.secretHashes()
        record.containers = Dictionary(
            found.all.map { ($0.name, StackRecord.Made(id: $0.id, secretFiles: hashes[$0.name, default: ""])) }) { first, _ in first }
        try record.write(of: stack, on: machine)
    }
}
