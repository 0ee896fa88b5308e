import PropelTesting
import Synchronization
import Testing

@testable import Properties

/// Restores that fail, or are cut.
extension DataRestoredTests {
    @Test func `a failed restore puts the data from before back`() async throws {
        try await backUpAndChange()
        shop.setProgram("restore") { _ in .failing(1, "wrong version\n") }
        fake.operations.clear()
        let failure = await #expect(throws: Failure.self) { try await restored().apply(on: fake.machine) }
        #expect(failure?.message == "db of shop rejects the dump of data; the data from before are restored")
        let safety = try #require(try shop.backups().whole.first { $0.why == "before restoring one" }?.id)
        try fake.operations.require(order: [
            "d1 restore --all", "--file=/var/backups/propel/shop/\(safety)/data.tar.gz", "sync --file-system",
            "remove /var/lib/propel/stacks/shop.restoring", "docker start d1 i1", "docker start a1",
        ])
        #expect(failure?.output == ["wrong version"] && failure?.isRolledBack == true)
        #expect(data == Self.new && shop.states.values.allSatisfy { $0 == "running" })
        #expect(try unfinished() == nil)
        #expect(try await fake.check(restored()) != .satisfied)
    }

    @Test func `a container that was unhealthy before need not become healthy`() async throws {
        try await backUpAndChange()
        shop.change("app") { $0.health = "unhealthy" }
        shop.docker.state.withLock { $0.sick = ["app"] }
        try await fake.obeysLaw(restored())
        #expect(data == Self.old)
        #expect(shop.states.values.allSatisfy { $0 == "running" })
        #expect(try unfinished() == nil)
    }

    @Test func `a failed return to the data from before says which backup has them`() async throws {
        try await backUpAndChange()
        fake.commands.program("tar") { command in
            command.arguments.contains("--create") ? .printing("file=x") : .failing(2, "tar: no space left on device\n")
        }
        let failure = await #expect(throws: Failure.self) { try await restored().apply(on: fake.machine) }
        let safety = try #require(try shop.backups().whole.first { $0.why == "before restoring one" }?.id)
        #expect(
            failure?.message.contains("; and the data from before could not be restored: the volume uploads") == true)
        #expect(
            failure?.advice
                == "They are in the backup \(safety): restore that, or one again, when the cause is removed.")
        #expect(try unfinished() == RestoreRecord.Unfinished(backup: "one", safety: safety))
    }

    @Test func `nothing is replaced without a backup of the present data`() async throws {
        try await backUpAndChange()
        fake.commands.program("sync", status: 1, errors: "sync: No space left on device\n")
        await #expect(throws: CommandFailure.self) { try await restored().apply(on: fake.machine) }
        #expect(data == Self.new && shop.states.values.allSatisfy { $0 == "running" })
        #expect(try unfinished() == nil)
    }

    @Test func `a container that did not run is not started if nothing was replaced`() async throws {
        try await backUpAndChange()
        shop.change("index") { $0.state = "exited" }
        fake.commands.program("sync", status: 1)
        await #expect(throws: CommandFailure.self) { try await restored().apply(on: fake.machine) }
        #expect(shop.states == ["app": "running", "db": "running", "index": "exited"])
    }

    @Test func `a killed restore is finished by the next one`() async throws {
        try await backUpAndChange()
        let safety = try await shop.job().take(why: "before restoring one", fallback: .archiveAll, retention: nil)
        try RestoreRecord.begin(
            RestoreRecord.Unfinished(backup: "one", safety: safety.id), of: shop.stack(), on: fake.machine)
        shop.put("uploads/half", "half")
        for name in ["app", "db", "index"] { shop.change(name) { $0.state = "exited" } }
        // Until then nothing else is done.
        let change = BackupBeforeChange(stack: shop.stack("v2"))
        let failure = await #expect(throws: Failure.self) { try await fake.check(change) }
        #expect(
            failure?.advice
                == "Restore one again, or \(safety.id), which has the data from before. Until then nothing is "
                + "backed up or deployed."
        )
        await #expect(throws: Failure.self) { try await fake.check(BackupExists(stack: shop.stack(), id: "two")) }
        try await fake.obeysLaw(restored(replacing: false))
        #expect(
            data == Self.old && shop.text("uploads/half") == nil && shop.states.values.allSatisfy { $0 == "running" })
        #expect(try shop.backups().whole.map(\.id) == [safety.id, "one"])
        #expect(try await fake.check(change) != .satisfied)
    }

    @Test func `a record that cannot be written after a failure is reported`() async throws {
        try await backUpAndChange()
        shop.setProgram("restore") { [fake = shop.fake] _ in
            // As if the file system of the state had become read-only.
            fake.files.put("/var/lib/propel/stacks", "")
            return .failing(1, "wrong version\n")
        }
        let failure = await #expect(throws: Failure.self) { try await restored().apply(on: fake.machine) }
        #expect(failure?.message.hasPrefix("db of shop rejects the dump of data; ") == true)
        #expect(failure?.message.contains("; and the record of the stack is not as before: cannot ") == true)
        #expect(failure?.isRolledBack == false && data == Self.new)
    }

    @Test func `a watchdog guards the containers until the restore begins to replace data`() async throws {
        try await backUpAndChange()
        let marks = Mutex<[String]>([])
        fake.commands.program("systemctl") { [fake = shop.fake] _ in
            let state = ["/var/backups/propel/shop/.halted", "/var/lib/propel/stacks/shop.restoring"].map {
                fake.files.text(at: FilePath($0)) == nil ? "-" : "+"
            }
            marks.withLock { $0.append(state.joined()) }
            return .printing()
        }
        let skipped = fake.commands.log.count
        try await restored().apply(on: fake.machine)
        // Before it is started, and when the data are being replaced.
        #expect(marks.withLock { $0 } == ["+-", "-+"])
        let log = fake.commands.log.dropFirst(skipped)
        let watchdog = try #require(log.firstIndex { $0.hasPrefix("systemd-run") })
        #expect(try #require(log.firstIndex { $0.hasPrefix("docker stop") }) > watchdog)
    }
}
