extension StackContext {
    /// Stops containers, and waits until docker lists them as stopped: under load it may go on listing a stopped
    /// container as running for a moment, and such a container would not be started again.
    /// - Throws: ``Failure`` if docker does so for half a minute.
    func stop(_ ids: [String]) async throws {
        guard !ids.isEmpty else { return }
        try await machine.succeed(DockerCommand.stop(ids, grace: stack.stopGrace))
        for _ in 1...300 {
            let found = try await reloadContainers().all
            if found.allSatisfy({ !ids.contains($0.id) || $0.isAtRest }) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failure(
            "docker still lists containers of \(stack.name) as running that it has stopped",
            advice: "`docker ps --all` and `journalctl --unit docker` on the machine tell more.")
    }

    /// Stops and removes containers.
    func remove(_ ids: [String]) async throws {
        guard !ids.isEmpty else { return }
        try await stop(ids)
        try await succeed(DockerCommand.remove(ids))
    }

    /// Starts the containers that do not run, each after its dependencies, and waits until they are healthy.
    /// - Parameters:
    ///   - isPaused: see ``HealthWait/untilPreviousHealthy(_:afterPause:)``.
    ///   - isWaitedFor: whether a container must become healthy; all by default.
    /// - Throws: ``Failure`` if one does not become healthy.
    func start(
        _ containers: [StackContainers.Found], afterPause isPaused: Bool = false,
        isWaitedFor: (StackContainers.Found) -> Bool = { _ in true }
    ) async throws {
        guard !containers.isEmpty else { return }
        let wait = HealthWait(self)
        do {
            for level in stack.levels(of: containers, by: \.name) {
                let resting = level.filter(\.isAtRest)
                if !resting.isEmpty { try await machine.succeed(DockerCommand.start(resting.map(\.id))) }
                // A one-shot container has to end before others start.
                let oneShot = resting.map(\.name).filter { stack.container(named: $0)?.isOneShot == true }
                if !oneShot.isEmpty { try await wait.untilHealthy(oneShot) }
                let names = level.filter { isWaitedFor($0) && !oneShot.contains($0.name) }.map(\.name)
                if !names.isEmpty { try await wait.untilPreviousHealthy(names, afterPause: isPaused) }
            }
        } catch let error as DeploymentError {
            var failure = try await error.failureWithLog(on: machine)
            failure.advice = "`docker ps --all` and `docker logs` on the machine tell more."
            throw failure
        }
    }
}

extension Stack {
    /// The containers, each after its dependencies.
    func inStartOrder(_ containers: [StackContainers.Found]) -> [StackContainers.Found] {
        levels(of: containers, by: \.name).flatMap(\.self)
    }
}

extension StackContainers.Found {
    /// Whether nothing of it runs, and docker will not start it by itself.
    var isAtRest: Bool { ["exited", "created", "dead"].contains(state) }
    /// Whether it runs, and its health check, if it has one, has succeeded.
    var isRunningWell: Bool { isRunning && !isUnhealthy && !isStarting }
    var isStarting: Bool { isRunning && status.hasSuffix("(health: starting)") }
}
