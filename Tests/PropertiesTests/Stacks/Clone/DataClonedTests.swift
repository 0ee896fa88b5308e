import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Propel
@testable import Properties

@Suite(.recorded) struct DataClonedTests {
    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    private func stack(_ parts: any StackPart..., from origin: String? = nil) -> Stack {
        shop.stack(with: parts, from: origin)
    }

    @Test func `the deployment restores the first data`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.makeNew()
        let cloned = DataCloned(stack: stack, origin: "shop.example.com")
        #expect(try await cloned.check(on: fake.machine).reason == "copy the data of shop.example.com")
        try await shop.arrive(stack)
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .arrived)
        #expect(try await BackupBeforeChange(stack: stack).check(on: fake.machine) == .satisfied)
        fake.operations.clear()
        #expect(try await fake.obeysLaw(cloned).reason == "restore the copy from shop.example.com: data")
        // It is begun before anything is replaced, and done once all of it is on the disk and nothing uses it.
        let log = fake.operations, record = "replace /var/lib/propel/stacks/shop.clone"
        try log.require(order: [record, "-mindepth 1 -delete", "d1 restore", "sync --file-system"])
        let done = try log.last(record), synced = try log.last("sync --file-system"),
            stopped = try log.last("docker stop")
        #expect(synced < done && stopped < done)
        #expect(shop.text("data/file") == "new data")
        // Only what takes the dump has run, and nothing goes on with data that nobody has seen whole.
        #expect(shop.doings.filter { $0.hasPrefix("start") } == ["start d1"])
        #expect(shop.states == ["app": "created", "db": "exited", "index": "created"])
        #expect(shop.kept == ["19700124T033320Z-clone"])
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .cloned)
        // The deployment recreates them, and starts them in order.
        #expect(
            try await StackDeployment(stack: stack).check(on: fake.machine).reason?.contains(
                "app was not created by a successful deployment") == true)
    }

    @Test func `an interrupted copy is finished by the next run`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.makeNew()
        try await shop.arrive(stack)
        shop.setProgram("restore") { [shop] _ in
            shop.put("data/file", "half of it")
            throw CancellationError()
        }
        let cloned = DataCloned(stack: stack, origin: "shop.example.com")
        await #expect(throws: CancellationError.self) { try await cloned.apply(on: fake.machine) }
        #expect(shop.states.values.allSatisfy { $0 != "running" })
        #expect(try await BackupBeforeChange(stack: stack).check(on: fake.machine) == .satisfied)
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

    @Test func `a deployment never replaces other data`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.deploy(stack)
        let own = await #expect(throws: Failure.self) {
            try await DataCloned(stack: stack, origin: "shop.example.com").check(on: fake.machine)
        }
        #expect(own?.message == "the data of shop are its own instead of a copy from shop.example.com")
        // Also not where some arrive, because somebody has asked for them and then has thought better of it.
        try await shop.arrive(stack)
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .other)
        #expect(shop.text("data/file") == "old data")

        try CloneRecord(origin: "other.example.com", backup: "x", progress: .done).write(of: stack, on: fake.machine)
        let third = await #expect(throws: Failure.self) {
            try await DataCloned(stack: stack, origin: "shop.example.com").check(on: fake.machine)
        }
        #expect(
            third?.message
                == "the data of shop are a copy from other.example.com instead of a copy from shop.example.com"
        )
    }

    @Test func `restored data of the origin satisfy the stack`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.deploy(stack)
        try await shop.arrive(stack)
        let restored = DataRestored(stack: stack, backup: "19700124T033320Z-clone", isReplacing: true, request: "now")
        fake.operations.clear()
        try await fake.obeysLaw(restored)
        // No later run would record whose data they are.
        try fake.operations.require(order: [
            "sync --file-system", "replace /var/lib/propel/stacks/shop.clone",
            "replace /var/lib/propel/stacks/shop.restored",
        ])
        #expect(shop.text("data/file") == "new data")
        #expect(try await DataCloned(stack: stack, origin: "shop.example.com").check(on: fake.machine) == .satisfied)
        // What was there is in a backup.
        #expect(shop.kept.count == 2)
    }

    @Test func `a damaged or unexpected copy is refused`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.makeNew()
        await #expect(throws: Failure.self) { try await shop.arrive(stack) { $0.origin = "other.example.com" } }
        await #expect(throws: Failure.self) { try await shop.arrive(stack) { $0.stack = "blog" } }
        await #expect(throws: Failure.self) { try await shop.arrive(stack) { $0.files[0].bytes += 1 } }
        await #expect(throws: Failure.self) { try await shop.arrive(stack) { $0.files = [] } }
        await #expect(throws: Failure.self) { try await shop.arrive(stack) { $0.files[0].sha256 = SHA256.hash([]) } }
        #expect(shop.kept.isEmpty, "what is not taken does not fill the disk")
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .none)
    }

    @Test func `a copy that arrived before the connection was lost is used`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.makeNew()
        try await shop.arrive(stack)
        let again = try await stack.receiving("19700124T033320Z-clone", from: "shop.example.com", on: fake.machine)
        #expect(again.directory == nil)
        #expect(shop.kept == ["19700124T033320Z-clone"])
    }

    @Test func `times and versions of the other host do not count`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.makeNew()
        try await shop.arrive(stack) { copy in
            copy.time = "2999-01-01T00:00:00Z"
            copy.before = "none → \(stack.version)"
            copy.deployment = StackRecord.Deployment(
                id: "1", version: "v", dataFormat: 1, time: "2999-01-01T00:00:00Z", images: ["db": "other/db:9"])
        }
        let taken = try #require(try StackBackups(of: stack, on: fake.machine).whole.first)
        #expect(
            taken.time == fake.machine.now.iso8601 && taken.before == nil && taken.deployment == nil
                && taken.dataFormat == 1)
        // No rollback uses it, and it takes no place of a backup of this host.
        var own = taken
        own.origin = nil
        own.id = "own"
        #expect(BackupRetention(count: 1).unneeded(of: [taken, own], at: fake.machine.now).isEmpty)
        #expect(BackupRetention(count: 1).unneeded(of: [own, taken], at: fake.machine.now).map(\.id) == [taken.id])
    }

    @Test func `a copy that is damaged after its arrival is copied again`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.makeNew()
        try await shop.arrive(stack)
        try fake.files.remove("/var/backups/propel/shop/19700124T033320Z-clone/data.dump")
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .none)
        try await shop.arrive(stack, id: "second")
        #expect(try await CloneState.of(stack, from: "shop.example.com", on: fake.machine) == .arrived)
        // The same goes for a copy from a host that is no longer the origin.
        #expect(try await CloneState.of(self.stack(from: "b"), from: "b", on: fake.machine) == .none)
    }

    @Test func `incomplete data are neither backed up nor deployed nor copied`() async throws {
        let stack = stack(from: "shop.example.com"), own = self.stack()
        try shop.makeNew()
        try await shop.arrive(stack)
        try CloneRecord(origin: "shop.example.com", backup: "19700124T033320Z-clone", progress: .begun).write(
            of: stack, on: fake.machine)
        shop.put("data/file", "half of it")
        await #expect(throws: Failure.self) {
            try await CloneSourcePrepared(stack: stack, origin: "a", target: "b", id: "x").check(on: fake.machine)
        }
        await #expect(throws: Failure.self) { try await BackupExists(stack: stack, id: "x").check(on: fake.machine) }
        await #expect(throws: Failure.self) {
            try await shop.job(stack).take(why: "x", fallback: .none, retention: nil)
        }
        // Also if `from` is removed.
        let failure = await #expect(throws: Failure.self) {
            try await BackupBeforeChange(stack: own).check(on: fake.machine)
        }
        #expect(
            failure?.advice?.contains("docker volume rm shop_uploads shop_words shop_cache shop_data") == true,
            "\(String(describing: failure))")
    }

    @Test func `data stay incomplete when another copy arrives`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.makeNew()
        try await shop.arrive(stack)
        try CloneRecord(origin: "shop.example.com", backup: "19700124T033320Z-clone", progress: .begun).write(
            of: stack, on: fake.machine)
        try await shop.arrive(stack, id: "second")
        #expect(
            try CloneRecord.read(of: stack, on: fake.machine)
                == CloneRecord(origin: "shop.example.com", backup: "second", progress: .begun))
        await #expect(throws: Failure.self) { try await BackupExists(stack: stack, id: "x").check(on: fake.machine) }
    }

    @Test func `a description that is too large is not read`() async throws {
        let stack = stack(from: "shop.example.com")
        try shop.makeNew()
        let transfer = try await stack.receiving("large", from: "shop.example.com", on: fake.machine)
        fake.files.put(
            "/var/backups/propel/shop/.incoming-large/backup.json", String(repeating: " ", count: 1 << 20) + "{}",
            mode: 0o600)
        let failure = await #expect(throws: Failure.self) { try await transfer.completion() }
        #expect(failure?.message.contains("too large: 1048578 bytes") == true)
        #expect(shop.kept.isEmpty)
    }

    @Test func `a stack that is deployed without the copy has its own data`() async throws {
        let own = stack()
        try shop.makeNew()
        try await shop.arrive(stack(from: "shop.example.com"))
        // The deployment without them has gone well.
        try CloneRecord.forgetUnlessDone(of: own, on: fake.machine)
        try shop.deploy(own)
        shop.put("data/file", "its own")
        #expect(
            try await CloneState.of(stack(from: "shop.example.com"), from: "shop.example.com", on: fake.machine)
                == .other)
    }

    // MARK: - Operations

    @Test func `a host reports the state of cloned data`() async throws {
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
