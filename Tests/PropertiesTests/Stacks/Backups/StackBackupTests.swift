import PropelTesting
import Synchronization
import Testing

@testable import Properties

@Suite struct StackBackupTests {
    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    private func taken(_ id: String, _ stack: Stack? = nil) -> BackupExists {
        var property = BackupExists(stack: stack ?? shop.stack(), id: id)
        property.pollInterval = .zero
        return property
    }

    private func beforeChange(_ stack: Stack) -> BackupBeforeChange {
        BackupBeforeChange(stack: stack, pollInterval: .zero)
    }

    private func backups(_ stack: Stack? = nil) throws -> StackBackups {
        try StackBackups(of: stack ?? shop.stack(), on: fake.machine)
    }

    // MARK: - What is taken, and how

    @Test func hasAFileForEachVolumeAndSaysWhatItIs() async throws {
        try shop.deploy(shop.stack())
        try shop.remove("uploads/file")
        #expect(try await fake.obeysLaw(taken("one")).reason == "back up words, data")
        let backup = try #require(try backups().whole.first)
        #expect(backup.files.map(\.name) == ["words.tar.gz", "data.dump"])
        #expect(backup.files.map(\.method) == [.archive, .dump])
        #expect(backup.files.map(\.bytes) == [14, 14])
        #expect(backup.files[1].sha256 == SHA256.hash(Array("rows: old data".utf8)))
        #expect(backup.empty == ["uploads"])
        #expect(backup.why == "by hand" && backup.before == nil && backup.time == fake.machine.now.iso8601)
        #expect(
            backup.deployment?.images == ["app": "shop/app:v1", "db": "shop/db:1", "index": "shop/index:1"]
                && backup.dataFormat == 1)
        #expect(shop.kept == ["one"])
        let place: FilePath = "/var/backups/propel/shop/one"
        #expect(fake.files[place]?.status.mode == 0o700 && fake.files["/var/backups/propel"]?.status.mode == 0o700)
        let names = try fake.files.list(place)
        #expect(names == ["backup.json", "data.dump", "words.tar.gz"])
        #expect(names.allSatisfy { fake.files[place.appending($0)]?.status.mode == 0o600 })
        #expect(fake.files.text(at: place.appending("data.dump")) == "rows: old data")
    }

    /// Nothing of the new version names it, and nothing else would keep it.
    @Test func theVolumeOfTheVersionBeforeIsInTheBackup() async throws {
        let renamed = Stack("shop") {
            Properties.Container("app", image: "shop/app", tag: "v2") { Volume("pictures", at: "/srv/uploads") }
            Properties.Container("db", image: "shop/db", tag: "1") {
                Volume("data", at: "/data", backup: .dump(["dump"], restore: ["restore"]))
            }
        }
        try shop.deploy(shop.stack())
        let change = try await fake.obeysLaw(beforeChange(renamed))
        #expect(change.reason == "back up data, uploads, words")
        #expect(try backups().whole.first?.files.map(\.name) == ["data.dump", "uploads.tar.gz", "words.tar.gz"])
        // The data of what goes on changing are whole only while it stands still.
        #expect(shop.doings.contains("stop i1 a1"))
        #expect(shop.states == ["app": "running", "db": "running", "index": "running"])
    }

    @Test func containersAreDownAsShortlyAsCanBe() async throws {
        try await shop.taking().take(why: "by hand", fallback: .none, retention: nil)
        #expect(
            shop.doings == [
                "exec d1 dump", "pause a1", "tar create shop_uploads", "unpause a1", "stop a1 i1",
                "tar create shop_words", "start i1", "start a1",
            ])
        #expect(shop.states == ["app": "running", "db": "running", "index": "running"])
    }

    /// Under load docker lists a container as running for a moment after it has stopped it.
    @Test func oneThatDockerStillCallsRunningIsStartedAgain() async throws {
        let stale = Mutex<String?>(nil)
        shop.engine.before.withLock {
            $0 = { [shop] words in
                if words.first == "stop" {
                    let lines = shop.engine.containers.withLock { $0 }.map {
                        "\($0.id)\t\($0.name)\t\($0.image)\trunning\tUp 1 hour\n"
                    }
                    stale.withLock { $0 = lines.joined() }
                } else if words.first == "ps",
                    let lines = stale.withLock({ lines in
                        defer { lines = nil }
                        return lines
                    })
                {
                    return .printing(lines)
                }
                return nil
            }
        }
        try await shop.taking().take(why: "by hand", fallback: .none, retention: nil)
        #expect(shop.states.values.allSatisfy { $0 == "running" }, "\(shop.states)")
    }

    @Test func oneThatWasPausedIsNotWellAtOnce() async throws {
        shop.change("app") { $0.health = "healthy" }
        try await shop.taking().take(why: "by hand", fallback: .none, retention: nil)
        #expect(shop.kept.count == 1)
    }

    @Test func whatDoesNotRunStaysAsItIs() async throws {
        shop.change("index") { $0.state = "exited" }
        shop.change("app") { $0.state = "paused" }
        try await shop.taking().take(why: "by hand", fallback: .none, retention: nil)
        #expect(shop.doings == ["exec d1 dump", "tar create shop_uploads", "tar create shop_words"])
        #expect(shop.states == ["app": "paused", "db": "running", "index": "exited"])
    }

    @Test func itsNameIsTheTimeAndItsOwn() async throws {
        let first = try await shop.taking().take(why: "by hand", fallback: .none, retention: nil)
        let second = try await shop.taking().take(why: "by hand", fallback: .none, retention: nil)
        #expect(first.id == fake.machine.now.compact && second.id == first.id + "-2")
        #expect(try backups().whole.map(\.id) == [second.id, first.id])
    }

    @Test func withoutDataThereIsNothingToTake() async throws {
        for volume in ["data", "uploads", "words"] { try shop.remove("\(volume)/file") }
        #expect(try await fake.check(taken("one")) == .satisfied)
        #expect(try await fake.check(beforeChange(shop.stack("v2"))) == .satisfied)
        shop.engine.volumes.withLock { $0 = [] }
        #expect(try await fake.check(beforeChange(shop.stack("v2"))) == .satisfied)
        #expect(shop.kept.isEmpty)
    }

    @Test func withoutDockerItCannotBeTold() async throws {
        fake.commands.program("docker") { _ in CommandResult(ending: .notFound) }
        #expect(try await fake.check(taken("one")).isUnknown)
        #expect(try await fake.check(beforeChange(shop.stack())).isUnknown)
    }

    @Test(arguments: ["", ".one", "../one", "a b", "-x"])
    func aNameThatIsNoneIsAProblem(_ id: String) { #expect(taken(id).problems.count == 1) }

    // MARK: - What goes wrong

    @Test func aDumpThatFailsLeavesNothing() async throws {
        shop.setProgram("dump") { _ in .failing(3, "connection refused\n") }
        let failure = await #expect(throws: Failure.self) { try await taken("one").apply(on: fake.machine) }
        #expect(failure?.message == "the volume data of shop could not be backed up: db does not dump it")
        #expect(failure?.command == "docker exec d1 dump" && failure?.output == ["connection refused"])
        #expect(shop.kept.isEmpty && shop.doings == ["exec d1 dump"])
    }

    @Test func whyADumpCannotBeExecutedIsTold() async throws {
        shop.setProgram("dump") { _ in
            CommandResult(ending: .exited(126), output: Array("OCI runtime exec failed: not found\n".utf8))
        }
        let failure = await #expect(throws: Failure.self) { try await taken("one").apply(on: fake.machine) }
        #expect(failure?.output == ["OCI runtime exec failed: not found"])
    }

    @Test func aDumpThatWritesNothingIsNone() async throws {
        shop.setProgram("dump") { _ in .printing() }
        await #expect(throws: Failure.self) { try await taken("one").apply(on: fake.machine) }
        #expect(shop.kept.isEmpty)
    }

    @Test func afterAnArchiveThatFailsTheContainersGoOn() async throws {
        fake.commands.program("tar") { command in
            command.description.contains("shop_words")
                ? .failing(2, "tar: write error: No space left on device\n") : .printing("x")
        }
        let failure = await #expect(throws: Failure.self) { try await taken("one").apply(on: fake.machine) }
        #expect(failure?.message == "the volume words of shop could not be archived: the disk is full")
        #expect(failure?.advice?.hasPrefix("Make room") == true)
        #expect(shop.kept.isEmpty)
        #expect(shop.doings.suffix(2) == ["start i1", "start a1"] && shop.states.values.allSatisfy { $0 == "running" })
    }

    @Test func whereTheContainersDoNotGetWellAgainBothIsTold() async throws {
        fake.commands.program("tar") {
            $0.description.contains("shop_words") ? .failing(2, "tar: cannot\n") : .printing("x")
        }
        shop.change("index") { $0.health = "healthy" }
        _ = shop.engine.sick.withLock { $0.insert("index") }
        let failure = await #expect(throws: Failure.self) { try await taken("one").apply(on: fake.machine) }
        #expect(failure?.message.contains("could not be archived; and then: index of shop is unhealthy") == true)
        #expect(shop.kept == [".halted"])
    }

    @Test func afterAnInterruptionTheContainersGoOn() async throws {
        let (started, begin) = AsyncStream<Void>.makeStream()
        fake.commands.program("tar") { _ in
            begin.finish()
            try await Task.sleep(for: .seconds(3600))
            return .printing()
        }
        let task = Task { [self] in try await taken("one").apply(on: fake.machine) }
        for await _ in started {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(shop.states.values.allSatisfy { $0 == "running" } && shop.kept.isEmpty)
    }

    @Test func whatACutRunHasHaltedTheNextLetsGoOn() async throws {
        shop.change("app") { $0.state = "paused" }
        shop.change("index") { $0.state = "exited" }
        fake.files.put("/var/backups/propel/shop/.halted", "a1 well\ni1\ngone well")
        fake.files.put("/var/backups/propel/shop/.unfinished/words.tar.gz", "half")
        fake.files.put("/var/backups/propel/shop/.removed-1/data.dump", "half")
        #expect(try backups().all.isEmpty)
        try await taken("one").apply(on: fake.machine)
        #expect(shop.doings.prefix(2) == ["unpause a1", "start i1"])
        #expect(shop.kept == ["one"] && shop.states.values.allSatisfy { $0 == "running" })
    }

    @Test(arguments: [("exited", nil), ("running", "unhealthy"), ("restarting", nil)] as [(String, String?)])
    func byHandADatabaseThatIsNotWellIsAFailure(_ state: String, _ health: String?) async throws {
        shop.change("db") { ($0.state, $0.health) = (state, health) }
        let failure = await #expect(throws: Failure.self) { try await taken("one").apply(on: fake.machine) }
        #expect(failure?.message.hasPrefix("the volume data of shop is dumped by db, and that is not well: ") == true)
        shop.engine.containers.withLock { $0.removeAll { $0.name == "db" } }
        let second = await #expect(throws: Failure.self) { try await taken("one").apply(on: fake.machine) }
        #expect(second?.message.hasSuffix("and that is not there") == true)
        #expect(shop.kept.isEmpty)
    }

    @Test func aChecksumThatCannotBeTakenIsAFailure() async throws {
        fake.commands.program("sha256sum", prints: "?")
        await #expect(throws: Failure.self) { try await taken("one").apply(on: fake.machine) }
        fake.commands.program("sha256sum", status: 1, errors: "sha256sum: Input/output error")
        await #expect(throws: CommandFailure.self) { try await taken("one").apply(on: fake.machine) }
        #expect(shop.kept.isEmpty)
    }

    // MARK: - Before a change

    @Test func whereNothingChangesNoneIsTaken() async throws {
        try shop.deploy(shop.stack())
        #expect(try await fake.check(beforeChange(shop.stack())) == .satisfied)
    }

    @Test func eachChangeHasOneOfItsOwn() async throws {
        try shop.deploy(shop.stack())
        let v2 = beforeChange(shop.stack("v2"))
        // Also what a run finds that was cut between the backup and the deployment.
        #expect(try await fake.obeysLaw(v2).reason == "back up uploads, words, data")
        #expect(try await fake.check(v2) == .satisfied)
        let backup = try #require(try backups().whole.first)
        #expect(backup.before?.hasSuffix(" → \(shop.stack("v2").version)") == true && backup.why == "before a change")
        fake.pass(.seconds(1))
        try await fake.obeysLaw(beforeChange(shop.stack("v3")))
        // The same version once more, after another deployment or a way back.
        fake.pass(.seconds(1))
        try shop.deploy(shop.stack())
        try await fake.obeysLaw(v2)
        #expect(try backups().whole.count == 3)
    }

    @Test func aDamagedOneIsNoneForTheChange() async throws {
        try shop.deploy(shop.stack())
        let v2 = beforeChange(shop.stack("v2"))
        try await fake.obeysLaw(v2)
        let id = try #require(try backups().whole.first?.id)
        fake.files.put(FilePath("/var/backups/propel/shop/\(id)/data.dump"), "rows")
        fake.pass(.seconds(1))
        try await fake.obeysLaw(v2)
        #expect(try backups().whole.count == 1 && backups().all.count == 2)
    }

    @Test func whatDoesNotRunIsArchivedBeforeAChange() async throws {
        try shop.deploy(shop.stack())
        shop.change("db") { $0.state = "exited" }
        try await fake.obeysLaw(beforeChange(shop.stack("v2")))
        #expect(try backups().whole.first?.files.map(\.name) == ["uploads.tar.gz", "words.tar.gz", "data.tar.gz"])
        #expect(shop.states["db"] == "exited")
        fake.pass(.seconds(1))
        shop.change("db") { ($0.state, $0.health) = ("running", "unhealthy") }
        let failure = await #expect(throws: Failure.self) {
            try await beforeChange(shop.stack("v3")).apply(on: fake.machine)
        }
        #expect(
            failure?.advice?.hasPrefix("Without a backup nothing is changed. ") == true
                && failure?.advice?.contains("docker stop") == true)
    }

    @Test func ofWhatPropelHasNotDeployedIsTakenWhatCanBe() async throws {
        shop.change("db") { $0.health = "unhealthy" }
        try await fake.obeysLaw(beforeChange(shop.stack()))
        let backup = try #require(try backups().whole.first)
        #expect(backup.files.map(\.method) == [.archive, .archive, .archive] && backup.deployment == nil)
        #expect(backup.before == "none → \(shop.stack().version)")
        #expect(shop.doings.contains("stop a1 i1 d1") || shop.doings.contains("stop a1 d1 i1"))
    }

    @Test func aBackupThatFailsStopsTheDeployment() async throws {
        try shop.deploy(shop.stack())
        shop.setProgram("dump") { _ in .failing(3, "no\n") }
        let stack = shop.stack("v2"), backup = beforeChange(stack)
        let host = Host("shop", runs: Debian.self) {
            StackDeployment(stack: stack.polling(every: .zero)).requires(backup)
        }
        let reports = Mutex<[PropertyReport]>([])
        let ending = await Engine(host: host, machine: fake.machine) { event in
            if case .property(let report) = event { reports.withLock { $0.append(report) } }
        }.enforce()
        #expect(ending.counts == [.failed: 1, .skipped: 1])
        #expect(fake.files.text(at: stack.composeFile) == shop.stack().composeText)
    }

    // MARK: - Which are there, and which stay

    @Test func damagedOnesAreToldAndNeverRemoved() async throws {
        let stack = shop.stack(retention: BackupRetention(count: 1))
        for id in ["1", "2", "3", "4"] {
            try await shop.taking().take(id: id, why: "by hand", fallback: .none, retention: nil)
        }
        let place: FilePath = "/var/backups/propel/shop"
        try fake.files.remove(place.appending("1").appending("backup.json"))
        fake.files.put(place.appending("2").appending("backup.json"), "{")
        fake.files.put(place.appending("3").appending("data.dump"), "short")
        try fake.files.remove(place.appending("4").appending("words.tar.gz"))
        fake.files.put(place.appending("5/backup.json"), fake.files.text(at: place.appending("4/backup.json")) ?? "")
        try await taken("6", stack).apply(on: fake.machine)
        try await taken("7", stack).apply(on: fake.machine)
        let reasons = try backups().all.map { entry in
            switch entry {
            case .whole(let backup): "\(backup.id) whole"
            case .damaged(let id, let reason): "\(id) \(reason.prefix(29))"
            }
        }
        #expect(
            reasons == [
                "7 whole", "5 it is the backup 4 of shop", "4 words.tar.gz is missing",
                "3 data.dump has 5 bytes, and ha", "2 its backup.json cannot be rea", "1 it has no backup.json",
            ])
    }

    @Test(arguments: [
        (BackupRetention(count: 2), ["e", "d"]), (BackupRetention(count: 1), ["e"]), (BackupRetention(count: 0), ["e"]),
        (BackupRetention(count: 1, age: .days(2)), ["e", "d", "c"]),
        (BackupRetention(count: 4, age: .days(1)), ["e", "d", "c", "b"]),
    ])
    func theNewestAndTheYoungStay(_ retention: BackupRetention, _ kept: [String]) {
        let now = Timestamp(seconds: 100 * 86_400)
        let all = zip(["e", "d", "c", "b", "a"], 0...).map { id, days in
            Self.backup(id, Timestamp(seconds: (100 - days) * 86_400), format: 1)
        }
        let removed = Set(retention.unneeded(of: all, at: now).map(\.id))
        #expect(all.map(\.id).filter { !removed.contains($0) } == kept)
    }

    @Test func theNewestOfEachFormatStays() {
        let now = Timestamp(seconds: 100 * 86_400)
        let all = [("f", 3), ("e", 3), ("d", 2), ("c", 2), ("b", nil), ("a", 1)].map {
            Self.backup($0, now, format: $1)
        }
        #expect(BackupRetention(count: 1).unneeded(of: all, at: now).map(\.id) == ["e", "c"])
    }

    @Test func afterANewOneTheOldGo() async throws {
        try shop.deploy(shop.stack())
        for id in ["1", "2", "3"] {
            try await taken(id, shop.stack(retention: BackupRetention(count: 2))).apply(on: fake.machine)
        }
        #expect(shop.kept == ["2", "3"])
    }

    private static func backup(_ id: String, _ time: Timestamp, format: Int?) -> Backup {
        let deployment = format.map {
            StackRecord.Deployment(id: "", version: "", dataFormat: $0, time: "", images: [:])
        }
        return Backup(id: id, time: time.iso8601, stack: "shop", why: "", deployment: deployment, files: [], empty: [])
    }
}
