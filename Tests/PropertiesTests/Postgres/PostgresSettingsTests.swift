import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct PostgresSettingsTests {
    private let postgres = FakePostgres()
    private var fake: FakeMachine { postgres.fake }
    private let settings = Postgres.Settings(["work_mem": "16MB", "Shared_Buffers": "512MB"])

    private var restarts: Int { fake.commands.log.count { $0.contains("restart") } }

    @Test func `settings are put in place, and reverted`() async throws {
        let before = fake.files.text(at: FakePostgres.dropIn)
        let change = try await fake.obeysLaw(settings)
        #expect(
            change.reason == "write \(FakePostgres.dropIn), and restart for shared_buffers if it changes")
        #expect(fake.files.text(at: FakePostgres.dropIn) == "shared_buffers = '512MB'\nwork_mem = '16MB'\n")
        #expect(restarts == 0)
        try await fake.obeysLaw(settings.reverted())
        #expect(fake.files.text(at: FakePostgres.dropIn) == before)
    }

    @Test func `the server is restarted only if it says that it must be`() async throws {
        try await fake.obeysLaw(settings)
        postgres.state.withLock { $0.pending = ["shared_buffers"] }
        #expect(try await fake.obeysLaw(settings).reason == "restart for shared_buffers")
        #expect(restarts == 1)
        // A restart that others need is not ours.
        postgres.state.withLock { $0.pending = ["max_connections"] }
        #expect(try await fake.check(settings) == .satisfied)
    }

    @Test func `a reload that was lost is made up for`() async throws {
        try await fake.obeysLaw(settings)
        fake.pass(.seconds(10))
        fake.files.put(FakePostgres.dropIn, fake.files.text(at: FakePostgres.dropIn) ?? "")
        let change = try await fake.obeysLaw(settings)
        #expect(change.reason == "reload, and restart for shared_buffers if it changes")
    }

    @Test func `values that the server does not accept are not put in place`() async throws {
        postgres.state.withLock { $0.accepts = false }
        let before = fake.files.snapshot
        let failure = await #expect(throws: Failure.self) { try await fake.obeysLaw(settings) }
        #expect(failure?.message == "PostgreSQL does not accept the settings propel")
        #expect(failure?.output == ["FATAL:  invalid value for parameter"] && fake.files.snapshot == before)
    }

    @Test func `a value that is outranked is a failure with advice`() async throws {
        try await fake.obeysLaw(settings)
        postgres.state.withLock { $0.files.append(("work_mem", "/var/lib/postgresql/15/main/postgresql.auto.conf")) }
        let failure = await #expect(throws: Failure.self) { try await fake.check(settings) }
        #expect(failure?.advice?.contains("ALTER SYSTEM RESET work_mem") == true)
    }

    @Test func `settings wait for no server that is stopped`() async throws {
        let stopped = FakePostgres(isRunning: false)
        let change = try await stopped.fake.obeysLaw(settings)
        #expect(change.reason == "write \(FakePostgres.dropIn)")
        #expect(!stopped.fake.commands.log.contains { $0.contains("psql") })
    }

    // MARK: Access

    private let access = Postgres.Access([
        .init(.hostSSL, databases: ["shop"], users: ["shop", "+reports"], from: "10.0.0.0/8", .scramSHA256),
        .init(.host, from: "0.0.0.0/0", .reject),
    ])

    @Test func `entries come first, in their order, and are reverted`() async throws {
        let before = fake.files.text(at: FakePostgres.access)
        try await fake.obeysLaw(access)
        #expect(
            fake.files.text(at: FakePostgres.access) == """
                # begin access, kept by Propel
                local all postgres peer
                hostssl "shop" "shop",+reports 10.0.0.0/8 scram-sha-256
                host all all 0.0.0.0/0 reject
                # end access, kept by Propel
                \(before ?? "")
                """)
        #expect(fake.files[FakePostgres.access]?.status.mode == 0o640)
        try await fake.obeysLaw(access.reverted())
        #expect(fake.files.text(at: FakePostgres.access) == before)
    }

    @Test func `entries that the server does not accept are taken back`() async throws {
        let before = fake.files.text(at: FakePostgres.access)
        postgres.state.withLock { $0.errorsOfAccess = "3: invalid authentication method\n" }
        let failure = await #expect(throws: Failure.self) { try await access.apply(on: fake.machine) }
        #expect(failure?.output == ["3: invalid authentication method"])
        #expect(fake.files.text(at: FakePostgres.access) == before)
        #expect(!postgres.statements.withLock { $0 }.contains { $0.contains("pg_reload_conf") })
    }

    @Test func `entries that the server has not read are read`() async throws {
        try await fake.obeysLaw(access)
        fake.pass(.seconds(10))
        fake.files.put(FakePostgres.access, fake.files.text(at: FakePostgres.access) ?? "", mode: 0o640)
        #expect(try await fake.obeysLaw(access).reason == "reload")
    }

    @Test(arguments: Fault.allCases) func `what a fault has cut is finished`(_ fault: Fault) async throws {
        try await FakeMachine.verify(settings, survives: fault) { FakePostgres().fake }
        try await FakeMachine.verify(access, survives: fault) { FakePostgres().fake }
        try await FakeMachine.verify(Postgres.Role("a"), survives: fault) { FakePostgres().fake }
    }
}
