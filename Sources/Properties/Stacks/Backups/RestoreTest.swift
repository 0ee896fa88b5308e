/// Restores a backup into volumes and containers that are thrown away afterwards, whatever has happened.
struct RestoreTest {
    let backup: Backup
    let stack: Stack
    let pollInterval: Duration
    let machine: Machine

    /// Where the variables of a container are for a moment; in memory, and readable by root alone.
    private static let scratch: FilePath = "/run/propel-restore-test"
    /// How often in a row a container must be well, and how often a dump is restored: as where it is in earnest.
    private static let times = 3

    /// Marks what is to be thrown away.
    private var label: String { "propel.restore-test=\(stack.name)" }

    /// What stands for something of the stack.
    func standIn(_ name: String) -> String { "propel-test_\(stack.name)_\(name)" }

    func run() async throws { try await run {} }

    /// - Parameter body: what is done with it before it is thrown away.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        // What one that was killed has left behind.
        try await throwAway()
        let result: Result
        do {
            try await restore()
            result = try await body()
        } catch {
            try? await evenIfInterrupted { [self] in try await throwAway() }
            throw error
        }
        try await evenIfInterrupted { [self] in try await throwAway() }
        return result
    }

    private func throwAway() async throws {
        try machine.files.remove(Self.scratch.appending("environment"))
        try machine.files.remove(Self.scratch)
        let containers = try await lines(["ps", "--all", "--quiet", "--filter", "label=\(label)"])
        if !containers.isEmpty {
            try await machine.succeed(Invocation("docker", ["rm", "--force", "--volumes"] + containers))
        }
        let volumes = try await lines(["volume", "ls", "--quiet", "--filter", "label=\(label)"])
        if !volumes.isEmpty { try await machine.succeed(Invocation("docker", ["volume", "rm"] + volumes)) }
    }

    private func lines(_ arguments: [String]) async throws -> [String] {
        try await machine.succeed(Invocation("docker", arguments)).text.split(separator: "\n").map(String.init)
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
                let container = stack.containers.first(where: { $0.name == volume?.containers.first })
            else {
                if file.method == .archive { continue }
                throw Failure(
                    "nothing tells how the dump of \(file.volume) is restored",
                    advice: "Describe the volume and how it is backed up, as it was then.")
            }
            // Also with the files of a database, where these were archived in place of a dump: it must get well with them.
            if started.insert(container.name).inserted {
                machine.showProgress("starting a \(container.name)")
                try await start(container)
                try await waitUntilWell(container)
            }
            if file.method == .dump { try await load(file, words, into: container) }
        }
    }

    private func path(of file: Backup.File) -> FilePath { stack.backups.appending(backup.id).appending(file.name) }

    /// Makes the one that stands for a volume of the stack.
    /// - Returns: where its files are.
    private func makeVolume(_ name: String) async throws -> FilePath {
        try await machine.succeed(Invocation("docker", ["volume", "create", "--label", label, "--", standIn(name)]))
        return try await mountpoint(of: name)
    }

    /// Where the files are that stand for those of a volume of the stack.
    func mountpoint(of name: String) async throws -> FilePath {
        let answer = try await machine.succeed(
            Invocation("docker", ["volume", "inspect", "--format", "{{.Mountpoint}}", "--", standIn(name)]))
        let mountpoint = FilePath(answer.text.trimmed)
        guard mountpoint.isAbsolute, mountpoint.components.count > 1 else {
            throw Failure("docker does not tell where the files of the volume \(standIn(name)) are")
        }
        return mountpoint
    }

    // MARK: - Dumps

    private func load(_ file: Backup.File, _ words: [String], into container: Container) async throws {
        machine.showProgress("restoring \(file.volume)")
        let command = Invocation(
            "docker", ["exec", "--interactive", standIn(container.name)] + words, timeout: .hours(6))
        var result = CommandResult(ending: .notFound)
        for attempt in 1...Self.times {
            if attempt > 1 {
                // Not over what the last one has left.
                try await machine.succeed(
                    Invocation("docker", ["stop", "--time", "\(HaltedContainers.grace)", standIn(container.name)]))
                try await machine.succeed(
                    Invocation(
                        "find", [try await mountpoint(of: file.volume).string, "-mindepth", "1", "-delete"],
                        timeout: .hours(1)))
                try await machine.succeed(Invocation("docker", ["start", standIn(container.name)]))
                for _ in 1...attempt { try await waitUntilWell(container) }
            }
            result = try await machine.run(command.reading(path(of: file)))
            if result.succeeded { return }
        }
        throw Failure(
            "\(container.name) does not take the dump of \(file.volume)", of: command, result,
            advice: "This backup cannot be restored as it is described: see why, and take another one.")
    }

    private func start(_ container: Container) async throws {
        try await describing(container) { options, image in
            let words =
                ["create", "--name", standIn(container.name)] + options + [image] + (container.command?.words ?? [])
            try await machine.succeed(Invocation("docker", words))
        }
        try await machine.succeed(Invocation("docker", ["start", standIn(container.name)]))
    }

    /// Runs a program in the container that stands for one of the stack, or in one that is there for that alone where none runs.
    func run(_ words: [String], in container: Container) async throws -> (Invocation, CommandResult) {
        let runs = try await lines([
            "ps", "--quiet", "--filter", "label=\(label)", "--filter", "name=^\(standIn(container.name))$",
        ])
        guard runs.isEmpty else {
            let command = Invocation("docker", ["exec", standIn(container.name)] + words, timeout: .hours(6))
            return (command, try await machine.run(command))
        }
        return try await describing(container) { options, image in
            let command = Invocation(
                "docker", ["run", "--rm", "--entrypoint", words[0]] + options + [image] + words.dropFirst(),
                timeout: .hours(6))
            return (command, try await machine.run(command))
        }
    }

    func stopAll() async throws {
        let running = try await lines(["ps", "--quiet", "--filter", "label=\(label)"])
        if !running.isEmpty {
            try await machine.succeed(Invocation("docker", ["stop", "--time", "\(HaltedContainers.grace)"] + running))
        }
    }

    /// A container as the stack has it, but with volumes that are thrown away, without ports and without a network.
    /// - Parameter body: is lent docker's options, and the image.
    private func describing<Result: Sendable>(
        _ container: Container, _ body: ([String], String) async throws -> Result
    ) async throws -> Result {
        guard let present = try await StackContainers.read(stack.name, on: machine).named(container.name).first else {
            throw Failure(
                "\(container.name) of \(stack.name) is not there: nobody knows its variables",
                advice: "Deploy the stack first.")
        }
        var options = ["--pull", "never", "--label", label, "--network", "none"]
        for volume in container.volumes {
            _ = try await makeVolume(volume.name)
            options += [
                "--mount",
                "type=volume,source=\(standIn(volume.name)),target=\(volume.path)"
                    + (volume.isReadOnly ? ",readonly" : ""),
            ]
        }
        // The files of the stack are only read.
        for bind in container.binds {
            options += ["--mount", "type=bind,source=\(bind.source),target=\(bind.path),readonly"]
        }
        for file in container.files {
            options += [
                "--mount", "type=bind,source=\(stack.path(of: file, in: container)),target=\(file.path),readonly",
            ]
        }
        if let memory = container.limits?.memory { options += ["--memory", "\(memory.bytes)"] }
        let variables = Self.scratch.appending("environment")
        options += ["--env-file", variables.string]
        let image = try await image(of: container, present)

        try await refuseLines(in: present, container)
        try machine.files.createDirectories(Self.scratch, mode: 0o700)
        let question = Invocation(
            "docker", ["inspect", "--format", "{{range .Config.Env}}{{println .}}{{end}}", present.id])
        let told = try await machine.run(question.writing(to: variables))
        guard told.succeeded else {
            throw Failure(
                "docker does not tell the variables of \(container.name)", of: question, told,
                advice: "`docker inspect` on the machine tells more.")
        }
        let result = try await body(options, image)
        try machine.files.remove(variables)
        return result
    }

    /// Docker reads variables from a file line by line, and cites in its errors what it takes for a bad one: a part of a secret, maybe.
    /// - Throws: ``Failure`` where one has several lines. What they are docker does not tell for this.
    private func refuseLines(in present: StackContainers.Found, _ container: Container) async throws {
        let format =
            #"{{range .Config.Env}}{{if or (gt (len (split . "\n")) 1) (gt (len (split . "\r")) 1)}}{{println (index (split . "=") 0)}}{{end}}{{end}}"#
        let names = try await lines(["inspect", "--format", format, present.id])
        guard names.isEmpty else {
            throw Failure(
                "\(container.name) of \(stack.name) cannot be started a second time: its variable \(names.joined(separator: ", ")) has several lines",
                advice: "Give it that in a ConfigurationFile.")
        }
    }

    /// That of the backup where the machine still has it.
    private func image(of container: Container, _ present: StackContainers.Found) async throws -> String {
        if let former = backup.deployment?.images[container.name],
            try await machine.run(Invocation("docker", ["image", "inspect", "--", former])).succeeded
        {
            return former
        }
        return present.image
    }

    private func waitUntilWell(_ container: Container) async throws {
        let clock = ContinuousClock(), deadline = clock.now + stack.healthTimeout, name = standIn(container.name)
        var steady = 0
        while steady < Self.times {
            let isRunning =
                try await machine.succeed(Invocation("docker", ["inspect", "--format", "{{.State.Running}}", name]))
                .text
                .trimmed == "true"
            var isWell = isRunning
            if isRunning, let check = container.healthCheck {
                let words =
                    check.test.first == "CMD-SHELL"
                    ? ["/bin/sh", "-c"] + check.test.dropFirst() : Array(check.test.dropFirst())
                isWell = try await machine.run(
                    Invocation("docker", ["exec", name] + words, timeout: check.timeout + .seconds(5))
                ).succeeded
            }
            steady = isWell ? steady + 1 : 0
            guard isRunning, clock.now < deadline else {
                let logs = try? await machine.run(
                    Invocation("docker", ["logs", "--tail", "\(Failure.outputLineLimit)", name]))
                let text = (logs?.text ?? "") + String(decoding: logs?.errors ?? [], as: UTF8.self)
                throw Failure(
                    "\(container.name), started with volumes of its own, \(isRunning ? "did not get healthy within \(stack.healthTimeout.inWords)" : "has ended")",
                    output: text.split(whereSeparator: \.isNewline).map(String.init))
            }
            if steady < Self.times { try await Task.sleep(for: pollInterval) }
        }
    }
}
