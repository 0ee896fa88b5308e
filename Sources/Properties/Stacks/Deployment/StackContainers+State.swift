extension StackContainers.Found {
    var isRunning: Bool { state == "running" }

    /// Whether it exited with 0. One that should go on running was stopped; see ``isDone(on:)``.
    var hasSucceeded: Bool { state == "exited" && status.hasPrefix("Exited (0)") }

    /// Whether it has exited and docker does not restart it.
    var hasExited: Bool { state == "exited" || state == "dead" }

    /// Whether it has run for a while since its last start, or has a health check that succeeds.
    var isSteady: Bool {
        guard isRunning, !isHealthy else { return true }
        // “Up Less than a second”, “Up 9 seconds”, “Up About a minute”.
        let words = status.split(separator: " ")
        guard words.first == "Up", words.dropFirst().contains(where: { $0.hasPrefix("second") }) else { return true }
        return (Int(words[1]) ?? 0) >= HealthWait.steadySeconds
    }

    /// Whether it has exited and need not have succeeded; see ``StackRecord/excused``.
    func isExcused(in excused: Set<String>) -> Bool { hasExited && excused.contains(id) }

    /// Whether it has done its job and docker is not to restart it.
    func isDone(on machine: Machine) async throws -> Bool {
        guard hasSucceeded else { return false }
        let answer = try await machine.succeed(
            DockerCommand.inspect(containers: [id], format: "{{.HostConfig.RestartPolicy.Name}}"))
        return ["", "no", "on-failure"].contains(answer.text.trimmed)
    }

    var isHealthy: Bool { status.hasSuffix("(healthy)") }
    var isUnhealthy: Bool { status.hasSuffix("(unhealthy)") }
}
