import PropelTesting
import Synchronization
import Testing

@testable import Propel
@testable import Properties

/// Data that a host has from another one.
@Suite struct CloneTests {
    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    private func stack(_ parts: any StackPart..., from origin: String? = nil) -> Stack {
        let model = shop.stack()
        return Stack("shop", healthTimeout: .seconds(60), dataFrom: origin) {
            model.containers
            parts
        }
    }

    private func prepared(
        _ stack: Stack, _ id: String = "19700124T033320Z-clone", for target: String = "copy.example.com"
    ) -> CloneSourcePrepared {
        var property = CloneSourcePrepared(stack: stack, origin: "shop.example.com", target: target, id: id)
        property.pollInterval = .zero
        return property
    }

    private static let outgoing = CloneFolders.outgoing(to: "copy.example.com", of: FakeStack().stack())

    /// What is waiting to go.
    private func outgoing(_ id: String = "19700124T033320Z-clone") throws -> Backup {
        try StackBackups.read(id, of: shop.stack(), in: Self.outgoing, on: fake.machine)
    }

    /// A machine on which nothing was ever deployed, with a compose that makes the containers.
    private func makeNew() throws {
        for name in ["data", "uploads", "words", "cache"] { try shop.remove("\(name)/file") }
        let containers = shop.engine.containers.withLock { containers in
            defer { containers = [] }
            return containers.map { one in
                var made = one
                made.state = "created"
                return made
            }
        }
        fake.files.put("/usr/bin/docker-compose", "")
        fake.commands.program("docker-compose") { [shop] command in
            if command.arguments.contains("--no-start") {
                shop.engine.containers.withLock { if $0.isEmpty { $0 = containers } }
            }
            return .printing()
        }
    }

    /// Puts a copy there as it arrives, and takes it.
    private func arrive(
        _ stack: Stack, id: String = "19700124T033320Z-clone", _ change: (inout Backup) -> Void = { _ in }
    ) async throws {
        let content = Array("rows: new data".utf8), folder = FilePath("/var/backups/propel/shop/.incoming-\(id)")
        var backup = Backup(
            id: id, time: "1970-01-24T03:33:20Z", stack: "shop", why: "data of shop.example.com", before: nil,
            deployment: nil,
            files: [Backup.File(volume: "data", method: .dump, bytes: content.count, sha256: SHA256.hash(content))],
            empty: ["uploads"], origin: "shop.example.com")
        change(&backup)
        let transfer = try await stack.receiving(id, from: "shop.example.com", on: fake.machine)
        #expect(transfer.directory == folder)
        fake.files.put(folder.appending("data.dump"), bytes: content, mode: 0o600)
        fake.files.put(folder.appending("backup.json"), backup.json.pretty, mode: 0o600)
        try await transfer.completion()
    }

    // MARK: - Where they come from

    @Test func aCopyIsABackupThatIsNotKept() async throws {
        let stack = stack()
        try shop.deploy(stack)
        #expect(try await fake.obeysLaw(prepared(stack)).reason == "back up uploads, words, data")
        let copy = try outgoing()
        #expect(
            copy.origin == "shop.example.com" && copy.why == "data of shop.example.com"
                && copy.files.map(\.volume) == ["uploads", "words", "data"])
        #expect(shop.kept == [Self.outgoing.lastComponent?.string])
        #expect(try StackBackups(of: stack, on: fake.machine).all.isEmpty)
        // Once the other host has it, it goes.
        let transfer = try stack.sending("19700124T033320Z-clone", to: "copy.example.com", on: fake.machine)
        #expect(transfer.directory == Self.outgoing)
        try await transfer.completion()
        #expect(shop.kept.isEmpty)
    }

    @Test func thereIsOneForEachHostAndOneThatWasNeverFetchedGoesAfterADay() async throws {
        let stack = stack()
        try await prepared(stack).apply(on: fake.machine)
        fake.pass(.hours(23))
        try await prepared(stack, "second").apply(on: fake.machine)
        #expect(shop.kept.count == 1)
        #expect(try outgoing("second").id == "second")
        try await prepared(stack, "third", for: "other.example.com").apply(on: fake.machine)
        #expect(shop.kept.count == 2)
        fake.pass(.hours(25))
        try await shop.taking().take(id: "own", why: "by hand", fallback: .none, retention: nil)
        #expect(shop.kept == ["own"])
    }

    @Test func whereItFailsNothingIsLeftAndItSaysThatNothingHasLeft() async throws {
        shop.setProgram("dump") { _ in .failing(1, "no\n") }
        let failure = await #expect(throws: Failure.self) { try await prepared(stack()).apply(on: fake.machine) }
        #expect(failure?.advice?.hasPrefix("Nothing has left shop.example.com.") == true)
        #expect(shop.kept.isEmpty)
    }

    /// No Anonymization can be about it, and the other host has no place for it.
    @Test func aVolumeThatTheStackDoesNotNameAnyMoreStaysWhereItIs() async throws {
        let stack = stack()
        try shop.deploy(stack)
        shop.makeVolume("shop_contracts")
        shop.put("contracts/file", "signed")
        var record = try StackRecord(of: stack, on: fake.machine)
        record.current?.volumes.append(
            StackRecord.UsedVolume(
                container: "app", dockerName: "shop_contracts", path: "/srv/contracts", isBackedUp: true))
        try record.write(of: stack, on: fake.machine)
        let change = try await fake.obeysLaw(prepared(stack))
        #expect(change.reason == "back up uploads, words, data")
        #expect(try outgoing().files.map(\.volume) == ["uploads", "words", "data"])
        #expect(
            !fake.files.snapshot.keys.contains {
                $0.string.hasPrefix(Self.outgoing.string) && $0.string.contains("contracts")
            })
        // A backup of this host has it.
        #expect(
            try await shop.taking(stack).take(why: "by hand", fallback: .none, retention: nil).files.map(\.volume)
                .contains("contracts"))
    }

    @Test func withoutDataThereIsNothingToCopy() async throws {
        try makeNew()
        let failure = await #expect(throws: Failure.self) { try await prepared(stack()).check(on: fake.machine) }
        #expect(failure?.message.contains("has no data") == true)
    }

    @Test func aNameThatLeadsElsewhereIsNone() async throws {
        #expect(!prepared(stack(), "../x").problems.isEmpty)
        #expect(throws: Failure.self) { try stack().sending("../x", to: "../y", on: fake.machine) }
        await #expect(throws: Failure.self) { try await stack().receiving("../x", from: "a", on: fake.machine) }
        #expect(CloneFolders.outgoing(to: "../../etc", of: stack()).components.count == Self.outgoing.components.count)
    }

    @Test func problemsInMakingThemAnonymousAreFound() {
        let wrong = stack(Anonymization(in: "bd", "true"), Anonymization(in: "db", "true"))
        #expect(wrong.problems == ["the stack shop: data are made anonymous in bd, which the stack does not have"])
        let useless = Stack("x") {
            Container("cache", image: "x") { Volume("cache", at: "/cache", backup: .none) }
            Anonymization(in: "cache", "true")
        }
        #expect(
            useless.problems == ["the stack x: data are made anonymous in cache, which has none that are backed up"])
    }

    // MARK: - Where they go to

    @Test func firstDataArePutInPlaceByTheDeployment() async throws {
        let stack = stack(from: "shop.example.com")
        try makeNew()
        let cloned = DataCloned(stack: stack, origin: "shop.example.com", pollInterval: .zero)
        #expect(try await cloned.check(on: fake.machine).reason == "bring the data that shop.example.com has")
        try await arrive(stack)
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .arrived)
        #expect(
            try await BackupBeforeChange(stack: stack, pollInterval: .zero).check(
                on: fake.machine) == .satisfied)
        #expect(try await fake.obeysLaw(cloned).reason == "put in place what came from shop.example.com: data")
        #expect(shop.text("data/file") == "new data")
        // Only what takes the dump has run, and nothing goes on with data that nobody has seen whole.
        #expect(shop.doings.filter { $0.hasPrefix("start") } == ["start d1"])
        #expect(shop.states == ["app": "created", "db": "exited", "index": "created"])
        #expect(shop.kept == ["19700124T033320Z-clone"])
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .cloned)
        // The deployment makes them anew, and starts them in their order.
        #expect(
            try await StackDeployment(stack: stack).check(on: fake.machine).reason?.contains(
                "app was not created by a successful deployment") == true)
    }

    @Test func oneThatIsCutShortIsFinishedByTheNextRun() async throws {
        let stack = stack(from: "shop.example.com")
        try makeNew()
        try await arrive(stack)
        shop.setProgram("restore") { [shop] _ in
            shop.put("data/file", "half of it")
            throw CancellationError()
        }
        let cloned = DataCloned(stack: stack, origin: "shop.example.com", pollInterval: .zero)
        await #expect(throws: CancellationError.self) { try await cloned.apply(on: fake.machine) }
        #expect(shop.states.values.allSatisfy { $0 != "running" })
        #expect(
            try await BackupBeforeChange(stack: stack, pollInterval: .zero).check(
                on: fake.machine) == .satisfied)
        // As docker does after a power cut.
        shop.change("db") { $0.state = "running" }
        shop.setProgram("restore") { [shop] _ in
            #expect(shop.text("data/file") == nil)
            shop.put("data/file", "new data")
            return .printing()
        }
        try await fake.obeysLaw(cloned)
        #expect(shop.text("data/file") == "new data")
    }

    @Test func otherDataAreNeverReplacedByADeployment() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.deploy(stack)
        let own = await #expect(throws: Failure.self) {
            try await DataCloned(stack: stack, origin: "shop.example.com").check(on: fake.machine)
        }
        #expect(own?.message == "the data of shop are its own, and are to be those of shop.example.com")
        // Also not where some arrive, because somebody has asked for them and then has thought better of it.
        try await arrive(stack)
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .other)
        #expect(shop.text("data/file") == "old data")

        try CloneRecord(origin: "other.example.com", backup: "x", progress: .done).write(of: stack, on: fake.machine)
        let third = await #expect(throws: Failure.self) {
            try await DataCloned(stack: stack, origin: "shop.example.com").check(on: fake.machine)
        }
        #expect(
            third?.message == "the data of shop are those of other.example.com, and are to be those of shop.example.com"
        )
    }

    @Test func aRestorationOfThemMakesThemTheOnesThatAreMeant() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.deploy(stack)
        try await arrive(stack)
        var restored = DataRestored(stack: stack, backup: "19700124T033320Z-clone", isReplacing: true, request: "now")
        restored.pollInterval = .zero
        try await fake.obeysLaw(restored)
        #expect(shop.text("data/file") == "new data")
        #expect(try await DataCloned(stack: stack, origin: "shop.example.com").check(on: fake.machine) == .satisfied)
        // What was there is in a backup.
        #expect(shop.kept.count == 2)
    }

    @Test func whatIsDamagedOrNotWhatWasMeantIsNotTaken() async throws {
        let stack = stack(from: "shop.example.com")
        try makeNew()
        await #expect(throws: Failure.self) { try await arrive(stack) { $0.origin = "other.example.com" } }
        await #expect(throws: Failure.self) { try await arrive(stack) { $0.stack = "blog" } }
        await #expect(throws: Failure.self) { try await arrive(stack) { $0.files[0].bytes += 1 } }
        await #expect(throws: Failure.self) { try await arrive(stack) { $0.files = [] } }
        await #expect(throws: Failure.self) { try await arrive(stack) { $0.files[0].sha256 = SHA256.hash([]) } }
        #expect(shop.kept.isEmpty, "what is not taken does not fill the disk")
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .none)
    }

    @Test func whereTheLinkWasLostAfterAllHadComeItIsThere() async throws {
        let stack = stack(from: "shop.example.com")
        try makeNew()
        try await arrive(stack)
        let again = try await stack.receiving("19700124T033320Z-clone", from: "shop.example.com", on: fake.machine)
        #expect(again.directory == nil)
        #expect(shop.kept == ["19700124T033320Z-clone"])
    }

    @Test func whatTheOtherHostSaysOfItsTimeAndItsVersionsDoesNotCountHere() async throws {
        let stack = stack(from: "shop.example.com")
        try makeNew()
        try await arrive(stack) { copy in
            copy.time = "2999-01-01T00:00:00Z"
            copy.before = "none → \(stack.version)"
            copy.deployment = StackRecord.Deployment(
                id: "1", version: "v", dataFormat: 1, time: "2999-01-01T00:00:00Z", images: ["db": "other/db:9"])
        }
        let taken = try #require(try StackBackups(of: stack, on: fake.machine).whole.first)
        #expect(
            taken.time == fake.machine.now.iso8601 && taken.before == nil && taken.deployment == nil
                && taken.dataFormat == 1)
        // It is no way back to a format, and keeps none of its own from being one.
        var own = taken
        own.origin = nil
        own.id = "own"
        #expect(BackupRetention(count: 1).unneeded(of: [taken, own], at: fake.machine.now).isEmpty)
        #expect(BackupRetention(count: 1).unneeded(of: [own, taken], at: fake.machine.now).map(\.id) == [taken.id])
    }

    @Test func whatArrivedAndIsDamagedSinceIsBroughtAnew() async throws {
        let stack = stack(from: "shop.example.com")
        try makeNew()
        try await arrive(stack)
        try fake.files.remove("/var/backups/propel/shop/19700124T033320Z-clone/data.dump")
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .none)
        try await arrive(stack, id: "second")
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .arrived)
        // So is what came from a host that is none of its any more.
        #expect(try await CloneState.of(self.stack(from: "b"), from: "b", on: fake.machine) == .none)
    }

    @Test func dataThatAreHalfInPlaceAreNeitherBackedUpNorDeployedNorCopied() async throws {
        let stack = stack(from: "shop.example.com"), own = self.stack()
        try makeNew()
        try await arrive(stack)
        try CloneRecord(origin: "shop.example.com", backup: "19700124T033320Z-clone", progress: .begun).write(
            of: stack, on: fake.machine)
        shop.put("data/file", "half of it")
        await #expect(throws: Failure.self) { try await prepared(stack, "x").check(on: fake.machine) }
        await #expect(throws: Failure.self) { try await BackupExists(stack: stack, id: "x").check(on: fake.machine) }
        await #expect(throws: Failure.self) {
            try await shop.taking(stack).take(why: "x", fallback: .none, retention: nil)
        }
        // Not either where somebody takes `from` away meanwhile.
        let failure = await #expect(throws: Failure.self) {
            try await BackupBeforeChange(stack: own, pollInterval: .zero).check(on: fake.machine)
        }
        #expect(
            failure?.advice?.contains("docker volume rm shop_uploads shop_words shop_cache shop_data") == true,
            "\(String(describing: failure))")
    }

    @Test func whatArrivesWhileTheFormerIsHalfInPlaceLeavesItHalf() async throws {
        let stack = stack(from: "shop.example.com")
        try makeNew()
        try await arrive(stack)
        try CloneRecord(origin: "shop.example.com", backup: "19700124T033320Z-clone", progress: .begun).write(
            of: stack, on: fake.machine)
        try await arrive(stack, id: "second")
        #expect(
            try CloneRecord.read(of: stack, on: fake.machine)
                == CloneRecord(origin: "shop.example.com", backup: "second", progress: .begun))
        await #expect(throws: Failure.self) { try await BackupExists(stack: stack, id: "x").check(on: fake.machine) }
    }

    @Test func whatIsTooLargeToBeADescriptionIsNotRead() async throws {
        let stack = stack(from: "shop.example.com")
        try makeNew()
        let transfer = try await stack.receiving("large", from: "shop.example.com", on: fake.machine)
        fake.files.put(
            "/var/backups/propel/shop/.incoming-large/backup.json", String(repeating: " ", count: 1 << 20) + "{}",
            mode: 0o600)
        let failure = await #expect(throws: Failure.self) { try await transfer.completion() }
        #expect(failure?.message.contains("has 1048578 bytes") == true)
        #expect(shop.kept.isEmpty)
    }

    @Test func whoseDataAreItsOwnAgainHasItsBackups() async throws {
        let own = stack()
        try makeNew()
        try await arrive(stack(from: "shop.example.com"))
        // The deployment without them has gone well.
        try CloneRecord.forgetUnlessDone(of: own, on: fake.machine)
        try shop.deploy(own)
        shop.put("data/file", "its own")
        #expect(
            try await CloneState.of(stack(from: "shop.example.com"), from: "shop.example.com", on: fake.machine)
                == .other)
    }

    // MARK: - What is asked and told

    @Test func `a host tells how far the data of another host have come`() async throws {
        let host = Host("x", runs: Debian.self) { stack(from: "shop.example.com") }
        let question = StackOperation.dataOrigin.hostOperation()
        #expect(
            try await host.answers(to: question, on: fake.machine)
                == [DataOriginAnswer(stack: "shop", state: .other).json])
        let own = Host("x", runs: Debian.self) { stack() }
        await #expect(throws: Failure.self) { try await own.answers(to: question, on: fake.machine) }
        #expect(own.steps.allSatisfy { !($0.property is DataCloned) })
        #expect(host.steps.contains { $0.property is DataCloned })
    }

    @Test func `a host finds the copy to send and the place to receive one`() async throws {
        let host = Host("x", runs: Debian.self) { stack() }
        let copy = StackOperation.DataCopy(
            id: "19700124T033320Z-clone", from: "shop.example.com", to: "copy.example.com")
        func operation(_ operation: StackOperation, onStack stack: String = "shop") -> HostOperation {
            operation.hostOperation(onStack: stack)
        }
        #expect(
            try host.performing(operation(.prepareCopy(copy))).steps.map(\.property.name) == [
                "copy of the data of shop for copy.example.com"
            ])
        #expect(
            try await host.transfer(for: operation(.receiveCopy(copy)), on: fake.machine)
                .directory?.string.hasSuffix(".incoming-19700124T033320Z-clone") == true)
        await #expect(throws: Failure.self) {
            try await host.transfer(for: operation(.sendCopy(copy)), on: fake.machine)
        }
        await #expect(throws: Failure.self) {
            try await host.transfer(for: operation(.backUp(id: "a")), on: fake.machine)
        }
        await #expect(throws: Failure.self) {
            try await host.transfer(for: operation(.receiveCopy(copy), onStack: "blog"), on: fake.machine)
        }
    }
}
