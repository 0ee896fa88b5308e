/// Has compose create and start the containers of a stack, so that none gets in the way of another.
struct StackStart {
    let context: StackContext
    let compose: ComposeCommand

    private var stack: Stack { context.stack }
    private var machine: Machine { context.machine }

    init(_ context: StackContext) throws {
        self.context = context
        compose = try context.compose()
    }

    // MARK: - The current version

    /// Creates and starts what is missing or has changed, dependencies first.
    ///
    /// One level after the other, and without dependencies and dependents: compose 2 also recreates what depends on a
    /// container that changed.
    /// - Parameters:
    ///   - files: the compose files.
    ///   - stale: the containers to recreate in any case: compose does not look into mounted files.
    ///   - handedOver: the containers to start beside those that they replace.
    func startCurrent(
        _ files: [FilePath], recreating stale: [String], beside handedOver: [String], _ wait: HealthWait
    ) async throws {
        try await removeAll(except: stack.containers.map(\.name))
        try await stopObstacles()
        let before = stack.restartsDependents ? try await context.reloadContainers() : nil
        for level in stack.levels(of: stack.containers, by: \.name) {
            machine.showProgress("starting \(level.map(\.name).joined(separator: ", "))")
            if let before { try await stopDependents(level.filter { !handedOver.contains($0.name) }, since: before) }
            // Those whose network was that of a container which an earlier level has recreated.
            let isBorrowing = level.contains { !$0.borrowedFrom.isEmpty }
            let stale = stale + (isBorrowing ? try await context.orphans(try await context.reloadContainers()) : [])
            let beside = level.map(\.name).filter(handedOver.contains)
            let rest = level.filter { !beside.contains($0.name) }
            let recreated = rest.map(\.name).filter(stale.contains), others = rest.filter { !stale.contains($0.name) }
            try await up(["--no-deps", "--force-recreate"], recreated, files)
            try await up(["--no-deps"], try await withoutDone(others, wait.excused, files), files)
            for name in beside { try await up(["--no-deps", "--no-recreate", "--scale", "\(name)=2"], [name], files) }
            try await wait.untilHealthy(level.map(\.name))
        }
    }

    /// The names of containers without the one-shot ones that are done: compose would start those again.
    private func withoutDone(
        _ containers: [Container], _ excused: Set<String>, _ files: [FilePath]
    ) async throws -> [String] {
        let oneShots = containers.filter(\.isOneShot).map(\.name)
        guard !oneShots.isEmpty else { return containers.map(\.name) }
        // This recreates one that changed, which has not run then.
        try await create(oneShots, files)
        let done = try await context.reloadContainers().all.filter {
            $0.hasSucceeded || $0.isExcused(in: excused)
        }.map(\.name)
        return containers.map(\.name).filter { !oneShots.contains($0) || !done.contains($0) }
    }

    /// Stops the containers that have a port or a volume which belongs to another one from now on: that one could not
    /// start, or two databases would share a directory. Compose recreates them when it is their turn.
    private func stopObstacles() async throws {
        let active = try await context.reloadContainers().all.filter { !$0.isAtRest }
        let resources = try await ExclusiveResource.read(of: active, on: machine)
        let obstacles = active.filter { one in
            guard let container = stack.container(named: one.name), let held = resources[one.id]
            else { return false }
            let needed = stack.containers.filter { $0.name != one.name }.reduce(into: Set<ExclusiveResource>()) {
                $0.formUnion(stack.exclusiveResources(of: $1))
            }
            return !held.subtracting(stack.exclusiveResources(of: container)).isDisjoint(with: needed)
        }
        try await stop(obstacles)
    }

    /// Stops the containers that are restarted with one that has been replaced. Compose starts them again.
    private func stopDependents(_ level: [Container], since before: StackContainers) async throws {
        let found = try await context.reloadContainers(), known = Set(before.all.map(\.id))
        let replaced = Set(found.all.filter { !known.contains($0.id) }.map(\.name)).intersection(before.all.map(\.name))
        let names = level.filter { $0.isRestarted(with: replaced) }.map(\.name)
        try await stop(found.all.filter { names.contains($0.name) && !$0.isAtRest })
    }

    // MARK: - The previous version

    /// Creates and starts the containers of a version of which only the compose file and the record are known.
    /// - Parameters:
    ///   - oneShots: those that do one job. It was done to this data: one that is recreated does it again, but may
    ///     not cope with what a newer version did to the data since, and that is no reason to go without the others.
    ///   - stale: see ``startCurrent(_:recreating:beside:_:)``.
    ///   - newWait: makes a wait with a separate timeout.
    /// - Returns: the names of the one-shot containers that did not succeed again.
    func startPrevious(
        _ names: [String], oneShots: [String], _ files: [FilePath], of record: StackRecord, recreating stale: [String],
        wait newWait: () -> HealthWait
    ) async throws -> [String] {
        let made = record.made
        try await removeAll(except: names)
        try await removeSpare(of: record)
        // They have ports and volumes of the others. One that is unhealthy, perhaps only because what it needs was, is
        // checked afresh once it starts; compose would not wait for it.
        let found = try await context.reloadContainers().all
        let replaced = Set(found.filter { !made.contains($0.id) }.map(\.name))
        let restarted = stack.containers.filter { $0.isRestarted(with: replaced) }.map(\.name)
        try await stop(
            found.filter {
                !$0.isAtRest && (!made.contains($0.id) || $0.isUnhealthy || restarted.contains($0.name))
            })
        // Only compose knows what depends on what in that version.
        try await create(stale, files, ["--force-recreate"])
        try await recreateOrphans(names, files)
        var done: [String] = []
        for one in try await context.reloadContainers().all where made.contains(one.id) {
            let isDone = try await one.isDone(on: machine)
            if isDone || one.isExcused(in: record.excused) { done.append(one.name) }
        }
        for name in oneShots where !done.contains(name) {
            try await up([], [name], files)
            do {
                try await newWait().untilExited([name])
            } catch is DeploymentError {
                try await stop(try await context.reloadContainers().named(name).filter { !$0.isAtRest })
            }
        }
        try await up([], names.filter { !done.contains($0) && !oneShots.contains($0) }, files)
        return try await context.reloadContainers().all.filter {
            oneShots.contains($0.name) && !$0.hasSucceeded
        }.map(\.name)
    }

    /// Recreates the containers whose network was that of a container which is recreated: docker could not start them.
    private func recreateOrphans(_ names: [String], _ files: [FilePath]) async throws {
        guard try await !context.borrowed(try await context.reloadContainers()).isEmpty else { return }
        try await create(names, files)
        try await create(try await context.orphans(try await context.reloadContainers()), files, ["--force-recreate"])
    }

    // MARK: - Both

    /// Creates the containers and starts none.
    func create(_ files: [FilePath]) async throws {
        try await context.succeed(compose.up(starts: false, files: files))
    }

    /// Removes containers that are no longer part of the stack, before others are started: no two may share a volume
    /// or a port. Compose 1.29 and 2 differ in which containers they take for their own.
    private func removeAll(except names: [String]) async throws {
        let others = try await context.reloadContainers().all.filter { !names.contains($0.name) }
        try await context.remove(others.map(\.id))
    }

    private func stop(_ containers: [StackContainers.Found]) async throws {
        defer { context.forget() }
        try await context.stop(containers.map(\.id))
    }

    /// Recreates those that changed, and starts none of them.
    private func create(_ names: [String], _ files: [FilePath], _ options: [String] = []) async throws {
        guard !names.isEmpty else { return }
        try await run(
            compose.up(
                names, starts: false, options: ["--no-deps"] + options, grace: stack.stopGrace, files: files,
                timeout: timeout))
    }

    private func up(_ options: [String], _ names: [String], _ files: [FilePath]) async throws {
        guard !names.isEmpty else { return }
        try await run(compose.up(names, options: options, grace: stack.stopGrace, files: files, timeout: timeout))
    }

    /// Compose itself waits for dependencies, and stops what it replaces.
    private var timeout: Duration { stack.healthTimeout + .minutes(10) + stack.stopGrace }

    private func run(_ command: Invocation) async throws {
        let result = try await machine.run(command)
        context.forget()
        guard result.succeeded else {
            throw DeploymentError(
                CommandFailure(command: command, result: result), of: stack,
                // The failure of compose is the one to report.
                found: try? await context.reloadContainers())
        }
    }
}
