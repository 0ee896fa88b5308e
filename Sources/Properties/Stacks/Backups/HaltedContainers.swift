/// Containers of a stack that stand still for a while, and go on afterwards whatever has happened.
///
/// Which ones is written down before: where the run is killed meanwhile, the next one lets them go on.
struct HaltedContainers {
    let stack: Stack
    let pollInterval: Duration
    let machine: Machine

    /// How long a program may take to end before it is killed.
    static let grace = 30

    /// Marks those that were well: the others need not get it.
    private static let well = "well"

    private var file: FilePath { stack.backups.appending(".halted") }

    /// - Throws: what `body` throws, and ``Failure`` where the containers do not get well again.
    func holding(
        _ containers: [StackContainers.Found], _ pause: VolumeBackup.Pause, _ body: () async throws -> Void
    ) async throws {
        let ids = stack.inStartOrder(containers).reversed().map(\.id)
        guard pause != .running, !ids.isEmpty else { return try await body() }
        let lines = containers.map { one in one.id + (one.isRunningWell ? " \(Self.well)" : "") }
        try machine.files.replace(file, with: Array(lines.joined(separator: "\n").utf8), mode: 0o600)
        do {
            switch pause {
            case .stopped: try await stack.stop(ids, on: machine)
            case .paused: try await machine.succeed(Invocation("docker", ["pause"] + ids))
            case .running: break
            }
            try await body()
        } catch {
            do {
                try await evenIfInterrupted { [self] in try await resume() }
            } catch let second {
                var failure = Failure(describing: error)
                failure.message += "; and then: \(Failure(describing: second).message)"
                failure.advice = Failure(describing: second).advice
                throw failure
            }
            throw error
        }
        try await evenIfInterrupted { [self] in try await resume() }
    }

    /// Lets those go on that stand still, if any.
    func resume() async throws {
        guard let bytes = try machine.files.readIfPresent(file) else { return }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
        let ids = Set(lines.compactMap(\.first)), well = Set(lines.filter { $0.last == Self.well }.compactMap(\.first))
        let halted = try await StackContainers.read(stack.name, on: machine).all.filter { ids.contains($0.id) }
        let paused = halted.filter { $0.state == "paused" }.map(\.id)
        if !paused.isEmpty { try await machine.succeed(Invocation("docker", ["unpause"] + paused)) }
        try await stack.start(halted, afterPause: !paused.isEmpty, pollInterval: pollInterval, on: machine) {
            well.contains($0.id)
        }
        try machine.files.remove(file)
    }
}

extension Stack {
    /// Stops containers, and waits until docker lists them as stopped: under load it may still call one running that it has just stopped,
    /// and whoever believes that does not start it again.
    /// - Throws: ``Failure`` where it does so for half a minute.
    func stop(_ ids: [String], on machine: Machine) async throws {
        guard !ids.isEmpty else { return }
        try await machine.succeed(Invocation("docker", ["stop", "--time", "\(HaltedContainers.grace)"] + ids))
        for _ in 1...300 {
            if try await StackContainers.read(name, on: machine).all.allSatisfy({ !ids.contains($0.id) || $0.isAtRest })
            {
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failure(
            "docker does not list the containers of \(name) as stopped that it has stopped",
            advice: "`docker ps --all` and `journalctl --unit docker` on the machine tell more.")
    }

    /// Starts those that do not run, each after what it depends on, and waits until they are well.
    /// - Parameters:
    ///   - isPaused: see ``HealthWait/untilPreviousHealthy(_:afterPause:)``.
    ///   - isWaitedFor: all by default.
    /// - Throws: ``Failure`` where one does not get well.
    func start(
        _ containers: [StackContainers.Found], afterPause isPaused: Bool = false, pollInterval: Duration,
        on machine: Machine,
        isWaitedFor: (StackContainers.Found) -> Bool = { _ in true }
    ) async throws {
        guard !containers.isEmpty else { return }
        let wait = HealthWait(stack: self, pollInterval: pollInterval, machine: machine)
        do {
            for level in levels(of: containers, by: \.name) {
                let resting = level.filter(\.isAtRest).map(\.id)
                if !resting.isEmpty { try await machine.succeed(Invocation("docker", ["start"] + resting)) }
                // What is done once has to end before others start.
                let once = level.filter { one in
                    one.isAtRest && self.containers.contains { $0.name == one.name && $0.isOneShot }
                }.map(\.name)
                if !once.isEmpty { try await wait.untilHealthy(once) }
                let names = level.filter { isWaitedFor($0) && !once.contains($0.name) }.map(\.name)
                if !names.isEmpty { try await wait.untilPreviousHealthy(names, afterPause: isPaused) }
            }
        } catch let trouble as DeploymentError {
            var failure = trouble.failure
            failure.output = try await trouble.lastLines(on: machine) ?? failure.output
            failure.advice = "`docker ps --all` and `docker logs` on the machine tell more."
            throw failure
        }
    }

    /// Each after those that it depends on.
    func inStartOrder(_ containers: [StackContainers.Found]) -> [StackContainers.Found] {
        levels(of: containers, by: \.name).flatMap(\.self)
    }
}

extension StackContainers.Found {
    /// Whether nothing of it runs, and nothing of it will by itself.
    var isAtRest: Bool { ["exited", "created", "dead"].contains(state) }
    /// Whether it runs, and its health check, if it has one, has succeeded.
    var isRunningWell: Bool { isRunning && !isUnhealthy && !isStarting }
    var isStarting: Bool { isRunning && status.hasSuffix("(health: starting)") }
}
