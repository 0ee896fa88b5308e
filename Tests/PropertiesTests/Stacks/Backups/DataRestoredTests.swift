import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct DataRestoredTests {
    let shop = FakeStack()
    var fake: FakeMachine { shop.fake }

    func restored(
        _ id: String = "one", _ request: String = "now", _ stack: Stack? = nil, replacing: Bool = true
    ) -> DataRestored {
        DataRestored(stack: stack ?? shop.stack(), backup: id, isReplacing: replacing, request: request)
    }

    /// A backup of what is there at first, and other data since.
    func backUpAndChange(dataFormat: Int = 1) async throws {
        try shop.deploy(shop.stack(dataFormat: dataFormat))
        try await shop.job(shop.stack(dataFormat: dataFormat)).take(
            id: "one", why: "by hand", fallback: .none, retention: nil)
        fake.pass(.seconds(60))
        shop.put("data/file", "new data")
        shop.put("uploads/file", "new uploads")
        shop.put("uploads/other", "another")
        try shop.remove("words/file")
        shop.put("cache/file", "new cache")
    }

    var data: [String?] {
        ["data/file", "uploads/file", "uploads/other", "words/file", "cache/file"].map { shop.text($0) }
    }
    static let old = ["old data", "old uploads", nil, "old words", "new cache"]
    static let new = ["new data", "new uploads", "another", nil, "new cache"]

    func unfinished() throws -> RestoreRecord.Unfinished? {
        try RestoreRecord.unfinished(of: shop.stack(), on: fake.machine)
    }

    // MARK: - Restores

    @Test func `a restore replaces the data and starts the containers`() async throws {
        try await backUpAndChange()
        let skipped = shop.doings.count, id = try StackRecord(of: shop.stack(), on: fake.machine).current?.id
        let change = try await fake.obeysLaw(restored())
        #expect(
            change.reason
                == "replaces uploads (12 MiB, last changed 1970-01-12T13:46:40Z), data (12 MiB, last changed "
                + "1970-01-12T13:46:40Z); fills words; with the data of "
                + "\(try shop.backups().named("one", of: shop.stack()).time)"
        )
        #expect(data == Self.old)
        #expect(
            Array(shop.doings.dropFirst(skipped)) == [
                "stop a1 i1 d1", "tar create shop_uploads", "tar create shop_data", "tar extract shop_uploads",
                "tar extract shop_words", "start d1",
                "exec --interactive d1 restore --all", "start i1", "start a1",
            ])
        #expect(shop.states.values.allSatisfy { $0 == "running" })
        #expect(try unfinished() == nil)
        // The data from before are backed up, and the next change takes another backup.
        #expect(try shop.backups().whole.map(\.why) == ["before restoring one", "by hand"])
        #expect(try StackRecord(of: shop.stack(), on: fake.machine).current?.id != id)
    }

    private static let records = "/var/lib/propel/stacks/shop"

    /// Each step of it needs that the one before is on the disk or done, should the run end in between.
    @Test func `a restore has an order`() async throws {
        try await backUpAndChange()
        fake.operations.clear()
        try await restored().apply(on: fake.machine)
        let halted = "/var/backups/propel/shop/.halted"
        try fake.operations.require(order: [
            "replace \(halted)", "systemd-run", "docker stop", "tar --create", "mv --no-target-directory",
            "replace \(Self.records).restoring", "remove \(halted)", "-mindepth 1 -delete", "tar --extract",
            "d1 restore --all", "sync --file-system", "replace \(Self.records).json",
            "remove \(Self.records).restoring", "docker start i1", "docker start a1",
            "replace \(Self.records).restored",
        ])
    }

    /// A clone that was begun makes every other run fail, and no later run would forget it.
    @Test func `an interrupted clone is forgotten before a restore counts`() async throws {
        try await backUpAndChange()
        try CloneRecord(origin: "shop.example.com", backup: "x", progress: .begun).write(
            of: shop.stack(), on: fake.machine)
        fake.operations.clear()
        try await fake.obeysLaw(restored())
        try fake.operations.require("remove \(Self.records).clone", before: "replace \(Self.records).restored")
    }

    @Test func `another request restores again`() async throws {
        try await backUpAndChange()
        try await fake.obeysLaw(restored())
        fake.pass(.days(1))
        try await fake.obeysLaw(restored("one", "tomorrow"))
        #expect(try await fake.check(restored("one", "tomorrow")) == .satisfied)
    }

    @Test func `a volume that was empty is emptied`() async throws {
        try shop.remove("uploads/file")
        try await backUpAndChange()
        #expect(
            try await fake.obeysLaw(restored()).reason.contains(
                "uploads (12 MiB, last changed 1970-01-12T13:46:40Z), which was empty") == true)
        #expect(shop.text("uploads/file") == nil && shop.text("uploads/other") == nil)
    }

    @Test func `empty volumes are restored without permission to replace`() async throws {
        try await backUpAndChange()
        for file in ["data/file", "uploads/file", "uploads/other"] { try shop.remove(file) }
        try await fake.obeysLaw(restored(replacing: false))
        #expect(data == Self.old)
        #expect(try shop.backups().whole.count == 1)
    }

    @Test func `a database that is not ready yet is tried again`() async throws {
        try await backUpAndChange()
        let failures = Mutex(2)
        let restore = try #require(shop.docker.state.withLock { $0.programs["restore"] })
        shop.setProgram("restore") { [shop] command in
            let isFailing = failures.withLock { count in
                count -= 1
                return count >= 0
            }
            guard isFailing else { return try restore(command) }
            #expect(shop.text("data/half") == nil, "it begins with an empty volume")
            shop.put("data/half", "what there was before it was cut off")
            return .failing(1, "the database system is starting up\n")
        }
        try await fake.obeysLaw(restored())
        #expect(data == Self.old)
        #expect(shop.text("data/half") == nil)
    }

    /// Data of another version have not been through its migration yet; those of the same have.
    @Test(arguments: [("1", false), ("2", true)])
    func `a migration runs on data of another version`(_ tag: String, _ isDone: Bool) async throws {
        func migrating(_ tag: String) -> Stack {
            let model = shop.stack()
            return Stack("shop", healthTimeout: .seconds(60)) {
                Container("migrate", image: "shop/migrate", tag: tag) {
                    RestartPolicy(.never)
                    DependsOn("db")
                }
                model.containers
            }.polling(every: .zero)
        }
        shop.docker.state.withLock { $0.once = ["migrate"] }
        shop.add("migrate", "m1", "shop/migrate:1", state: "exited")
        try shop.deploy(migrating("1"))
        try await shop.job(migrating("1")).take(id: "one", why: "by hand", fallback: .none, retention: nil)
        try shop.deploy(migrating(tag))
        fake.pass(.seconds(60))
        shop.put("data/file", "new data")
        let skipped = shop.doings.count
        try await fake.obeysLaw(restored("one", "now", migrating(tag)))
        #expect(
            Array(shop.doings.dropFirst(skipped)).contains { $0.hasPrefix("start") && $0.contains("m1") } == isDone,
            "\(shop.doings)")
        #expect(shop.text("data/file") == "old data")
    }

    // MARK: - Refusals

    @Test func `data that a foreign container uses are not replaced`() async throws {
        try await backUpAndChange()
        shop.docker.answer { words in
            let isAboutTheVolume =
                words.first == "ps" && words.contains("volume=shop_uploads")
                && !words.contains("label=com.docker.compose.project=shop")
            return isAboutTheVolume ? .printing("a1\tshop_app_1\nf1\tsync\n") : nil
        }
        let failure = await #expect(throws: Failure.self) { try await restored().apply(on: fake.machine) }
        #expect(failure?.message == "the container sync uses the volume uploads of shop, and is not its own")
        #expect(failure?.advice == "Stop it, then run again: docker stop sync")
        await #expect(throws: Failure.self) { try await restored().check(on: fake.machine) }
        #expect(data == Self.new)
    }

    @Test func `data are not replaced without permission`() async throws {
        try await backUpAndChange()
        let failure = await #expect(throws: Failure.self) { try await fake.check(restored(replacing: false)) }
        #expect(failure?.message == "the backup one would replace the data in uploads, data of shop")
        #expect(failure?.advice?.contains("--replace") == true)
        await #expect(throws: Failure.self) { try await restored(replacing: false).apply(on: fake.machine) }
        #expect(data == Self.new)
    }

    @Test func `an unknown backup is reported with the ones there are`() async throws {
        let none = await #expect(throws: Failure.self) { try await fake.check(restored("two")) }
        #expect(none?.advice == "It has no backups.")
        try await backUpAndChange()
        let failure = await #expect(throws: Failure.self) { try await fake.check(restored("two")) }
        #expect(failure?.message == "shop has no backup “two”" && failure?.advice == "Its backups: one (by hand).")
    }

    @Test(arguments: ["rows: bad data", "rows"])
    func `a damaged backup is not restored`(_ text: String) async throws {
        try await backUpAndChange()
        fake.files.put("/var/backups/propel/shop/one/data.dump", text)
        let failure = await #expect(throws: Failure.self) { try await fake.check(restored()) }
        #expect(failure?.message.hasPrefix("the backup one of shop is damaged: data.dump ") == true)
        await #expect(throws: Failure.self) { try await restored().apply(on: fake.machine) }
        #expect(data == Self.new && shop.states.values.allSatisfy { $0 == "running" })
    }

    @Test func `a backup that the stack cannot use is refused`() async throws {
        try await backUpAndChange(dataFormat: 2)
        let failure = await #expect(throws: Failure.self) { try await fake.check(restored()) }
        #expect(
            failure?.message == "the data of the backup one of shop have format 2, and this version knows only format 1"
        )
        let stack = shop.stack(dataFormat: 2)
        shop.docker.state.withLock { $0.containers["db"] = nil }
        let gone = await #expect(throws: Failure.self) { try await fake.check(restored("one", "now", stack)) }
        #expect(gone?.message == "the container db of shop, which restores data, does not exist")
        _ = shop.docker.state.withLock { $0.volumes.remove("shop_data") }
        let missing = await #expect(throws: Failure.self) { try await fake.check(restored("one", "now", stack)) }
        #expect(missing?.message == "the volume data of the backup one of shop does not exist")
    }

    @Test func `the check is undetermined without docker`() async throws {
        try await backUpAndChange()
        fake.commands.program("docker") { _ in CommandResult(ending: .notFound) }
        #expect(try await fake.check(restored()).isUnknown)
    }

    // MARK: - An older format of the data

    @Test func `a restore of an older format leaves the newer containers stopped`() async throws {
        try await backUpAndChange()
        try shop.deploy(shop.stack("v2", dataFormat: 2))
        let stack = shop.stack()
        await #expect(throws: Failure.self) { try await fake.check(StackDeployment(stack: stack)) }
        var newer = try StackRecord(of: stack, on: fake.machine)
        newer.triedFormat = 2
        newer.current?.snapshot = StackRecord.SnapshotReference(name: "newer", hash: "abc")
        try newer.write(of: stack, on: fake.machine)
        fake.operations.clear()
        #expect(
            try await fake.obeysLaw(restored()).reason.contains("its containers stay stopped until it is deployed")
                == true)
        #expect(data == Self.old && shop.states.values.allSatisfy { $0 == "exited" })
        #expect(try StackRecord(of: stack, on: fake.machine).current?.dataFormat == 1)
        #expect(try await fake.check(StackDeployment(stack: stack)) != .satisfied)
        // Of the newer version nothing is left that a boot or the next restore could start.
        try fake.operations.require(order: [
            "sync --file-system", "remove \(stack.composeFile)", "replace \(Self.records).json",
            "remove \(Self.records).restoring", "replace \(Self.records).restored",
        ])
        let record = try StackRecord(of: stack, on: fake.machine)
        #expect(record.triedFormat == nil && record.current?.snapshot == nil)
        // Nor does another restore start it, although the record names the older format by now.
        fake.pass(.seconds(60))
        try await fake.obeysLaw(restored("one", "later"))
        #expect(data == Self.old && shop.states.values.allSatisfy { $0 == "exited" })
    }

    @Test func `a newer version uses data of an older format`() async throws {
        try await backUpAndChange()
        let stack = shop.stack("v2", dataFormat: 2)
        try shop.deploy(stack)
        try await fake.obeysLaw(restored("one", "now", stack))
        #expect(shop.states.values.allSatisfy { $0 == "running" })
        #expect(try StackRecord(of: stack, on: fake.machine).current?.dataFormat == 2)
    }
}
