import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct PostgresTests {
    private let postgres = FakePostgres()
    private var fake: FakeMachine { postgres.fake }
    private var statements: [String] { postgres.statements.withLock { $0 } }

    private func run(_ plaintext: String, version: String = "1") -> FakeMachine {
        fake.run(
            with: Secrets(versions: ["db": version]) { _ in ["db": try SecretBytes(copying: Array(plaintext.utf8))] })
    }
    private var plain: FakeMachine { fake.run(with: Secrets(versions: ["db": "1"])) }

    // MARK: Roles

    /// A role whose password takes no second to hash.
    private static func role(memberOf groups: [String] = []) -> Postgres.Role {
        var role = Postgres.Role("shop", password: Secret("db"), memberOf: groups)
        role.iterations = 2
        return role
    }

    @Test func `a role is made, and its drift repaired`() async throws {
        try await fake.obeysLaw(Postgres.Role("reports", attributes: []))
        #expect(
            statements == [
                """
                BEGIN;
                CREATE ROLE "reports" WITH NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
                COMMIT;

                """
            ])
        let change = try await fake.obeysLaw(Postgres.Role("shop", memberOf: ["reports"], connectionLimit: 5))
        #expect(change.reason == "create")
        postgres.state.withLock { $0.roles["shop"] = .init(attributes: ["superuser"], limit: 3, groups: ["others"]) }
        let drift = try await fake.obeysLaw(Postgres.Role("shop", memberOf: ["reports"], connectionLimit: 5))
        #expect(drift.reason == "login; no superuser; connection limit 3 → 5; member of reports")
        #expect(postgres.state.withLock { $0.roles["shop"]?.groups } == ["others", "reports"])
    }

    @Test func `one question answers for all properties`() async throws {
        let properties: [any Property] = [
            Postgres.Role("shop"), Postgres.Database("shop"), Postgres.Extension("pg_trgm", in: "shop"),
            Postgres.Extension("citext", in: "wiki"), Postgres.Grant(.connect, on: .database("shop"), to: "shop"),
        ]
        for property in properties { property.announce(to: fake.machine) }
        for property in properties { _ = try? await property.check(on: fake.machine) }
        #expect(fake.commands.log.count == 1)
        #expect(
            fake.commands.log[0].hasPrefix("runuser --user postgres -- /usr/lib/postgresql/15/bin/psql --no-psqlrc"))
    }

    @Test func `names are quoted, whatever they are`() async throws {
        try await fake.obeysLaw(Postgres.Role("a b; DROP"))
        #expect(statements.last?.contains("CREATE ROLE \"a b; DROP\" WITH") == true)
        #expect(PostgresSQL.name("a\"; DROP ROLE b; --") == "\"a\"\"; DROP ROLE b; --\"")
        #expect(PostgresSQL.string("it's") == "'it''s'" && PostgresSQL.string("a\\'b") == "E'a\\\\''b'")
        #expect(PostgresSQL.argument(PostgresSQL.connection(to: "a'\\b")) == "'dbname=''a\\\\''\\\\\\\\b'''")
    }

    @Test func `a combining mark after a quote hides it from nobody`() {
        let mark = "\u{301}"
        let text = "'\u{301}\\\u{301}"
        #expect(Array(PostgresSQL.name("a\"\(mark)").utf8) == Array("\"a\"\"\(mark)\"".utf8))
        #expect(Array(PostgresSQL.string("'\(mark)").utf8) == Array("'''\(mark)'".utf8))
        #expect(Array(PostgresSQL.string(text).utf8) == Array("E'''\(mark)\\\\\(mark)'".utf8))
        #expect(Array(PostgresSQL.argument(text).utf8) == Array("'''\(mark)\\\\\(mark)'".utf8))
        let connection = "dbname='\\'\u{301}\\\\\u{301}'"
        #expect(Array(PostgresSQL.connection(to: text).utf8) == Array(connection.utf8))
    }

    // MARK: Passwords

    @Test func `a password reaches the server as a verifier only`() async throws {
        try await fake.obeysLaw(Postgres.Role("reports", attributes: []))
        let role = Self.role(memberOf: ["reports"])
        let change = try await run("pencil").obeysLaw(role)
        #expect(change == Change(reason: "create", secrets: [Secret("db")]))
        let stored = try #require(postgres.state.withLock { $0.roles["shop"]?.password })
        #expect(stored.hasPrefix("SCRAM-SHA-256$2:"))
        #expect(Postgres.Role("shop").iterations == 4096)
        #expect(!statements.joined().contains("pencil") && !fake.commands.log.joined().contains("SCRAM"))
        #expect(statements.last?.hasPrefix("SET log_statement = 'none';\n") == true)
        // The next run needs no plaintext.
        #expect(try await plain.check(role) == .satisfied)
    }

    @Test func `a password that somebody changed is found without the plaintext`() async throws {
        let role = Self.role()
        try await run("pencil").obeysLaw(role)
        postgres.state.withLock { $0.roles["shop"]?.password = Self.verifier("other") }
        #expect(try await plain.check(role) == .unmet("another password", secrets: [Secret("db")]))
        try await run("pencil").obeysLaw(role)
        postgres.state.withLock { $0.roles["shop"]?.password = nil }
        #expect(try await plain.check(role) == .unmet("set the password", secrets: [Secret("db")]))
        postgres.state.withLock { $0.roles["shop"]?.password = "md5a3556571e93b0d20722ba62be61e8c2d" }
        let check = try await plain.check(role)
        #expect(check == .unmet("hash the password with SCRAM-SHA-256", secrets: [Secret("db")]))
        try await run("pencil").obeysLaw(role)
    }

    @Test func `a password that is right already is left as it is`() async throws {
        let stored = Self.verifier("pencil")
        postgres.state.withLock { $0.roles["shop"] = .init(attributes: ["login"], password: stored) }
        let role = Self.role()
        guard case .unknown(let until) = try await plain.check(role) else {
            Issue.record("a plaintext is needed")
            return
        }
        #expect(until.hasPrefix("the secret db, which is new here"))
        let run = run("pencil\n")
        try await run.machine.secrets.fetch([Secret("db")])
        #expect(try await run.check(role) == .satisfied)
        #expect(try await plain.check(role) == .satisfied && statements.isEmpty)
        // Encrypted again: another version, and the same password.
        let later = self.run("pencil", version: "2")
        try await later.machine.secrets.fetch([Secret("db")])
        #expect(try await later.check(role) == .satisfied && statements.isEmpty)
    }

    @Test(arguments: ["", "\n", "pässword", "two\nlines"]) func `an unusable password is refused`(
        _ plaintext: String
    ) async throws {
        let failure = await #expect(throws: Failure.self) {
            try await run(plaintext).obeysLaw(Self.role())
        }
        #expect(failure?.message.contains("printable ASCII") == true)
        #expect(postgres.state.withLock { $0.roles["shop"]?.password } == nil)
    }

    private static func verifier(_ password: String) -> String {
        Array(password.utf8).withUnsafeBytes { SCRAMVerifier(of: $0, salt: [1, 2, 3], iterations: 2).description }
    }

    // MARK: Databases and what is in them

    @Test func `a database is made, and its owner repaired`() async throws {
        let database = Postgres.Database("shop", owner: "shop", encoding: "UTF8", locale: "de_DE.UTF-8")
        #expect(try await fake.check(database) == .unknown(until: "there is a role shop in PostgreSQL"))
        try await fake.obeysLaw(Postgres.Role("shop"))
        try await fake.obeysLaw(database)
        #expect(
            statements.last == "CREATE DATABASE \"shop\" OWNER \"shop\" TEMPLATE \"template0\" ENCODING 'UTF8' "
                + "LC_COLLATE 'de_DE.UTF-8' LC_CTYPE 'de_DE.UTF-8';\n")
        postgres.state.withLock { $0.databases["shop"]?.owner = "postgres" }
        #expect(try await fake.obeysLaw(database).reason == "owner postgres → shop")
        #expect(statements.last == "ALTER DATABASE \"shop\" OWNER TO \"shop\";\n")
        postgres.state.withLock { $0.databases["shop"]?.locale = "de_DE.utf8" }
        #expect(try await fake.check(database) == .satisfied)
        postgres.state.withLock { $0.databases["shop"]?.encoding = "LATIN1" }
        let failure = await #expect(throws: Failure.self) { try await fake.check(database) }
        #expect(failure?.message.contains("the encoding LATIN1, and UTF8 is declared") == true)
    }

    @Test func `an extension is made in its database`() async throws {
        let trigrams = Postgres.Extension("pg_trgm", in: "shop")
        #expect(try await fake.check(trigrams) == .unknown(until: "there is a database shop"))
        try await fake.obeysLaw(Postgres.Database("shop"))
        try await fake.obeysLaw(trigrams)
        #expect(postgres.state.withLock { $0.extensions } == ["shop": ["pg_trgm"]])
        #expect(fake.commands.log.contains { $0.hasSuffix("'--dbname=dbname='\\''shop'\\'''") })
    }

    @Test func `privileges are granted and revoked`() async throws {
        postgres.state.withLock { $0.databases["shop"] = ("shop", "UTF8", "C") }
        try await fake.obeysLaw(Postgres.Role("reports", attributes: []))
        let grants = [
            Postgres.Grant(.connect, .temporary, on: .database("shop"), to: "reports"),
            Postgres.Grant(.usage, on: .schema("public", in: "shop"), to: "PUBLIC"),
            Postgres.Grant(.select, .insert, on: .tables(of: "public", in: "shop"), to: "reports"),
        ]
        for grant in grants { try await fake.obeysLaw(grant) }
        #expect(
            statements.last == """
                BEGIN;
                GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA "public" TO "reports";
                ALTER DEFAULT PRIVILEGES FOR ROLE "shop" IN SCHEMA "public" GRANT SELECT, INSERT ON TABLES TO "reports";
                COMMIT;

                """)
        // A table that somebody else made.
        postgres.state.withLock { _ = $0.granted.remove("INSERT|all TABLES|reports") }
        #expect(try await fake.check(grants[2]) == .unmet("grant insert"))
        for grant in grants { try await fake.obeysLaw(grant.reverted()) }
        #expect(postgres.state.withLock { $0.granted.isEmpty })
    }

    @Test func `a server that is missing or does not run may still come`() async throws {
        let other = FakeMachine()
        #expect(try await other.check(Postgres.Role("a")) == .unknown(until: "there is a PostgreSQL server"))
        let stopped = FakePostgres(isRunning: false)
        let check = try await stopped.fake.check(Postgres.Role("a"))
        #expect(check == .unknown(until: "postgresql@15-main.service runs"))
        #expect(stopped.fake.commands.log.isEmpty)
        #expect(try await stopped.fake.obeysLaw(Postgres.Cluster()).reason == "start postgresql@15-main.service")
    }

    @Test func `an error of the server is shown without its output`() async throws {
        fake.commands.program("runuser") { _ in
            CommandResult(ending: .exited(3), output: Array("SCRAM-SHA-256$x".utf8), errors: Array("ERROR: no\n".utf8))
        }
        let failure = await #expect(throws: Failure.self) { try await fake.check(Postgres.Role("a")) }
        #expect(failure?.output == ["ERROR: no"])
    }

    static let flawed: [any Property] = [
        Postgres.Role(""), Postgres.Role("a\nb"), Postgres.Role(String(repeating: "a", count: 64)),
        Postgres.Role("public"), Postgres.Role("pg_x"), Postgres.Role("postgres"),
        Postgres.Role("a", connectionLimit: -2), Postgres.Database("a", encoding: "UTF8'; --"),
        Postgres.Database("a\0"), Postgres.Extension("", in: "a"), Postgres.Grant(on: .database("a"), to: "b"),
        Postgres.Grant(.select, on: .database("a"), to: "b"), Postgres.Settings([:]),
        Postgres.Settings(["a b": "1"]), Postgres.Settings(["a": "1\n2"]), Postgres.Settings(["hba_file": "/x"]),
        Postgres.Settings(["a": "1"], id: "../x"), Postgres.Access([.init(.host, .md5)]),
        Postgres.Access([.init(.local, from: "10.0.0.0/8", .peer)]),
        Postgres.Access([.init(.local, users: ["a\" all trust"], .peer)]),
        Postgres.Access([.init(.local, users: ["a\"\u{301} all trust"], .peer)]),
        Postgres.Access([.init(.host, from: "0.0.0.0/0 trust", .md5)]),
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
