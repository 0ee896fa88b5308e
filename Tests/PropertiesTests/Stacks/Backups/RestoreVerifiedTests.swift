import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Propel
@testable import Properties

@Suite(.recorded) struct RestoreVerifiedTests {
    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }
    private func tested(_ request: String = "now") -> RestoreVerified {
        RestoreVerified(stack: shop.stack(), request: request)
    }

    init() async throws {
        try shop.deploy(shop.stack())
        try await shop.job().take(id: "one", why: "by hand", fallback: .none, retention: nil)
        for program in ["ready", "restore"] { setTemporary(program) { _ in .printing() } }
    }

    /// Sets a program of the temporary containers.
    private func setTemporary(_ program: String, _ body: @escaping FakeDocker.Program) {
        shop.docker.state.withLock { $0.temporaryPrograms[program] = body }
    }

    private var nothingIsLeft: Bool {
        shop.docker.containers.values.allSatisfy { !$0.isTemporary }
            && shop.docker.state.withLock { $0.temporaryVolumes.isEmpty }
            && fake.files["/run/propel-restore-test"] == nil
    }

    @Test func `a restore test restores everything and throws it away`() async throws {
        #expect(
            try await fake.obeysLaw(tested()).reason
                == "restore uploads, words, data of the backup one, and throw them away")
        #expect(nothingIsLeft)
        let log = fake.commands.log.filter { $0.contains("propel-test") }
        let create = try #require(log.first { $0.hasPrefix("docker create") })
        #expect(
            create.contains("--pull never") && create.contains("--network none")
                && create.hasSuffix("--env-file /run/propel-restore-test/environment shop/db:1"))
        #expect(
            create.contains("--mount type=volume,source=propel-test_shop_data,target=/data")
                && !create.contains("secret"))
        #expect(log.contains("docker exec --interactive propel-test_shop_db restore --all"))
        #expect(log.count { $0.hasPrefix("tar --extract") } == 2)
        let backup = try #require(try StackBackups(of: shop.stack(), on: fake.machine).whole.first)
        #expect(
            try RestoreTestResult.last(of: backup, of: shop.stack(), on: fake.machine)
                == RestoreTestResult(time: fake.machine.now.iso8601, request: "now"))
        let listed = try await Host("x", runs: Debian.self) { shop.stack() }.answers(
            to: StackOperation.listBackups.hostOperation(), on: fake.machine)
        #expect(
            try listed.first.map { try [BackupSummary]($0) }?.first?.details?.test
                == BackupSummary.Test(time: fake.machine.now.iso8601))
        // Nothing of the stack itself was touched.
        #expect(
            !fake.commands.log.contains { $0.hasPrefix("docker stop") && !$0.contains("a1") }
                && shop.text("data/file") == "old data")
        try await fake.obeysLaw(tested("tomorrow"))
    }

    @Test func `a restore test counts once everything was restored and thrown away`() async throws {
        fake.operations.clear()
        try await tested().apply(on: fake.machine)
        let log = fake.operations, result = try log.first("replace /var/backups/propel/shop/one/tested.json")
        for step in ["sha256sum", "tar --extract", "propel-test_shop_db restore", "docker rm", "docker volume rm"] {
            let last = try log.last(step)
            #expect(last < result, "\(step)")
        }
    }

    @Test func `a restore test that was interrupted has no result`() async throws {
        setTemporary("restore") { _ in throw CancellationError() }
        await #expect(throws: CancellationError.self) { try await tested().apply(on: fake.machine) }
        let backup = try #require(try StackBackups(of: shop.stack(), on: fake.machine).whole.first)
        let last = try RestoreTestResult.last(of: backup, of: shop.stack(), on: fake.machine)
        #expect(last == nil && nothingIsLeft)
        #expect(try await fake.check(tested()) != .satisfied)
    }

    @Test func `leftovers of a killed restore test are removed`() async throws {
        _ = try shop.docker.docker(Invocation("docker", ["create", "--name", "left", "shop/db:1"]))
        _ = shop.docker.state.withLock { $0.temporaryVolumes.insert("left") }
        fake.files.put("/run/propel-restore-test/environment", "PASSWORD=secret")
        try await fake.obeysLaw(tested())
        #expect(nothingIsLeft)
    }

    @Test func `a rejected dump is reported and recorded`() async throws {
        setTemporary("restore") { _ in .failing(1, "bad dump\n") }
        let failure = await #expect(throws: Failure.self) { try await tested().apply(on: fake.machine) }
        #expect(failure?.message == "db rejects the dump of data" && failure?.output == ["bad dump"])
        #expect(nothingIsLeft)
        let backup = try #require(try StackBackups(of: shop.stack(), on: fake.machine).whole.first)
        #expect(
            try RestoreTestResult.last(of: backup, of: shop.stack(), on: fake.machine)?.failure
                == "db rejects the dump of data")
        #expect(try await fake.check(tested()) != .satisfied)
    }

    @Test func `an archive that cannot be unpacked is a failure`() async throws {
        fake.commands.program("tar", status: 2, errors: "tar: cannot change ownership\n")
        await #expect(throws: Failure.self) { try await tested().apply(on: fake.machine) }
        #expect(nothingIsLeft)
    }

    @Test func `a damaged file is a failure`() async throws {
        fake.files.put("/var/backups/propel/shop/one/data.dump", "rows: bad data")
        let failure = await #expect(throws: Failure.self) { try await tested().apply(on: fake.machine) }
        #expect(failure?.message.contains("is damaged: data.dump has a wrong checksum") == true)
        #expect(nothingIsLeft && !fake.commands.log.contains { $0.contains("propel-test") })
    }

    /// Docker would quote it in its errors, line by line.
    @Test func `a variable with several lines is not given to docker`() async throws {
        shop.docker.answer { words in
            words.first == "inspect" && words.contains { $0.contains("split") } ? .printing("KEY\nOTHER\n") : nil
        }
        let failure = await #expect(throws: Failure.self) { try await tested().apply(on: fake.machine) }
        #expect(
            failure?.message == "no second db of shop can be started: a value with several lines in KEY, OTHER")
        #expect(!fake.commands.log.contains { $0.contains("--env-file") || $0.contains("println .") })
        #expect(nothingIsLeft)
    }

    @Test(arguments: [
        ("sql", "the data of db could not be anonymized"), ("restore", "db rejects the dump of data"),
    ])
    func `output about data that are not anonymized stays on the host`(
        _ program: String, _ message: String
    ) async throws {
        let stack = shop.stack(with: [Anonymization(in: "db", program: "sql", ["UPDATE customer SET name = NULL"])])
        setTemporary(program) { _ in .failing(1, "DETAIL: Failing row contains (17, anna@example.com)\n") }
        let property = CloneSourcePrepared(
            stack: stack, origin: "shop.example.com", target: "copy.example.com", id: "copy")
        let failure = await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        let log: FilePath = "/var/backups/propel/shop/.anonymization.log"
        #expect(failure?.message == message && failure?.output == [] && failure?.ending == "exit status 1")
        #expect(failure?.advice?.contains("\(log)") == true)
        #expect(fake.files.text(at: log)?.contains("anna@example.com") == true && fake.files[log]?.status.mode == 0o600)
        #expect(nothingIsLeft)
    }

    @Test func `without a backup there is nothing to test`() async throws {
        try fake.files.remove("/var/backups/propel/shop/one/backup.json")
        let failure = await #expect(throws: Failure.self) { try await fake.check(tested()) }
        #expect(failure?.message == "shop has no backup to test")
    }

    @Test func `the database must be healthy three times in a row before it gets the dump`() async throws {
        let looks = Mutex(0)
        setTemporary("ready") { _ in
            let number = looks.withLock { looks in
                looks += 1
                return looks
            }
            return number == 3 ? .failing(1) : .printing()
        }
        try await fake.obeysLaw(tested())
        #expect(looks.withLock { $0 } == 6)
    }
}
