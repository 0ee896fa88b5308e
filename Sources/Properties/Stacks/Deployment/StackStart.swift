/// Has compose make and start the containers of a stack, so that none gets in the way of another.
struct StackStart {
    let stack: Stack
    let compose: Compose
    let machine: Machine

    // MARK: - The version that is described

    /// Makes and starts what is missing or has changed, in the order of who depends on whom.
    ///
    /// One level after the other, and without what it depends on or what depends on it: compose 2 makes those anew too that depend on
    /// one that changed.
    /// - Parameters:
    ///   - files: where compose reads it.
    ///   - stale: those to make anew in any case: compose does not look into mounted files.
    func startCurrent(_ files: [FilePath], remaking stale: [String], _ wait: HealthWait) async throws {
        try await removeOthers(than: stack.containers.map(\.name))
        try await stopWhatIsInTheWay()
        for level in stack.levels(of: stack.containers, by: \.name) {
            machine.showProgress("starting \(level.map(\.name).joined(separator: ", "))")
            let remade = level.map(\.name).filter(stale.contains), others = level.filter { !stale.contains($0.name) }
            try await up(["--no-deps", "--force-recreate"], remade, files)
            try await up(["--no-deps"], try await withoutDone(others, wait.excused, files), files)
            try await wait.untilWell(level.map(\.name))
        }
    }

    /// Their names, without those that have done what they were for, and would only do it again: compose starts what has ended.
    private func withoutDone(
        _ containers: [Container], _ excused: Set<String>, _ files: [FilePath]
    ) async throws -> [String] {
        let once = containers.filter(\.isOneShot).map(\.name)
        guard !once.isEmpty else { return containers.map(\.name) }
        // One that changed is made anew by this, and has not run then.
        try await make(once, files)
        let done = try await StackContainers.read(stack.name, on: machine).all.filter {
            $0.hasSucceeded || $0.isAmong(excused: excused)
        }.map(\.name)
        return containers.map(\.name).filter { !once.contains($0) || !done.contains($0) }
    }

    /// Stops those that have a port or a volume which they are to have no more and another one is: that one could not start, or there
    /// would be two databases in one directory. Compose makes them anew, when it is their turn.
    private func stopWhatIsInTheWay() async throws {
        let active = try await StackContainers.read(stack.name, on: machine).all.filter { !$0.isAtRest }
        let holdings = try await ExclusiveResource.read(of: active, on: machine)
        let inTheWay = active.filter { one in
            guard let container = stack.containers.first(where: { $0.name == one.name }), let held = holdings[one.id]
            else { return false }
            let given = stack.containers.filter { $0.name != one.name }.reduce(into: Set<ExclusiveResource>()) {
                $0.formUnion(stack.exclusiveResources(of: $1))
            }
            return !held.subtracting(stack.exclusiveResources(of: container)).isDisjoint(with: given)
        }
        try await stop(inTheWay)
    }

    // MARK: - The version before

    /// Makes and starts the containers of a version of which only the compose file is known, and what is remembered of it.
    /// - Parameters:
    ///   - once: those of them that do something once. It was done to these data: where one is made anew it is done again, but it may not
    ///     take what a newer version has done to them meanwhile, and that is no reason to go without the others.
    ///   - stale: see ``startCurrent(_:remaking:_:)``.
    ///   - newWait: its timeout begins when it is called.
    /// - Returns: the names of those that have not succeeded again.
    func startPrevious(
        _ names: [String], once: [String], _ files: [FilePath], of record: StackRecord, remaking stale: [String],
        wait newWait: () -> HealthWait
    ) async throws -> [String] {
        let made = record.made
        try await removeOthers(than: names)
        // They have ports and volumes that are the others' again. One that is unhealthy, and may only be since what it needs was sick,
        // is looked at anew once it starts; compose would not wait for it.
        try await stop(
            try await StackContainers.read(stack.name, on: machine).all.filter {
                !$0.isAtRest && (!made.contains($0.id) || $0.isUnhealthy)
            })
        // Of that version nobody knows here who depends on whom. Compose does.
        try await make(stale, files, ["--force-recreate"])
        var done: [String] = []
        for one in try await StackContainers.read(stack.name, on: machine).all where made.contains(one.id) {
            let isDone = try await one.isDone(on: machine)
            if isDone || one.isAmong(excused: record.excused) { done.append(one.name) }
        }
        for name in once where !done.contains(name) {
            try await up([], [name], files)
            do {
                try await newWait().untilEnded([name])
            } catch is DeploymentError {
                try await stop(
                    try await StackContainers.read(stack.name, on: machine).named(name).filter { !$0.isAtRest })
            }
        }
        try await up([], names.filter { !done.contains($0) && !once.contains($0) }, files)
        return try await StackContainers.read(stack.name, on: machine).all.filter {
            once.contains($0.name) && !$0.hasSucceeded
        }.map(\.name)
    }

    // MARK: - Both

    /// Removes containers that are no part of it any more, before others are started: two of them must never have one volume, or one
    /// port. Compose leaves those alone that it does not take for its own, and its two versions do not agree on that.
    private func removeOthers(than names: [String]) async throws {
        let others = try await StackContainers.read(stack.name, on: machine).all.filter { !names.contains($0.name) }
        guard !others.isEmpty else { return }
        try await stop(others)
        try await machine.succeed(Invocation("docker", ["rm"] + others.map(\.id)))
    }

    private func stop(_ containers: [StackContainers.Found]) async throws {
        try await stack.stop(containers.map(\.id), on: machine)
    }

    /// Makes those anew that changed, and starts none of them.
    private func make(_ names: [String], _ files: [FilePath], _ options: [String] = []) async throws {
        guard !names.isEmpty else { return }
        try await run(
            ["up", "--no-start", "--no-build", "--no-deps", "--timeout", "\(HaltedContainers.grace)"] + options + names,
            files)
    }

    private func up(_ options: [String], _ names: [String], _ files: [FilePath]) async throws {
        guard !names.isEmpty else { return }
        // Compose by itself kills what has not ended after ten seconds.
        try await run(
            ["up", "--detach", "--no-build", "--timeout", "\(HaltedContainers.grace)"] + options + names, files)
    }

    private func run(_ arguments: [String], _ files: [FilePath]) async throws {
        // Compose itself waits for what others depend on.
        let command = compose.command(arguments, files: files, timeout: stack.healthTimeout + .minutes(10))
        let result = try await machine.run(command)
        guard result.succeeded else {
            throw DeploymentError(
                CommandFailure(command: command, result: result), of: stack,
                found: try? await StackContainers.read(stack.name, on: machine))
        }
    }
}
