import Vocabulary

/// Containers that traefik passes requests to as long as they are healthy; see ``ServedByTraefik``.
extension StackContext {
    /// Has traefik leave a container out, and waits for its requests to end.
    func drain(_ container: Container, _ id: String) async throws {
        guard let traefik = container.traefik, let check = container.healthCheck else { return }
        let command = DockerCommand.exec(
            ["/bin/sh", "-c", ": > \(ServedByTraefik.mark)"], in: id, timeout: .minutes(1))
        // One that cannot be told has to go nevertheless, with the requests that it has then.
        guard try await machine.run(command).succeeded else { return }
        let limit = (check.interval + check.timeout) * (check.retries + 1)
        try await wait(for: id, of: container, atMost: limit) { $0.isUnhealthy || !$0.isRunning }
        var drain = TimeLimit(traefik.drainTimeout, pause: .seconds(1), now: now)
        while !drain.hasPassed(at: now) {
            machine.showProgress("waiting for the requests to the former \(container.name)")
            try await Task.sleep(for: pollInterval)
        }
    }

    /// Has traefik pass requests to a container again: a run that was killed may have drained it.
    func takeBack(_ container: Container, _ id: String) async throws {
        guard container.traefik != nil, let check = container.healthCheck else { return }
        _ = try await machine.run(
            DockerCommand.exec(["/bin/sh", "-c", "rm -f \(ServedByTraefik.mark)"], in: id, timeout: .minutes(1)))
        try await wait(for: id, of: container, atMost: (check.interval + check.timeout) * 2) { $0.isHealthy }
    }

    private func wait(
        for id: String, of container: Container, atMost limit: Duration, until isDone: (StackContainers.Found) -> Bool
    ) async throws {
        var limit = TimeLimit(limit, pause: .seconds(1), now: now)
        while let one = try await reloadContainers().all.first(where: { $0.id == id }), !isDone(one),
            !limit.hasPassed(at: now)
        {
            machine.showProgress("waiting until traefik follows for \(container.name)")
            try await Task.sleep(for: pollInterval)
        }
    }

    /// The reason why traefik cannot pass requests from one container to its successor; nil if it can.
    func traefikObstacle(to container: Container, besides one: StackContainers.Found) async throws -> String? {
        // Whether it changes is not known without the secret.
        if container.secretLabels.contains(where: { $0.name.hasPrefix("traefik.") }) {
            return "a label for traefik has a secret"
        }
        let answer = try await machine.succeed(
            DockerCommand.inspect(
                containers: [one.id], format: #"{{json .Config.Labels}}\#t{{json .Config.Healthcheck}}"#))
        guard let row = try DockerAnswer.rows(answer.text, columns: 2).first else { return "the former one is gone" }
        let labels = try DockerAnswer.json(row[0]), check = try DockerAnswer.json(row[1])
        let present = (labels.object ?? [:]).filter { $0.key.hasPrefix("traefik.") }.mapValues { $0.string ?? "" }
        guard present == container.traefikLabels else { return "its labels for traefik change" }
        let test = check["Test"]?.array?.compactMap(\.string) ?? []
        let canDrain = test.contains { $0.firstRange(of: ServedByTraefik.mark) != nil }
        return canDrain ? nil : "the former one was made without ServedByTraefik"
    }
}
