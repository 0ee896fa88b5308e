import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Propel
@testable import Properties

@Suite(.recorded) struct CloneSourcePreparedTests {
    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    private func stack(_ parts: any StackPart..., from origin: String? = nil) -> Stack {
        shop.stack(with: parts, from: origin)
    }

    private func prepared(
        _ stack: Stack, _ id: String = "19700124T033320Z-clone", for target: String = "copy.example.com"
    ) -> CloneSourcePrepared {
        CloneSourcePrepared(stack: stack, origin: "shop.example.com", target: target, id: id)
    }

    private static let outgoing = CloneFolders.outgoing(to: "copy.example.com", of: FakeStack().stack())

    /// The copy that is ready to go.
    private func outgoing(_ id: String = "19700124T033320Z-clone") throws -> Backup {
        try StackBackups.read(id, of: shop.stack(), in: Self.outgoing, on: fake.machine)
    }

    @Test func `a copy is a backup that is not kept`() async throws {
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

    @Test func `each host has one copy, which is removed after a day`() async throws {
        let stack = stack()
        try await prepared(stack).apply(on: fake.machine)
        fake.pass(.hours(23))
        try await prepared(stack, "second").apply(on: fake.machine)
        #expect(shop.kept.count == 1)
        #expect(try outgoing("second").id == "second")
        try await prepared(stack, "third", for: "other.example.com").apply(on: fake.machine)
        #expect(shop.kept.count == 2)
        fake.pass(.hours(25))
        try await shop.job().take(id: "own", why: "by hand", fallback: .none, retention: nil)
        #expect(shop.kept == ["own"])
    }

    @Test func `an anonymized copy is all that is left, and has what was dumped afterwards`() async throws {
        let stack = stack(Anonymization(in: "db", program: "sql", ["UPDATE customer SET name = NULL"]))
        try shop.deploy(stack)
        for (program, output) in [("ready", ""), ("restore", ""), ("sql", ""), ("dump", "rows: nobody")] {
            shop.docker.state.withLock { $0.temporaryPrograms[program] = { _ in .printing(output) } }
        }
        fake.operations.clear()
        try await fake.obeysLaw(prepared(stack))
        #expect(shop.kept == [Self.outgoing.lastComponent?.string])
        #expect(fake.files.text(at: Self.outgoing.appending("data.dump")) == "rows: nobody")
        let copy = try outgoing()
        #expect(copy.why == "data of shop.example.com, anonymized")
        try await StackBackups.verify(copy, in: Self.outgoing, of: stack, on: fake.machine)
        try fake.operations.require(order: [
            "propel-test_shop_db restore", "propel-test_shop_db sql", "propel-test_shop_db dump", "docker volume rm",
            "mv --no-target-directory -- /var/backups/propel/shop/.anonymized \(Self.outgoing)",
        ])
    }

    /// What is not anonymized is on the disk by then.
    @Test(arguments: ["restore", "sql", "dump"])
    func `a failed anonymization leaves no copy behind`(_ broken: String) async throws {
        let stack = stack(Anonymization(in: "db", program: "sql", ["UPDATE customer SET name = NULL"]))
        try shop.deploy(stack)
        for program in ["ready", "restore", "sql", "dump"] {
            shop.docker.state.withLock {
                $0.temporaryPrograms[program] = { _ in program == broken ? .failing(1, "no\n") : .printing("") }
            }
        }
        let failure = await #expect(throws: Failure.self) { try await prepared(stack).apply(on: fake.machine) }
        #expect(failure?.output == [])
        #expect(shop.kept == [".anonymization.log"])
    }

    @Test func `a failed copy leaves nothing behind and says that nothing has left the host`() async throws {
        shop.setProgram("dump") { _ in .failing(1, "no\n") }
        let failure = await #expect(throws: Failure.self) { try await prepared(stack()).apply(on: fake.machine) }
        #expect(failure?.advice?.hasPrefix("Nothing has left shop.example.com.") == true)
        #expect(shop.kept.isEmpty)
    }

    /// No Anonymization can be about it, and the other host has no place for it.
    @Test func `a volume that the stack no longer describes is not copied`() async throws {
        let stack = stack()
        try shop.deploy(stack)
        shop.makeVolume("shop_contracts")
        shop.put("contracts/file", "signed")
        var record = try StackRecord(of: stack, on: fake.machine)
        record.current?.volumes.append(
            StackRecord.UsedVolume(
                container: "app", source: "shop_contracts", path: "/srv/contracts", isBackedUp: true))
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
            try await shop.job(stack).take(why: "by hand", fallback: .none, retention: nil).files.map(\.volume)
                .contains("contracts"))
    }

    @Test func `without data there is nothing to copy`() async throws {
        try shop.makeNew()
        let failure = await #expect(throws: Failure.self) { try await prepared(stack()).check(on: fake.machine) }
        #expect(failure?.message.contains("has no data") == true)
    }

    @Test func `a name with a path is invalid`() async throws {
        #expect(!prepared(stack(), "../x").problems.isEmpty)
        #expect(throws: Failure.self) { try stack().sending("../x", to: "../y", on: fake.machine) }
        await #expect(throws: Failure.self) { try await stack().receiving("../x", from: "a", on: fake.machine) }
        #expect(CloneFolders.outgoing(to: "../../etc", of: stack()).components.count == Self.outgoing.components.count)
    }

    @Test func `problems with anonymizations are found`() {
        let wrong = stack(Anonymization(in: "bd", "true"), Anonymization(in: "db", "true"))
        #expect(wrong.problems == ["the stack shop: Anonymization(in: “bd”): the stack has no such container"])
        let useless = Stack("x") {
            Container("cache", image: "x") { Volume("cache", at: "/cache", backup: .none) }
            Anonymization(in: "cache", "true")
        }
        #expect(
            useless.problems == [
                "the stack x: Anonymization(in: “cache”): the container has no data that are backed up"
            ])
    }
}
