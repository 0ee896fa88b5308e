import PropelTesting
import Testing

@testable import Properties

/// A machine in memory with docker and what a backup needs: containers with volumes, archives that are strings.
struct FakeStack: Sendable {
    let fake: FakeMachine
    let docker: FakeDocker

    /// A database that is dumped, an application that is paused for its archive, and a search index that is stopped
    /// for its.
    func stack(_ tag: String = "v1", dataFormat: Int = 1, retention: BackupRetention = BackupRetention()) -> Stack {
        Stack("shop", dataFormat: dataFormat, healthTimeout: .seconds(60), retention: retention) {
            Properties.Container("app", image: "shop/app", tag: tag) {
                DependsOn("db")
                DependsOn("index")
                Volume("uploads", at: "/srv/uploads", backup: .archive(while: .paused))
                Volume("words", at: "/srv/words", isReadOnly: true)
                Volume("cache", at: "/srv/cache", backup: .none)
            }
            Properties.Container("db", image: "shop/db", tag: "1") {
                Volume("data", at: "/data", backup: .dump(["dump"], restore: ["restore", "--all"]))
                HealthCheck("ready")
            }
            Properties.Container("index", image: "shop/index", tag: "1") { Volume("words", at: "/words") }
        }.polling(every: .zero)
    }

    /// All its containers run, and there are data in every volume.
    init() {
        fake = FakeMachine()
        docker = FakeDocker(on: fake, hasCompose: false)
        fake.files.put(directory: "/var/backups")
        for program in [
            "/bin/sh", "tar", "find", "mv", "rm", "sync", "sha256sum", "du", "systemd-run", "systemctl",
        ] {
            fake.commands.program(program) { [self] command in
                do { return try await run(command) } catch let error as FileError where !fake.operations.isDown {
                    return .failing(1, "\(command.program): \(error)\n")
                }
            }
        }
        add("app", "a1", "shop/app:v1", volumes: ["shop_uploads", "shop_words", "shop_cache"])
        add("db", "d1", "shop/db:1", health: "healthy", volumes: ["shop_data"])
        add("index", "i1", "shop/index:1", volumes: ["shop_words"])
        for volume in ["data", "uploads", "words", "cache"] {
            makeVolume("shop_\(volume)")
            put("\(volume)/file", "old \(volume)")
        }
        setProgram("dump") { [self] _ in .printing("rows: \(text("data/file") ?? "")") }
        setProgram("restore") { [self] command in
            put("data/file", String(String(decoding: command.input, as: UTF8.self).dropFirst(6)))
            return .printing()
        }
    }

    func add(
        _ name: String, _ id: String, _ image: String, state: String = "running", health: String? = nil,
        volumes: Set<String> = []
    ) {
        docker.state.withLock {
            $0.containers[name] = FakeDocker.Container(
                id: id, name: name, image: image, imageID: "sha256:\(image)", volumes: volumes, state: state,
                health: health)
        }
    }

    /// Docker starts what ran when the power failed.
    func restartsContainersAtBoot() {
        fake.atBoot { [docker] in
            docker.state.withLock { state in
                for (name, one) in state.containers where one.state == "paused" {
                    state.containers[name]?.state = "running"
                }
            }
        }
    }

    func makeVolume(_ name: String) {
        _ = docker.state.withLock { $0.volumes.insert(name) }
        fake.files.put(directory: FakeDocker.mountpoint(name))
    }

    func setProgram(_ name: String, _ body: @escaping FakeDocker.Program) {
        docker.state.withLock { $0.programs[name] = body }
    }

    /// A file of a volume: `data/file`.
    private func path(_ name: String) -> FilePath {
        let parts = name.split(separator: "/")
        return FakeDocker.mountpoint("shop_\(parts[0])").appending(String(parts[1]))
    }

    func put(_ name: String, _ text: String) { fake.files.put(path(name), text) }
    func text(_ name: String) -> String? { fake.files.text(at: path(name)) }
    func remove(_ name: String) throws { try fake.files.remove(path(name)) }

    func change(_ container: String, _ body: (inout FakeDocker.Container) -> Void) {
        docker.state.withLock { state in
            if var one = state.containers[container] {
                body(&one)
                state.containers[container] = one
            }
        }
    }

    /// The states of its containers, but for those of a restore test.
    var states: [String: String] { docker.containers.filter { !$0.value.isTemporary }.mapValues(\.state) }

    /// The operations on containers, in order.
    var doings: [String] {
        fake.commands.log.filter { line in
            ["docker stop", "docker start", "docker pause", "docker unpause", "docker exec", "tar"].contains {
                line.hasPrefix($0 + " ")
            }
        }
        .map { line in
            line.hasPrefix("tar")
                ? "tar \(line.contains("--create") ? "create" : "extract") \(volume(in: line))"
                : line.replacing("docker ", with: "").replacing(" --time 30", with: "")
        }
    }

    private func volume(in line: String) -> String {
        line.split(separator: "/").first { $0.hasPrefix("shop_") || $0.hasPrefix("propel-test_") }.map(String.init)
            ?? line
    }

    /// The names in the directory of the backups.
    var kept: [String] { (try? fake.files.list("/var/backups/propel/shop")) ?? [] }

    /// Says that it is deployed as it is described.
    func deploy(_ stack: Stack) throws {
        fake.files.put(stack.composeFile, stack.composeText, mode: 0o600)
        for container in stack.containers { change(container.name) { $0.image = container.image } }
        var record = try StackRecord(of: stack, on: fake.machine)
        record.current = StackRecord.Deployment(
            id: fake.machine.now.compact, version: stack.version, dataFormat: stack.dataFormat,
            time: fake.machine.now.iso8601,
            images: Dictionary(uniqueKeysWithValues: stack.containers.map { ($0.name, $0.image) }),
            volumes: stack.usedVolumes)
        for container in docker.containers.values {
            record.containers[container.name] = StackRecord.Made(id: container.id, secretFiles: "")
        }
        try record.write(of: stack, on: fake.machine)
    }

    func job(_ stack: Stack? = nil) -> BackupJob {
        BackupJob(StackContext(stack ?? self.stack(), on: fake.machine))
    }

    // MARK: - Programs

    private func run(_ command: Invocation) async throws -> CommandResult {
        let words = command.arguments, last = words.last ?? ""
        switch command.program {
        case "/bin/sh": return try await redirect(command)
        case "sha256sum":
            return .printing(
                try words.dropFirst(2).map { SHA256.hash(try fake.files.read(FilePath($0))) + "  \($0)\0" }.joined())
        case "tar" where words.contains("--create"):
            let directory = FilePath(words.first { $0.hasPrefix("--directory=") }?.dropFirst(12).description ?? "")
            return .printing(
                try fake.files.list(directory).map { "\($0)=\(try fake.files.text(directory.appending($0)))" }.joined(
                    separator: "\n"))
        case "tar":
            let directory = FilePath(words.first { $0.hasPrefix("--directory=") }?.dropFirst(12).description ?? "")
            let archive = FilePath(words.first { $0.hasPrefix("--file=") }?.dropFirst(7).description ?? "")
            requireUnused(directory)
            for line in try fake.files.text(archive).split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { return .failing(2, "tar: this does not look like an archive\n") }
                try fake.files.write(directory.appending(parts[0]), bytes: Array(parts[1].utf8))
            }
        case "find" where last == "-delete":
            requireUnused(FilePath(words[0]))
            try fake.files.deleteTree(FilePath(words[0]), itself: false)
        case "du": return .printing(words.dropFirst(5).map { "\(12 << 20)\t1000000\t\($0)\n" }.joined())
        case "mv":
            guard fake.files[FilePath(last)] == nil else { return .failing(1, "mv: cannot overwrite\n") }
            try fake.files.rename(FilePath(words[2]), to: FilePath(last))
        case "rm":
            for path in words.drop(while: { $0.hasPrefix("-") }) { try fake.files.deleteTree(FilePath(path)) }
        case "sync" where words.first == "--file-system": try fake.files.syncAll()
        case "sync": for path in words.dropFirst() { try fake.files.sync(FilePath(path)) }
        default: break
        }
        return .printing()
    }

    /// Nobody may replace the files of a container that runs.
    private func requireUnused(_ mountpoint: FilePath) {
        let users = docker.containers.values.filter { container in
            container.state == "running"
                && container.volumes.contains {
                    $0.hasPrefix("/") ? FilePath($0) == mountpoint : FakeDocker.mountpoint($0) == mountpoint
                }
        }
        for user in users { Issue.record("\(mountpoint) is replaced beneath the running \(user.name)") }
    }

    private func redirect(_ command: Invocation) async throws -> CommandResult {
        let words = command.arguments, file = FilePath(words[3])
        var inner = Invocation(words[4], Array(words.dropFirst(5)))
        guard words[1].contains("> \"$file\"") else {
            inner.input = try fake.files.read(file)
            return try await fake.commands.run(inner)
        }
        var result = try await fake.commands.run(inner)
        try fake.files.write(file, bytes: result.output, mode: 0o600)
        result.output = []
        return result
    }
}
