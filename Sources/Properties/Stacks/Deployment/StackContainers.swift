/// The containers of a compose project, as docker has them.
struct StackContainers: Sendable {
    struct Found: Sendable, Equatable {
        var id: String
        /// What compose calls the service.
        var name: String
        /// The image by the name under which it was asked for; its id where that name is another image's by now.
        var image: String
        /// `running`, `exited`, `restarting`, `created`, `paused` or `dead`.
        var state: String
        /// Such as `Up 5 minutes (healthy)`.
        var status: String

        var isRunning: Bool { state == "running" }
        /// Whether it has ended well. Where it is to run on, it was stopped; see ``isDone(on:)``.
        var hasSucceeded: Bool { state == "exited" && status.hasPrefix("Exited (0)") }
        /// Whether it has ended, and docker does not start it again.
        var hasEnded: Bool { state == "exited" || state == "dead" }
        /// Whether it has run for a while since its last start, or has a health check that says so.
        var isSteady: Bool {
            guard isRunning, !isHealthy else { return true }
            // “Up Less than a second”, “Up 9 seconds”, “Up About a minute”.
            let words = status.split(separator: " ")
            guard words.first == "Up", words.dropFirst().contains(where: { $0.hasPrefix("second") }) else {
                return true
            }
            return (Int(words[1]) ?? 0) >= HealthWait.steadySeconds
        }
        /// Whether it has ended, and need not have succeeded; see ``StackRecord/excused``.
        func isAmong(excused: Set<String>) -> Bool { hasEnded && excused.contains(id) }
        /// Whether it has done what it was for, and docker is not to start it again.
        func isDone(on machine: Machine) async throws -> Bool {
            guard hasSucceeded else { return false }
            let answer = try await machine.succeed(
                Invocation(
                    "docker",
                    ["inspect", "--type", "container", "--format", "{{.HostConfig.RestartPolicy.Name}}", "--", id]))
            return ["", "no", "on-failure"].contains(answer.text.trimmed)
        }
        var isHealthy: Bool { status.hasSuffix("(healthy)") }
        var isUnhealthy: Bool { status.hasSuffix("(unhealthy)") }
    }

    let all: [Found]

    /// - Throws: ``Failure`` where docker's answer cannot be understood.
    init(_ answer: String) throws {
        all = try answer.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 5 else {
                throw Failure(
                    "docker tells of its containers in words that are not understood: \(String(line).escaped)")
            }
            return Found(id: fields[0], name: fields[1], image: fields[2], state: fields[3], status: fields[4])
        }
    }

    /// What tells of those of a project, apart from what `compose run` started.
    static func question(_ project: String) -> [String] {
        [
            "ps", "--all", "--no-trunc", "--filter", "label=com.docker.compose.project=\(project)", "--filter",
            "label=com.docker.compose.oneoff=False",
            "--format", #"{{.ID}}\#t{{.Label "com.docker.compose.service"}}\#t{{.Image}}\#t{{.State}}\#t{{.Status}}"#,
        ]
    }

    /// Those of a project.
    /// - Throws: where docker does not answer.
    static func read(_ project: String, on machine: Machine) async throws -> StackContainers {
        try StackContainers(try await machine.succeed(Invocation("docker", question(project))).text)
    }

    func named(_ name: String) -> [Found] { all.filter { $0.name == name } }
}
