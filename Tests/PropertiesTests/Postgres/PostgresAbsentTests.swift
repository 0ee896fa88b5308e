import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct PostgresAbsentTests {
    private let postgres = FakePostgres()
    private var fake: FakeMachine { postgres.fake }
    private var statements: [String] { postgres.statements.withLock { $0 } }

    private static let directory: FilePath = "/var/backups/postgresql"
    private let database = Postgres.Database.Absent("shop")

    private func hasShop(ownedBy owner: String = "shop") {
        postgres.state.withLock {
            $0.roles["shop"] = .init(attributes: ["login"])
            $0.databases["shop"] = (owner, "UTF8", "C")
        }
    }
    private var isThere: Bool { postgres.state.withLock { $0.databases["shop"] != nil } }

    @Test func `a database is removed once its dump is whole`() async throws {
        hasShop()
        let change = try await fake.obeysLaw(database)
        #expect(change.reason == "dump it to /var/backups/postgresql, and remove it")
        let path = Self.directory.appending("shop-19700124T033320Z.dump")
        #expect(fake.files.text(at: path) == "PGDMP --dbname=dbname='shop'\n")
        #expect(fake.files[path]?.status.mode == 0o600)
        #expect(fake.files[path]?.status.owner == Owner(user: 105, group: 110))
        #expect(try fake.files.list(Self.directory).count == 1)
        #expect(fake.machine.followUps == ["the PostgreSQL database shop is in \(path): keep it, or remove it"])
        #expect(
            statements == ["ALTER DATABASE \"shop\" CONNECTION LIMIT 0;\n", "DROP DATABASE \"shop\";\n"])
        try fake.operations.require("pg_dump", before: "sync --")
        #expect(try await fake.check(database) == .satisfied)
    }

    @Test func `a database goes after its dump has its name`() async throws {
        hasShop()
        fake.inject(.kill, afterFirst: "replace \(Self.directory)/shop-")
        await #expect(throws: (any Error).self) { try await database.apply(on: fake.machine) }
        #expect(fake.operations.isDown && isThere)
    }

    @Test func `a database whose dump fails stays as it was`() async throws {
        hasShop()
        postgres.state.withLock { $0.isDumped = false }
        await #expect(throws: CommandFailure.self) { try await database.apply(on: fake.machine) }
        #expect(isThere && statements.last == "ALTER DATABASE \"shop\" CONNECTION LIMIT -1;\n")
        #expect(try fake.files.list(Self.directory).isEmpty)
    }

    @Test func `a database that a program uses stays as it was`() async throws {
        hasShop()
        postgres.state.withLock { $0.sessions = [("shop", "app"), ("wiki", "wiki")] }
        let failure = await #expect(throws: Failure.self) { try await database.apply(on: fake.machine) }
        #expect(failure?.message == "programs are connected to the PostgreSQL database shop, as app")
        #expect(isThere && statements.last == "ALTER DATABASE \"shop\" CONNECTION LIMIT -1;\n")
        #expect(!fake.commands.log.contains { $0.contains("pg_dump") })
    }

    @Test(arguments: Fault.allCases) func `no fault leaves a database neither there nor dumped`(
        _ fault: Fault
    ) async throws {
        func prepared() -> FakePostgres {
            let postgres = FakePostgres()
            postgres.state.withLock { $0.databases["shop"] = ("postgres", "UTF8", "C") }
            return postgres
        }
        try await atEveryOperation(of: prepared, \.fake, fault) { postgres in
            try await database.apply(on: postgres.fake.machine)
        } judge: { postgres in
            func dumps() -> [String] {
                ((try? postgres.fake.files.list(Self.directory)) ?? []).filter { $0.hasSuffix(".dump") }
            }
            let isThere = postgres.state.withLock { $0.databases["shop"] != nil }
            try hold(isThere || !dumps().isEmpty, "the data is lost")
            for name in dumps() {
                let text = postgres.fake.files.text(at: Self.directory.appending(name))
                try hold(text?.hasPrefix("PGDMP") == true, "\(name) is not whole")
            }
            try await postgres.fake.converge(database)
            try hold(!dumps().isEmpty, "the data is lost")
            let left = try postgres.fake.files.list(Self.directory).filter { $0.hasPrefix(".") }
            try hold(left.isEmpty, "\(left) is left")
        }
    }

    /// The next run finds them still to be removed, which fails, or declared again.
    @Test(arguments: Fault.allCases, [true, false]) func `users can connect again, whatever has cut a removal`(
        _ fault: Fault, _ isDeclared: Bool
    ) async throws {
        let role = Postgres.Role.Absent("bob")
        func prepared() -> FakePostgres {
            let postgres = FakePostgres()
            postgres.state.withLock {
                $0.databases["shop"] = ("postgres", "UTF8", "C")
                $0.limits["shop"] = 7
                $0.roles["bob"] = .init(attributes: ["login"])
            }
            return postgres
        }
        func remove(_ postgres: FakePostgres) async throws {
            postgres.fake.machine.forgetFacts()
            try await database.apply(on: postgres.fake.machine)
            try await role.apply(on: postgres.fake.machine)
        }
        let reference = prepared()
        reference.fake.operations.clear()
        try await remove(reference)
        for count in 0..<reference.fake.operations.lines.count {
            let postgres = prepared(), fake = postgres.fake
            fake.inject(fault, after: count)
            try? await remove(postgres)
            fake.restart(seed: UInt64(count))
            if isDeclared {
                try await fake.converge(Postgres.Database("shop"))
                try await fake.converge(Postgres.Role("bob"))
            } else {
                postgres.state.withLock { $0.sessions = [("shop", "app"), ("wiki", "bob")] }
                try? await remove(postgres)
                fake.machine.forgetFacts()
                try? await role.apply(on: fake.machine)
            }
            let state = postgres.state.withLock { $0 }
            #expect(state.limits["shop"] ?? 7 == 7, "after \(count) operations")
            #expect(state.roles["bob"]?.attributes ?? ["login"] == ["login"], "after \(count) operations")
            let left = (try? fake.files.list("/var/lib/propel/closed-connections")) ?? []
            // A record that was being written was no record yet.
            #expect(left.allSatisfy { FilePath($0).isStagingPath }, "after \(count) operations")
        }
    }

    @Test func `a role without anything is removed`() async throws {
        postgres.state.withLock { $0.roles["bob"] = .init() }
        #expect(try await fake.obeysLaw(Postgres.Role.Absent("bob")).reason == "remove")
        #expect(statements == ["ALTER ROLE \"bob\" NOLOGIN;\n", "DROP ROLE \"bob\";\n"])
    }

    @Test func `a role that owns something stays without a successor`() async throws {
        hasShop()
        let failure = await #expect(throws: Failure.self) {
            try await Postgres.Role.Absent("shop").apply(on: fake.machine)
        }
        #expect(failure?.output == ["ERROR:  role \"shop\" cannot be dropped because some objects depend on it"])
        #expect(failure?.advice?.contains("successor:") == true)
        #expect(postgres.state.withLock { $0.roles["shop"]?.attributes } == ["login"])
        #expect(isThere)
    }

    @Test func `a successor gets what the role owns`() async throws {
        hasShop()
        postgres.state.withLock { _ = $0.granted.insert("CONNECT|DATABASE|shop") }
        let absent = Postgres.Role.Absent("shop", successor: "anna")
        #expect(try await fake.check(absent) == .unknown(until: "there is a role anna in PostgreSQL"))
        postgres.state.withLock { $0.roles["anna"] = .init() }
        #expect(try await fake.obeysLaw(absent).reason == "give what it owns to anna, and remove it")
        #expect(postgres.state.withLock { $0.databases["shop"]?.owner } == "anna")
        #expect(postgres.state.withLock { $0.granted.isEmpty })
        let handed = "BEGIN;\nREASSIGN OWNED BY \"shop\" TO \"anna\";\nDROP OWNED BY \"shop\";\nCOMMIT;\n"
        // In each of the two databases.
        #expect(statements.filter { $0.contains("REASSIGN") } == [handed, handed])
    }

    @Test func `a role that is connected stays, and may log in as before`() async throws {
        hasShop(ownedBy: "postgres")
        postgres.state.withLock { $0.sessions = [("wiki", "shop")] }
        let failure = await #expect(throws: Failure.self) {
            try await Postgres.Role.Absent("shop").apply(on: fake.machine)
        }
        #expect(failure?.message == "the PostgreSQL role shop is connected to wiki")
        #expect(postgres.state.withLock { $0.roles["shop"]?.attributes } == ["login"])
    }

    /// One that connects after the look would lose its role.
    @Test func `who is connected is looked at once nobody else can`() async throws {
        postgres.state.withLock { $0.roles["bob"] = .init(attributes: ["login"]) }
        try await Postgres.Role.Absent("bob").apply(on: fake.machine)
        let asked = postgres.asked.withLock { $0 }
        let closed = try #require(asked.firstIndex { $0.contains("NOLOGIN") })
        let looked = try #require(asked.firstIndex { $0.contains("pg_stat_activity") })
        #expect(closed < looked)
    }

    @Test func `a machine without a server has neither, and one that does not run leaves it open`() async throws {
        #expect(try await FakeMachine().check(database) == .satisfied)
        #expect(try await FakeMachine().check(Postgres.Role.Absent("shop")) == .satisfied)
        let stopped = FakePostgres(isRunning: false).fake
        #expect(try await stopped.check(database).isUnknown)
    }

    @Test func `present and absent conflict`() {
        let host = Host("x", runs: Debian.self) {
            Postgres.Database("shop")
            database
            Postgres.Role("shop")
            Postgres.Role.Absent("shop")
        }
        #expect(host.conflicts.count == 2)
    }

    static let flawed: [any Property] = [
        Postgres.Database.Absent("postgres"), Postgres.Database.Absent("template1"), Postgres.Database.Absent("a\n"),
        Postgres.Database.Absent("a", dumpedTo: "backups"), Postgres.Role.Absent("postgres"),
        Postgres.Role.Absent("pg_monitor"), Postgres.Role.Absent("a", successor: "a"), Postgres.Role.Absent(""),
    ]

    @Test(arguments: flawed.indices) func `an invalid declaration is a problem, and is not applied`(
        _ index: Int
    ) async throws {
        let property = Self.flawed[index]
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }
}
