import PropelTesting
import Synchronization
import Testing

@testable import Properties

/// A machine in memory with docker and what a backup needs: containers with volumes, archives that are strings.
struct FakeStack: Sendable {
    struct Container: Sendable {
        var id: String
        var name: String
        var image: String
        var state = "running"
        var health: String? = "healthy"
        var volumes: [String]
    }

    final class Engine: Sendable {
        let containers = Mutex<[Container]>([])
        let volumes = Mutex<Set<String>>([])
        /// The result of a command in a container, by its program.
        let programs = Mutex<[String: @Sendable (Invocation) throws -> CommandResult]>([:])
        /// The containers that are unhealthy once they are started.
        let sick = Mutex<Set<String>>([])
        /// The containers that were paused; docker lists them as unhealthy the next time.
        let recovering = Mutex<Set<String>>([])
        /// The containers that have ended as soon as they are started.
        let once = Mutex<Set<String>>([])
        /// Called before docker executes a command.
        let before = Mutex<(@Sendable ([String]) throws -> CommandResult?)?>(nil)
    }

    let fake = FakeMachine()
    let engine = Engine()

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
        fake.files.put(directory: "/var/backups")
        for program in [
            "docker", "/bin/sh", "tar", "find", "mv", "rm", "sync", "sha256sum", "du", "systemd-run", "systemctl",
        ] {
            fake.commands.program(program) { [self] command in
                do { return try await run(command) } catch let error as FileError where !fake.operations.isDown {
                    return .failing(1, "\(command.program): \(error)\n")
                }
            }
        }
        engine.containers.withLock {
            $0 = [
                Container(
                    id: "a1", name: "app", image: "shop/app:v1", health: nil,
                    volumes: ["shop_uploads", "shop_words", "shop_cache"]),
                Container(id: "d1", name: "db", image: "shop/db:1", volumes: ["shop_data"]),
                Container(id: "i1", name: "index", image: "shop/index:1", health: nil, volumes: ["shop_words"]),
            ]
        }
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

    /// Docker starts what ran when the power failed.
    func restartsContainersAtBoot() {
        fake.atBoot { [engine] in
            engine.containers.withLock { containers in
                for index in containers.indices where containers[index].state == "paused" {
                    containers[index].state = "running"
                }
            }
        }
    }

    func makeVolume(_ name: String) {
        _ = engine.volumes.withLock { $0.insert(name) }
        fake.files.put(directory: Self.mountpoint(name))
    }

    func setProgram(_ name: String, _ body: @escaping @Sendable (Invocation) throws -> CommandResult) {
        engine.programs.withLock { $0[name] = body }
    }

    static func mountpoint(_ volume: String) -> FilePath { FilePath("/var/lib/docker/volumes/\(volume)/_data") }

    /// A file of a volume: `data/file`.
    private func path(_ name: String) -> FilePath {
        let parts = name.split(separator: "/")
        return Self.mountpoint("shop_\(parts[0])").appending(String(parts[1]))
    }

    func put(_ name: String, _ text: String) { fake.files.put(path(name), text) }
    func text(_ name: String) -> String? { fake.files.text(at: path(name)) }
    func remove(_ name: String) throws { try fake.files.remove(path(name)) }

    func change(_ container: String, _ body: (inout Container) -> Void) {
        engine.containers.withLock { containers in
            for index in containers.indices where containers[index].name == container { body(&containers[index]) }
        }
    }

    var states: [String: String] {
        engine.containers.withLock { Dictionary(uniqueKeysWithValues: $0.map { ($0.name, $0.state) }) }
    }

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
        for container in engine.containers.withLock({ $0 }) {
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
        case "docker": return try docker(command)
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
        let users = engine.containers.withLock { $0 }.filter { container in
            container.state == "running" && container.volumes.contains { Self.mountpoint($0) == mountpoint }
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

    private func docker(_ command: Invocation) throws -> CommandResult {
        let words = command.arguments, last = words.last ?? ""
        if let answer = try engine.before.withLock({ $0 })?(words) { return answer }
        switch words[0] {
        case "ps":
            let volume = words.first { $0.hasPrefix("volume=") }?.dropFirst(7).description
            let recovering = engine.recovering.withLock { $0 }
            engine.recovering.withLock { $0 = [] }
            let all = engine.containers.withLock { $0 }.filter { container in
                volume.map { container.volumes.contains($0) } ?? true
            }
            return .printing(
                all.map { one in
                    let status =
                        one.state == "exited"
                        ? "Exited (0) 1 hour ago"
                        : "Up 1 hour"
                            + (one.state == "paused"
                                ? " (Paused)"
                                : one.health.map { " (\(recovering.contains(one.id) ? "unhealthy" : $0))" } ?? "")
                    return "\(one.id)\t\(one.name)\t\(one.image)\t\(one.state)\t\(status)\n"
                }.joined())
        case "stop": return set(words.dropFirst(3), "exited")
        case "pause": return set(words.dropFirst(), "paused")
        case "unpause":
            engine.recovering.withLock { $0.formUnion(words.dropFirst()) }
            return set(words.dropFirst(), "running")
        case "start": return set(words.dropFirst(), "running")
        case "exec":
            let rest = words.dropFirst().drop { $0.hasPrefix("-") }
            guard let id = rest.first, let program = rest.dropFirst().first else { return .failing(1) }
            guard engine.containers.withLock({ $0 }).contains(where: { $0.id == id && $0.state == "running" }) else {
                return .failing(1, "Error: container \(id) is not running\n")
            }
            return try engine.programs.withLock { $0[program] }?(command)
                ?? .failing(127, "exec: \(program): not found\n")
        case "inspect" where words.contains { $0.contains("RestartPolicy") }:
            let name = engine.containers.withLock { $0 }.first { $0.id == last }?.name
            return .printing(engine.once.withLock { $0 }.contains(name ?? "") ? "no\n" : "unless-stopped\n")
        case "volume" where words[1] == "ls":
            return .printing(engine.volumes.withLock { $0 }.sorted().map { $0 + "\n" }.joined())
        case "volume" where words[1] == "inspect":
            return .printing(words.dropFirst(5).map { "\($0)\t\(Self.mountpoint($0))\n" }.joined())
        default: return .failing(125, "unknown")
        }
    }

    private func set(_ ids: ArraySlice<String>, _ state: String) -> CommandResult {
        let sick = engine.sick.withLock { $0 }, once = engine.once.withLock { $0 }
        engine.containers.withLock { containers in
            for index in containers.indices where ids.contains(containers[index].id) {
                containers[index].state = once.contains(containers[index].name) ? "exited" : state
                if state == "running", sick.contains(containers[index].name) { containers[index].health = "unhealthy" }
            }
        }
        return .printing()
    }
}
