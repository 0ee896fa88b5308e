import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct BackupJobFailureTests {
    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    // MARK: - Failures

    @Test func `a failed dump leaves nothing behind`() async throws {
        shop.setProgram("dump") { _ in .failing(3, "connection refused\n") }
        let failure = await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(failure?.message == "the volume data of shop could not be backed up: its dump in db failed")
        #expect(failure?.command == "docker exec d1 dump" && failure?.output == ["connection refused"])
        #expect(shop.kept.isEmpty && shop.doings == ["exec d1 dump"])
    }

    @Test func `the failure says why a dump command cannot be executed`() async throws {
        shop.setProgram("dump") { _ in
            CommandResult(ending: .exited(126), output: Array("OCI runtime exec failed: not found\n".utf8))
        }
        let failure = await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(failure?.output == ["OCI runtime exec failed: not found"])
    }

    @Test func `an empty dump is a failure`() async throws {
        shop.setProgram("dump") { _ in .printing() }
        await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(shop.kept.isEmpty)
    }

    @Test func `containers are started again after a failed archive`() async throws {
        fake.commands.program("tar") { command in
            command.description.contains("shop_words")
                ? .failing(2, "tar: write error: No space left on device\n") : .printing("x")
        }
        let failure = await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(failure?.message == "the volume words of shop could not be archived: the disk is full")
        #expect(failure?.advice?.hasPrefix("Make room") == true)
        #expect(shop.kept.isEmpty)
        #expect(shop.doings.suffix(2) == ["start i1", "start a1"] && shop.states.values.allSatisfy { $0 == "running" })
    }

    /// tar ends with 1 then. Of a volume whose containers run that is no failure.
    @Test(arguments: ["shop_words", "shop_uploads"])
    func `a file that changes while its containers are halted fails the backup`(_ volume: String) async throws {
        fake.commands.program("tar") { command in
            command.description.contains(volume) ? .failing(1, "tar: file changed as we read it\n") : .printing("x")
        }
        let failure = await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(failure?.message.hasSuffix(" could not be archived") == true)
        #expect(shop.kept.isEmpty)
    }

    @Test func `a second failure of the containers is reported with the first`() async throws {
        fake.commands.program("tar") {
            $0.description.contains("shop_words") ? .failing(2, "tar: cannot\n") : .printing("x")
        }
        shop.change("index") { $0.health = "healthy" }
        _ = shop.docker.state.withLock { $0.sick.insert("index") }
        let failure = await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(failure?.message.contains("could not be archived; and then: index of shop is unhealthy") == true)
        #expect(shop.kept == [".halted"])
    }

    @Test func `containers are started again after an interruption`() async throws {
        let (started, begin) = AsyncStream<Void>.makeStream()
        fake.commands.program("tar") { _ in
            begin.finish()
            try await Task.sleep(for: .seconds(3600))
            return .printing()
        }
        let task = Task { [self] in try await shop.taken("one").apply(on: fake.machine) }
        for await _ in started {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(shop.states.values.allSatisfy { $0 == "running" } && shop.kept.isEmpty)
    }

    @Test func `the next backup starts containers that a killed run stopped`() async throws {
        shop.change("app") { $0.state = "paused" }
        shop.change("index") { $0.state = "exited" }
        fake.files.put("/var/backups/propel/shop/.halted", "a1 well\ni1\ngone well")
        fake.files.put("/var/backups/propel/shop/.unfinished/words.tar.gz", "half")
        fake.files.put("/var/backups/propel/shop/.removed-1/data.dump", "half")
        #expect(try StackBackups(of: shop.stack(), on: fake.machine).all.isEmpty)
        try await shop.taken("one").apply(on: fake.machine)
        #expect(shop.doings.prefix(2) == ["unpause a1", "start i1"])
        #expect(shop.kept == ["one"] && shop.states.values.allSatisfy { $0 == "running" })
    }

    @Test(arguments: [("exited", nil), ("running", "unhealthy"), ("restarting", nil)] as [(String, String?)])
    func `a backup by hand fails if the database is unhealthy`(_ state: String, _ health: String?) async throws {
        shop.change("db") { ($0.state, $0.health) = (state, health) }
        let failure = await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(failure?.message.hasPrefix("db, which dumps the volume data of shop, is not healthy: ") == true)
        shop.docker.state.withLock { $0.containers["db"] = nil }
        let second = await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(second?.message.hasSuffix("data of shop, does not exist") == true)
        #expect(shop.kept.isEmpty)
    }

    @Test func `a missing checksum is a failure`() async throws {
        fake.commands.program("sha256sum", prints: "?")
        await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        fake.commands.program("sha256sum", status: 1, errors: "sha256sum: Input/output error")
        await #expect(throws: CommandFailure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(shop.kept.isEmpty)
    }

    @Test(arguments: [".unfinished", "shop"])
    func `a failed sync is a failure and leaves no backup`(_ directory: String) async throws {
        fake.commands.program("sync") { command in
            command.arguments.last?.hasSuffix("/\(directory)") == true
                ? .failing(1, "sync: error syncing: Input/output error\n") : .printing()
        }
        await #expect(throws: CommandFailure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(shop.kept.isEmpty)
        #expect(shop.states.values.allSatisfy { $0 == "running" })
    }

    // MARK: - A killed run

    @Test func `a watchdog is started before containers are halted and stopped after`() async throws {
        try await shop.taken("one").apply(on: fake.machine)
        let events = fake.commands.log.compactMap { line in
            ["systemd-run", "systemctl stop", "docker pause", "docker unpause", "docker stop", "docker start"].first {
                line.hasPrefix($0)
            }
        }
        #expect(
            events == [
                "systemctl stop", "systemd-run", "docker pause", "docker unpause", "systemctl stop",
                "systemctl stop", "systemd-run", "docker stop", "docker start", "docker start", "systemctl stop",
            ])
        let start = try #require(fake.commands.log.first { $0.hasPrefix("systemd-run") })
        #expect(
            start.contains("--unit=propel-resume-shop.service") && start.contains("/var/lib/propel/lock")
                && start.contains("/var/backups/propel/shop/.halted")
                && start.contains("/var/lib/propel/stacks/shop.restoring"))
    }

    @Test func `the containers are recorded before the first is stopped`() async throws {
        let recorded = Mutex<[String?]>([])
        shop.docker.answer { [fake = shop.fake] words in
            if words[0] == "stop" || words[0] == "pause" {
                recorded.withLock { $0.append(fake.files.text(at: "/var/backups/propel/shop/.halted")) }
            }
            return nil
        }
        try await shop.taken("one").apply(on: fake.machine)
        #expect(recorded.withLock { $0 } == ["a1 well\n", "i1 well\na1 well\n"])
        #expect(fake.files["/var/backups/propel/shop/.halted"] == nil)
    }

    @Test func `nothing is halted if the watchdog cannot be started`() async throws {
        fake.commands.program("systemd-run", status: 1, errors: "Failed to connect to bus\n")
        let failure = await #expect(throws: Failure.self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(failure?.message == "systemd cannot watch over the containers of shop while they are stopped")
        #expect(failure?.output == ["Failed to connect to bus"])
        #expect(!fake.commands.log.contains { $0.hasPrefix("docker stop") || $0.hasPrefix("docker pause") })
        #expect(shop.states.values.allSatisfy { $0 == "running" })
    }

    /// The files, their directory, and the name of the backup.
    @Test(arguments: 0..<3) func `none of the syncs of a backup may fail`(_ failing: Int) async throws {
        let synced = Mutex(0)
        fake.commands.program("sync") { _ in
            let number = synced.withLock { count in
                count += 1
                return count - 1
            }
            return number == failing ? .failing(1, "sync: Input/output error\n") : .printing()
        }
        await #expect(throws: (any Error).self) { try await shop.taken("one").apply(on: fake.machine) }
        #expect(shop.kept.isEmpty)
        #expect(synced.withLock { $0 } == failing + 1)
        #expect(try await fake.check(shop.taken("one")) != .satisfied)
    }

    @Test func `a backup gets its name once it is synced`() async throws {
        try await shop.taken("one").apply(on: fake.machine)
        let log = fake.operations
        try log.require("sync -- /var/backups/propel/shop/.unfinished/uploads.tar.gz", before: "sha256sum")
        try log.require("sha256sum", before: "replace /var/backups/propel/shop/.unfinished/backup.json")
        let commands = fake.commands.log
        let rename = try #require(commands.firstIndex { $0.hasPrefix("mv ") })
        #expect(commands[rename - 1] == "sync -- /var/backups/propel/shop/.unfinished")
        #expect(commands[rename + 1] == "sync -- /var/backups/propel/shop")
    }
}
