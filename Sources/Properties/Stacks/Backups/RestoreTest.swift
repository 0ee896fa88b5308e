import Vocabulary

/// A restore of a backup into volumes and containers that are thrown away afterwards, whatever happens.
struct RestoreTest {
    let backup: Backup
    let context: StackContext

    /// The directory for the variables of a container; in memory, and only root can read it.
    private static let scratch: FilePath = "/run/propel-restore-test"

    init(of backup: Backup, in context: StackContext) {
        self.backup = backup
        self.context = context
    }

    var stack: Stack { context.stack }
    var machine: Machine { context.machine }

    /// The label of the volumes and containers that are thrown away.
    private var label: String { "propel.restore-test=\(stack.name)" }
    private var filter: String { "label=\(label)" }

    /// The name of the temporary volume or container for one of the stack.
    func temporaryName(_ name: String) -> String { "propel-test_\(stack.name)_\(name)" }

    func run() async throws { try await run {} }

    /// - Parameter body: work on the restored data before they are thrown away.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        // A killed one may have left something behind.
        try await cleanUp()
        let result: Result
        do {
            try await restore()
            result = try await body()
        } catch {
            throw await error.after { [self] in try await cleanUp() }
        }
        try await evenIfInterrupted { [self] in try await cleanUp() }
        return result
    }

    private func cleanUp() async throws {
        try machine.files.remove(Self.scratch.appending("environment"))
        try machine.files.remove(Self.scratch)
        let containers = try await lines(of: DockerCommand.ps(all: true, filters: [filter]))
        if !containers.isEmpty {
            try await machine.succeed(DockerCommand.remove(containers, force: true, volumes: true))
        }
        let volumes = try await lines(of: DockerCommand.volumes(filters: [filter]))
        if !volumes.isEmpty { try await machine.succeed(DockerCommand.remove(volumes: volumes)) }
    }

    private func lines(of question: Invocation) async throws -> [String] {
        try await machine.succeed(question).text.nonEmptyLines.map(String.init)
    }

    private func restore() async throws {
        for file in backup.files where file.method == .archive {
            let mountpoint = try await makeVolume(file.volume)
            machine.showProgress("unpacking \(file.volume)")
            let command = Archive.extraction(of: path(of: file), into: mountpoint)
            let result = try await machine.run(command)
            guard result.succeeded else {
                throw Failure(
                    "the archive of \(file.volume) cannot be unpacked", of: command, result,
                    advice: "Take another backup.")
            }
        }
        var started: Set<String> = []
        for file in backup.files {
            let volume = stack.dataVolumes.first { $0.name == file.volume }
            guard case .dump(_, let words) = volume?.backup,
                let name = volume?.containers.first, let container = stack.container(named: name)
            else {
                if file.method == .archive { continue }
                throw Failure(
                    "no command is described that restores the dump of \(file.volume)",
                    advice: "Describe the volume and its backup as they were then.")
            }
            // Also if the files of a database were archived in place of a dump: it must become healthy with them.
            if started.insert(container.name).inserted {
                machine.showProgress("starting a temporary \(container.name)")
                try await start(container)
                try await waitUntilHealthy(container)
            }
            if file.method == .dump { try await load(file, words, into: container) }
        }
    }

    private func path(of file: Backup.File) -> FilePath { stack.backups.appending(backup.id).appending(file.name) }

    /// Creates the temporary volume for one of the stack.
    /// - Returns: the directory of its files.
    private func makeVolume(_ name: String) async throws -> FilePath {
        try await machine.succeed(DockerCommand.create(volume: temporaryName(name), labels: [label]))
        return try await mountpoint(of: name)
    }

    /// The directory of the files of the temporary volume for one of the stack.
    func mountpoint(of name: String) async throws -> FilePath {
        let answer = try await machine.succeed(
            DockerCommand.inspect(volumes: [temporaryName(name)], format: "{{.Mountpoint}}"))
        return try StackData.mountpoint(answer.text.trimmed, of: temporaryName(name))
    }

    // MARK: - Dumps

    private func load(_ file: Backup.File, _ words: [String], into container: Container) async throws {
        machine.showProgress("restoring \(file.volume)")
        let command = DockerCommand.exec(words, in: temporaryName(container.name), isInteractive: true)
        var result = CommandResult(ending: .notFound)
        for attempt in 1...RestoreJob.attempts {
            if attempt > 1 {
                // Not over what the last attempt has left.
                try await machine.succeed(
                    DockerCommand.stop([temporaryName(container.name)], grace: stack.stopGrace))
                try await StackData.empty(try await mountpoint(of: file.volume), on: machine)
                try await machine.succeed(DockerCommand.start([temporaryName(container.name)]))
                for _ in 1...attempt { try await waitUntilHealthy(container) }
            }
            result = try await machine.run(command.reading(path(of: file)))
            if result.succeeded { return }
        }
        throw Failure(
            "\(container.name) rejects the dump of \(file.volume)", of: command, result,
            advice: "This backup cannot be restored. Correct the cause, and take another one.")
    }

    private func start(_ container: Container) async throws {
        try container.refuseSecretWords(of: stack)
        try await withOptions(of: container) { options, image in
            _ = try await machine.succeed(
                DockerCommand.create(
                    name: temporaryName(container.name), options: options + container.dockerEntrypoint, image: image,
                    command: container.dockerCommand))
        }
        try await machine.succeed(DockerCommand.start([temporaryName(container.name)]))
    }

    /// Runs a program in the temporary container for one of the stack, or in a separate container if none runs.
    func run(_ words: [String], in container: Container) async throws -> (Invocation, CommandResult) {
        let name = "name=^\(temporaryName(container.name))$"
        guard try await lines(of: DockerCommand.ps(filters: [filter, name])).isEmpty else {
            let command = DockerCommand.exec(words, in: temporaryName(container.name))
            return (command, try await machine.run(command))
        }
        return try await withOptions(of: container) { options, image in
            let command = DockerCommand.run(words, options: options, image: image)
            return (command, try await machine.run(command))
        }
    }

    func stopAll() async throws {
        let running = try await lines(of: DockerCommand.ps(filters: [filter]))
        if !running.isEmpty {
            try await machine.succeed(DockerCommand.stop(running, grace: stack.stopGrace))
        }
    }

    /// Prepares a container like that of the stack, but with temporary volumes, without ports and without a network.
    /// - Parameter body: gets the options for docker and the image; the file with the variables exists during it.
    private func withOptions<Result: Sendable>(
        of container: Container, _ body: ([String], String) async throws -> Result
    ) async throws -> Result {
        guard let present = try await context.reloadContainers().named(container.name).first else {
            throw Failure(
                "the container \(container.name) of \(stack.name) does not exist: its variables are unknown",
                advice: "Deploy the stack first.")
        }
        let variables = Self.scratch.appending("environment")
        let options = try await options(of: container) + ["--env-file", variables.string]
        let image = try await image(of: container, present)
        try await writeVariables(of: present, container, to: variables)
        let result = try await body(options, image)
        try machine.files.remove(variables)
        return result
    }

    private func options(of container: Container) async throws -> [String] {
        var options = ["--pull", "never", "--label", label, "--network", "none"]
        for volume in container.volumes {
            _ = try await makeVolume(volume.name)
            options += [
                "--mount",
                "type=volume,source=\(temporaryName(volume.name)),target=\(volume.path)"
                    + (volume.isReadOnly ? ",readonly" : ""),
            ]
        }
        // Read-only: they are the files of the stack itself.
        for bind in container.binds {
            options += ["--mount", "type=bind,source=\(bind.source),target=\(bind.path),readonly"]
        }
        for file in container.files {
            options += [
                "--mount", "type=bind,source=\(stack.path(of: file, in: container)),target=\(file.path),readonly",
            ]
        }
        if let memory = container.limits?.memory { options += ["--memory", "\(memory.bytes)"] }
        return options + container.dockerOptions
    }

    private func writeVariables(
        of present: StackContainers.Found, _ container: Container, to file: FilePath
    ) async throws {
        try await refuseMultilineVariables(in: present, container)
        try machine.files.createDirectories(Self.scratch, mode: 0o700)
        let question = DockerCommand.inspect(
            containers: [present.id], format: "{{range .Config.Env}}{{println .}}{{end}}")
        let told = try await machine.run(question.writing(to: file))
        guard told.succeeded else {
            throw Failure(
                "docker does not report the variables of \(container.name)", of: question, told,
                advice: "`docker inspect` on the machine tells more.")
        }
    }

    /// Docker reads variables from a file line by line, and quotes lines that it cannot read in its errors: perhaps a
    /// part of a secret.
    /// - Throws: ``Failure`` if a variable has several lines. Docker reports only the names for this.
    private func refuseMultilineVariables(in present: StackContainers.Found, _ container: Container) async throws {
        let format =
            #"{{range .Config.Env}}{{if or (gt (len (split . "\n")) 1) (gt (len (split . "\r")) 1)}}"#
            + #"{{println (index (split . "=") 0)}}{{end}}{{end}}"#
        let names = try await lines(of: DockerCommand.inspect(containers: [present.id], format: format))
        guard names.isEmpty else {
            throw Failure(
                "no second \(container.name) of \(stack.name) can be started: "
                    + "a value with several lines in \(names.joined(separator: ", "))",
                advice: "Use a ConfigurationFile in place of such a variable.")
        }
    }

    /// The image at the time of the backup if the machine still has it, otherwise the present one.
    private func image(of container: Container, _ present: StackContainers.Found) async throws -> String {
        if let former = backup.deployment?.images[container.name],
            try await machine.run(DockerCommand.inspect(image: former)).succeeded
        {
            return former
        }
        return present.image
    }

    // MARK: - Health

    private func waitUntilHealthy(_ container: Container) async throws {
        var limit = TimeLimit(stack.healthTimeout, pause: context.pollInterval)
        var healthyCount = 0
        while true {
            let isRunning = try await isRunning(container)
            var isHealthy = isRunning
            if isRunning { isHealthy = try await succeedsHealthCheck(container) }
            healthyCount = isHealthy ? healthyCount + 1 : 0
            if healthyCount == HealthWait.rounds { return }
            guard isRunning, !limit.hasPassed() else {
                throw try await healthFailure(
                    of: container,
                    isRunning ? "did not become healthy within \(stack.healthTimeout.inWords)" : "has exited")
            }
            try await Task.sleep(for: context.pollInterval)
        }
    }

    private func isRunning(_ container: Container) async throws -> Bool {
        let question = DockerCommand.inspect(
            containers: [temporaryName(container.name)], format: "{{.State.Running}}")
        return try await machine.succeed(question).text.trimmed == "true"
    }

    /// Whether the health check of a running container succeeds.
    private func succeedsHealthCheck(_ container: Container) async throws -> Bool {
        guard let check = container.healthCheck else { return true }
        let words =
            check.test.first == "CMD-SHELL"
            ? ["/bin/sh", "-c"] + check.test.dropFirst() : Array(check.test.dropFirst())
        let command = DockerCommand.exec(
            words, in: temporaryName(container.name), timeout: check.timeout + .seconds(5))
        return try await machine.run(command).succeeded
    }

    private func healthFailure(of container: Container, _ reason: String) async throws -> Failure {
        Failure(
            "the temporary \(container.name) \(reason)",
            output: try await machine.lastLines(ofContainer: temporaryName(container.name)))
    }
}
