import PropelTesting
import Synchronization
import Testing

@testable import Properties

@Suite struct StackBackupRestoreTests {
    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    private func restored(
        _ id: String = "one", _ request: String = "now", _ stack: Stack? = nil, replacing: Bool = true
    ) -> DataRestored {
        var property = DataRestored(stack: stack ?? shop.stack(), backup: id, isReplacing: replacing, request: request)
        property.pollInterval = .zero
        return property
    }

    /// A backup of what is there at first, and other data since.
    private func backUpAndChange(dataFormat: Int = 1) async throws {
        try shop.deploy(shop.stack(dataFormat: dataFormat))
        try await shop.taking(shop.stack(dataFormat: dataFormat)).take(
            id: "one", why: "by hand", fallback: .none, retention: nil)
        fake.pass(.seconds(60))
        shop.put("data/file", "new data")
        shop.put("uploads/file", "new uploads")
        shop.put("uploads/other", "another")
        try shop.remove("words/file")
        shop.put("cache/file", "new cache")
    }

    private var data: [String?] {
        ["data/file", "uploads/file", "uploads/other", "words/file", "cache/file"].map { shop.text($0) }
    }
    private static let old = ["old data", "old uploads", nil, "old words", "new cache"]
    private static let new = ["new data", "new uploads", "another", nil, "new cache"]

    private func backups() throws -> StackBackups { try StackBackups(of: shop.stack(), on: fake.machine) }
    private func begun() throws -> RestoreRecord.Begun? { try RestoreRecord.begun(of: shop.stack(), on: fake.machine) }

    // MARK: - What it does

    @Test func bringsTheDataBackAndStartsAllAgain() async throws {
        try await backUpAndChange()
        let skipped = shop.doings.count, id = try StackRecord(of: shop.stack(), on: fake.machine).current?.id
        let change = try await fake.obeysLaw(restored())
        #expect(
            change.reason
                == "replaces uploads (12 MiB, last changed 1970-01-12T13:46:40Z), data (12 MiB, last changed 1970-01-12T13:46:40Z); fills words; with the data of \(try backups().named("one", of: shop.stack()).time)"
        )
        #expect(data == Self.old)
        #expect(
            Array(shop.doings.dropFirst(skipped)) == [
                "stop a1 i1 d1", "tar create shop_uploads", "tar create shop_data", "tar extract shop_uploads",
                "tar extract shop_words", "start d1",
                "exec --interactive d1 restore --all", "start i1", "start a1",
            ])
        #expect(shop.states.values.allSatisfy { $0 == "running" })
        #expect(try begun() == nil)
        // What was there before, and another change now has a backup of its own.
        #expect(try backups().whole.map(\.why) == ["before restoring one", "by hand"])
        #expect(try StackRecord(of: shop.stack(), on: fake.machine).current?.id != id)
    }

    @Test func anotherDayItIsDoneAgain() async throws {
        try await backUpAndChange()
        try await fake.obeysLaw(restored())
        fake.pass(.days(1))
        try await fake.obeysLaw(restored("one", "tomorrow"))
        #expect(try await fake.check(restored("one", "tomorrow")) == .satisfied)
    }

    @Test func whatWasEmptyIsEmptyAgain() async throws {
        try shop.remove("uploads/file")
        try await backUpAndChange()
        #expect(
            try await fake.obeysLaw(restored()).reason.contains(
                "uploads (12 MiB, last changed 1970-01-12T13:46:40Z), which was empty") == true)
        #expect(shop.text("uploads/file") == nil && shop.text("uploads/other") == nil)
    }

    @Test func intoEmptyVolumesNeedsNoLeave() async throws {
        try await backUpAndChange()
        for file in ["data/file", "uploads/file", "uploads/other"] { try shop.remove(file) }
        try await fake.obeysLaw(restored(replacing: false))
        #expect(data == Self.old)
        #expect(try backups().whole.count == 1)
    }

    @Test func aDatabaseThatIsNotReadyYetIsAskedAgain() async throws {
        try await backUpAndChange()
        let failures = Mutex(2)
        let restore = try #require(shop.engine.programs.withLock { $0["restore"] })
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
    func whatIsDoneOnceIsDoneToDataOfAnotherVersion(_ tag: String, _ isDone: Bool) async throws {
        func migrating(_ tag: String) -> Stack {
            let model = shop.stack()
            return Stack("shop", healthTimeout: .seconds(60)) {
                Container("migrate", image: "shop/migrate", tag: tag) {
                    RestartPolicy(.never)
                    DependsOn("db")
                }
                model.containers
            }
        }
        shop.engine.once.withLock { $0 = ["migrate"] }
        shop.engine.containers.withLock {
            $0.append(
                FakeStack.Container(
                    id: "m1", name: "migrate", image: "shop/migrate:1", state: "exited", health: nil, volumes: []))
        }
        try shop.deploy(migrating("1"))
        try await shop.taking(migrating("1")).take(id: "one", why: "by hand", fallback: .none, retention: nil)
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

    // MARK: - What it refuses

    @Test func dataThatAnotherContainerUsesAreNotReplaced() async throws {
        try await backUpAndChange()
        shop.engine.before.withLock {
            $0 = { words in
                let isAboutTheVolume =
                    words.first == "ps" && words.contains("volume=shop_uploads")
                    && !words.contains("label=com.docker.compose.project=shop")
                return isAboutTheVolume ? .printing("a1\tshop_app_1\nf1\tsync\n") : nil
            }
        }
        let failure = await #expect(throws: Failure.self) { try await restored().apply(on: fake.machine) }
        #expect(failure?.message == "the container sync is no part of shop, and has its volume uploads mounted")
        #expect(failure?.advice == "Stop it, then run again: docker stop sync")
        await #expect(throws: Failure.self) { try await restored().check(on: fake.machine) }
        #expect(data == Self.new)
    }

    @Test func dataAreNotReplacedWithoutLeave() async throws {
        try await backUpAndChange()
        let failure = await #expect(throws: Failure.self) { try await fake.check(restored(replacing: false)) }
        #expect(failure?.message == "there are data in uploads, data of shop, which the backup one would replace")
        #expect(failure?.advice?.contains("--replace") == true)
        await #expect(throws: Failure.self) { try await restored(replacing: false).apply(on: fake.machine) }
        #expect(data == Self.new)
    }

    @Test func oneThatIsNotThereIsToldWithThoseThatAre() async throws {
        let none = await #expect(throws: Failure.self) { try await fake.check(restored("two")) }
        #expect(none?.advice == "There is none at all.")
        try await backUpAndChange()
        let failure = await #expect(throws: Failure.self) { try await fake.check(restored("two")) }
        #expect(failure?.message == "there is no backup two of shop" && failure?.advice == "There are one (by hand).")
    }

    @Test(arguments: ["rows: bad data", "rows"])
    func aDamagedOneIsNotTouched(_ text: String) async throws {
        try await backUpAndChange()
        fake.files.put("/var/backups/propel/shop/one/data.dump", text)
        let failure = await #expect(throws: Failure.self) { try await fake.check(restored()) }
        #expect(failure?.message.hasPrefix("the backup one of shop is damaged: data.dump ") == true)
        await #expect(throws: Failure.self) { try await restored().apply(on: fake.machine) }
        #expect(data == Self.new && shop.states.values.allSatisfy { $0 == "running" })
    }

    @Test func whatTheStackCannotTakeIsRefused() async throws {
        try await backUpAndChange(dataFormat: 2)
        let failure = await #expect(throws: Failure.self) { try await fake.check(restored()) }
        #expect(
            failure?.message == "the backup one of shop has data of the format 2, and this version of it knows format 1"
        )
        let stack = shop.stack(dataFormat: 2)
        shop.engine.containers.withLock { $0.removeAll { $0.name == "db" } }
        let gone = await #expect(throws: Failure.self) { try await fake.check(restored("one", "now", stack)) }
        #expect(gone?.message == "db of shop is not there, which restores data")
        _ = shop.engine.volumes.withLock { $0.remove("shop_data") }
        let missing = await #expect(throws: Failure.self) { try await fake.check(restored("one", "now", stack)) }
        #expect(missing?.message == "the backup one of shop has the volume data, and there is none to restore it into")
    }

    @Test func withoutDockerItCannotBeTold() async throws {
        try await backUpAndChange()
        fake.commands.program("docker") { _ in CommandResult(ending: .notFound) }
        #expect(try await fake.check(restored()).isUnknown)
    }

    // MARK: - What goes wrong

    @Test func whereItFailsWhatWasThereIsBack() async throws {
        try await backUpAndChange()
        shop.setProgram("restore") { _ in .failing(1, "wrong version\n") }
        let failure = await #expect(throws: Failure.self) { try await restored().apply(on: fake.machine) }
        #expect(failure?.message == "db of shop does not take the dump of data; what was there before is back")
        #expect(failure?.output == ["wrong version"] && failure?.isRolledBack == true)
        #expect(data == Self.new && shop.states.values.allSatisfy { $0 == "running" })
        #expect(try begun() == nil)
        #expect(try await fake.check(restored()) != .satisfied)
    }

    @Test func whatWasSickBeforeNeedNotGetWell() async throws {
        try await backUpAndChange()
        shop.change("app") { $0.health = "unhealthy" }
        shop.engine.sick.withLock { $0 = ["app"] }
        try await fake.obeysLaw(restored())
        #expect(data == Self.old)
        #expect(shop.states.values.allSatisfy { $0 == "running" })
        #expect(try begun() == nil)
    }

    @Test func whereThatFailsTooItIsToldWhereTheDataAre() async throws {
        try await backUpAndChange()
        fake.commands.program("tar") { command in
            command.arguments.contains("--create") ? .printing("file=x") : .failing(2, "tar: no space left on device\n")
        }
        let failure = await #expect(throws: Failure.self) { try await restored().apply(on: fake.machine) }
        let safety = try #require(try backups().whole.first { $0.why == "before restoring one" }?.id)
        #expect(
            failure?.message.contains("; and what was there before could not be put back: the volume uploads") == true)
        #expect(
            failure?.advice
                == "It is in the backup \(safety): restore that, or one again, when the reason is put right.")
        #expect(try begun() == RestoreRecord.Begun(backup: "one", safety: safety))
    }

    @Test func withoutABackupOfWhatIsThereNothingIsReplaced() async throws {
        try await backUpAndChange()
        fake.commands.program("sync", status: 1, errors: "sync: No space left on device\n")
        await #expect(throws: CommandFailure.self) { try await restored().apply(on: fake.machine) }
        #expect(data == Self.new && shop.states.values.allSatisfy { $0 == "running" })
        #expect(try begun() == nil)
    }

    @Test func whatDidNotRunIsNotStartedWhereNothingWasReplaced() async throws {
        try await backUpAndChange()
        shop.change("index") { $0.state = "exited" }
        fake.commands.program("sync", status: 1)
        await #expect(throws: CommandFailure.self) { try await restored().apply(on: fake.machine) }
        #expect(shop.states == ["app": "running", "db": "running", "index": "exited"])
    }

    @Test func oneThatWasKilledIsFinishedByTheNext() async throws {
        try await backUpAndChange()
        let safety = try await shop.taking().take(why: "before restoring one", fallback: .archiveAll, retention: nil)
        try RestoreRecord.begin(
            RestoreRecord.Begun(backup: "one", safety: safety.id), of: shop.stack(), on: fake.machine)
        shop.put("uploads/half", "half")
        for name in ["app", "db", "index"] { shop.change(name) { $0.state = "exited" } }
        // Until then nothing else is done.
        let change = BackupBeforeChange(stack: shop.stack("v2"), pollInterval: .zero)
        let failure = await #expect(throws: Failure.self) { try await fake.check(change) }
        #expect(
            failure?.advice
                == "Restore one again, or \(safety.id), which has what was there before. Until then nothing is backed up or deployed."
        )
        await #expect(throws: Failure.self) { try await fake.check(BackupExists(stack: shop.stack(), id: "two")) }
        try await fake.obeysLaw(restored(replacing: false))
        #expect(
            data == Self.old && shop.text("uploads/half") == nil && shop.states.values.allSatisfy { $0 == "running" })
        #expect(try backups().whole.map(\.id) == [safety.id, "one"])
        #expect(try await fake.check(change) != .satisfied)
    }

    // MARK: - An older format of the data

    @Test func goingBackLeavesTheNewerContainersStopped() async throws {
        try await backUpAndChange()
        try shop.deploy(shop.stack("v2", dataFormat: 2))
        let stack = shop.stack()
        await #expect(throws: Failure.self) { try await fake.check(StackDeployment(stack: stack)) }
        #expect(
            try await fake.obeysLaw(restored()).reason.contains("its containers stay stopped until it is deployed")
                == true)
        #expect(data == Self.old && shop.states.values.allSatisfy { $0 == "exited" })
        #expect(try StackRecord(of: stack, on: fake.machine).current?.dataFormat == 1)
        #expect(try await fake.check(StackDeployment(stack: stack)) != .satisfied)
    }

    @Test func aNewerVersionTakesTheDataOfAnOlderFormat() async throws {
        try await backUpAndChange()
        let stack = shop.stack("v2", dataFormat: 2)
        try shop.deploy(stack)
        try await fake.obeysLaw(restored("one", "now", stack))
        #expect(shop.states.values.allSatisfy { $0 == "running" })
        #expect(try StackRecord(of: stack, on: fake.machine).current?.dataFormat == 2)
    }
}
