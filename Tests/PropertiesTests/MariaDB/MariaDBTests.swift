import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct MariaDBTests {
    private let server = FakeMariaDB()
    private var fake: FakeMachine { server.fake }
    private var statements: [String] { server.statements.withLock { $0 } }

    private func run(_ plaintext: String, version: String = "1") -> FakeMachine {
        fake.run(
            with: Secrets(versions: ["db": version]) { _ in ["db": try SecretBytes(copying: Array(plaintext.utf8))] })
    }
    private var plain: FakeMachine { fake.run(with: Secrets(versions: ["db": "1"])) }

    /// FIPS 180-4, and a message of more than a block.
    @Test func `SHA-1 is that of the standard`() {
        func hex(_ text: String) -> String {
            SHA1.hash(text.utf8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        #expect(hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(
            hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    }

    // MARK: Users

    private let user = MariaDB.User("shop", password: Secret("db"))

    @Test func `a password reaches the server as a hash only`() async throws {
        let change = try await run("secret\n").obeysLaw(user)
        #expect(change == Change(reason: "create", secrets: [Secret("db")]))
        // What PASSWORD('secret') of a server prints.
        let hash = "*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"
        #expect(
            statements == [
                "CREATE USER 'shop'@'localhost' IDENTIFIED VIA mysql_native_password USING '\(hash)';"
            ])
        #expect(!fake.commands.log.joined().contains(hash))
        #expect(try await plain.check(user) == .satisfied)
    }

    @Test func `a password that somebody changed is set again`() async throws {
        try await run("secret").obeysLaw(user)
        server.state.withLock { $0.users["shop@localhost"]?.hash = "*00" }
        #expect(try await plain.check(user) == .unmet("another password", secrets: [Secret("db")]))
        try await run("secret").obeysLaw(user)
        server.state.withLock { $0.users["shop@localhost"] = .init(plugin: "unix_socket") }
        #expect(try await plain.check(user) == .unmet("set the password", secrets: [Secret("db")]))
        try await run("secret").obeysLaw(user)
        #expect(statements.count == 3)
    }

    @Test func `a password that is right already is left as it is`() async throws {
        server.state.withLock {
            $0.users["shop@localhost"] = .init(
                plugin: "mysql_native_password", hash: "*14E65567ABDB5135D0CFD9A70B3032C179A49EE7")
        }
        guard case .unknown = try await plain.check(user) else {
            Issue.record("a plaintext is needed")
            return
        }
        let run = run("secret")
        try await run.machine.secrets.fetch([Secret("db")])
        #expect(try await run.check(user) == .satisfied)
        #expect(try await plain.check(user) == .satisfied && statements.isEmpty)
    }

    /// The server quotes the statement that it refuses.
    @Test func `a refused statement with a password is not shown`() async throws {
        let machine = run("secret")
        fake.commands.program("mariadb") { command in
            let statement = String(decoding: command.input, as: UTF8.self)
            return statement.contains("SELECT JSON_OBJECT")
                ? .printing() : .failing(1, "ERROR 1064 (42000): near “\(statement)”\n")
        }
        let failure = await #expect(throws: Failure.self) { try await user.apply(on: machine.machine) }
        #expect(failure?.message.contains("its answer is not shown") == true)
        #expect(failure?.output == [] && failure.map { !"\($0)".contains("*14E65567") } == true)
    }

    @Test func `a user may log in over the socket`() async throws {
        try await fake.obeysLaw(MariaDB.User("app", authentication: .socket))
        #expect(statements == ["CREATE USER 'app'@'localhost' IDENTIFIED VIA unix_socket;"])
        #expect(try await fake.check(MariaDB.User("app", host: "%", authentication: .socket)) == .unmet("create"))
    }

    // MARK: Databases and privileges

    @Test func `a database is made, and its character set repaired`() async throws {
        let database = MariaDB.Database("shop", charset: "utf8mb4", collation: "utf8mb4_bin")
        try await fake.obeysLaw(database)
        #expect(statements == ["CREATE DATABASE `shop` CHARACTER SET 'utf8mb4' COLLATE 'utf8mb4_bin';"])
        server.state.withLock { $0.databases["shop"]?.charset = "latin1" }
        #expect(try await fake.obeysLaw(database).reason == "character set latin1 → utf8mb4")
        #expect(try await fake.check(MariaDB.Database("shop")) == .satisfied)
    }

    @Test func `privileges are granted and revoked`() async throws {
        let all = MariaDB.Grant(.all, on: .database("my_shop"), to: "app")
        #expect(try await fake.check(all) == .unknown(until: "there is a MariaDB user app@localhost"))
        try await fake.obeysLaw(MariaDB.User("app", authentication: .socket))
        let grants = [
            all, MariaDB.Grant("RELOAD", on: .everything, to: "app"),
            MariaDB.Grant(.select, "LOCK TABLES", on: .database("wiki"), to: "app"),
            MariaDB.Grant(.select, on: .table("a_b", in: "my_shop"), to: "app"),
        ]
        for grant in grants { try await fake.obeysLaw(grant) }
        #expect(
            statements.dropFirst() == [
                "GRANT ALL PRIVILEGES ON `my\\_shop`.* TO 'app'@'localhost';",
                "GRANT RELOAD ON *.* TO 'app'@'localhost';",
                "GRANT SELECT, LOCK TABLES ON `wiki`.* TO 'app'@'localhost';",
                "GRANT SELECT ON `my_shop`.`a_b` TO 'app'@'localhost';",
            ])
        server.state.withLock { _ = $0.granted.remove("INSERT|my\\_shop||'app'@'localhost'") }
        #expect(try await fake.check(all) == .unmet("grant all privileges"))
        for grant in grants { try await fake.obeysLaw(grant.reverted()) }
    }

    @Test func `privileges on a database of a similar name are others`() async throws {
        try await fake.obeysLaw(MariaDB.User("app", authentication: .socket))
        server.state.withLock { _ = $0.granted.insert("SELECT|shop2||'app'@'localhost'") }
        server.state.withLock { _ = $0.granted.insert("SELECT|shop||'app'@'%'") }
        server.state.withLock { _ = $0.granted.insert("SELECT|shop|t|'app'@'localhost'") }
        #expect(
            try await fake.check(MariaDB.Grant(.select, on: .database("shop"), to: "app")) == .unmet("grant select"))
    }

    @Test func `names are quoted, whatever they are`() {
        #expect(MariaDBSQL.name("a`; DROP") == "`a``; DROP`")
        #expect(MariaDBSQL.user("a'\\", at: "%") == "'a\\'\\\\'@'%'")
        #expect(MariaDBSQL.pattern("a_b%") == "a\\_b\\%")
        let mark = "\u{301}"
        // A combining mark hides none of them.
        #expect(Array(MariaDBSQL.name("`\(mark)").utf8) == Array("```\(mark)`".utf8))
        #expect(Array(MariaDBSQL.string("'\(mark)\\\(mark)").utf8) == Array("'\\'\(mark)\\\\\(mark)'".utf8))
        #expect(Array(MariaDBSQL.pattern("_\(mark)%\(mark)").utf8) == Array("\\_\(mark)\\%\(mark)".utf8))
    }

    @Test func `one question answers for all properties`() async throws {
        _ = try await user.check(on: fake.machine)
        _ = try await MariaDB.Database("shop").check(on: fake.machine)
        #expect(fake.commands.log.count == 1)
    }

    @Test func `settings are validated before they are in place`() async throws {
        let settings = MariaDB.Settings.DropIn(
            values: ["max_connections": "200", "skip_name_resolve": ""], id: "propel")
        try await fake.obeysLaw(settings)
        #expect(
            fake.files.text(at: "/etc/mysql/mariadb.conf.d/zz-propel.cnf")
                == "[mariadbd]\nmax_connections = 200\nskip_name_resolve\n")
        fake.commands.program("/usr/sbin/mariadbd", status: 7, errors: "unknown variable\n")
        let before = fake.files.snapshot
        await #expect(throws: CommandFailure.self) {
            try await MariaDB.Settings.DropIn(values: ["x": "1"], id: "propel").apply(on: fake.machine)
        }
        #expect(fake.files.text(at: "/etc/mysql/mariadb.conf.d/zz-propel.cnf")?.contains("max") == true)
        #expect(
            before.keys.sorted { $0.string < $1.string } == fake.files.snapshot.keys.sorted { $0.string < $1.string })
    }

    @Test func `settings go again, and the server is restarted`() async throws {
        let settings = MariaDB.Settings(["max_connections": "200"])
        _ = FakeSystemd(fake, ["mariadb.service": .init(active: "active", file: "enabled")])
        try await fake.obeysLaw(MariaDB.Settings.DropIn(values: settings.values, id: settings.id))
        let host = Host("x", runs: Debian.self) { settings.reverted() }
        fake.machine.forgetFacts()
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && run[.changed] == 2)
        #expect(fake.files["/etc/mysql/mariadb.conf.d/zz-propel.cnf"] == nil)
        #expect(fake.commands.log.contains { $0.hasPrefix("systemctl restart") })
        // One whose package is absent too.
        try await fake.obeysLaw(MariaDB.Settings.DropIn(values: settings.values, id: settings.id))
        _ = FakeSystemd(fake)
        fake.machine.forgetFacts()
        #expect(await Engine(host: host, machine: fake.machine) { _ in }.enforce()[.failed] == 0)
    }

    @Test func `a server may still come`() async throws {
        #expect(try await FakeMachine().check(user) == .unknown(until: "MariaDB is installed"))
        try fake.files.remove("/run/mysqld/mysqld.sock")
        #expect(try await fake.check(user) == .unknown(until: "mariadb.service runs"))
    }

    static let flawed: [any Property] = [
        MariaDB.User("", authentication: .socket), MariaDB.User("a\n", authentication: .socket),
        MariaDB.User("root", password: Secret("db")), MariaDB.Database("a", charset: "x'; --"), MariaDB.Database(" a"),
        MariaDB.Grant(on: .everything, to: "a"), MariaDB.Grant("SELECT ON *.*; --", on: .everything, to: "a"),
        MariaDB.Grant(.all, on: .table("t", in: "d"), to: "a"),
        MariaDB.Settings.DropIn(values: [:], id: "propel"),
        MariaDB.Settings.DropIn(values: ["a": "1\n[client]"], id: "x"),
        MariaDB.Settings.DropIn(values: ["a": "1"], id: "../x"),
    ]

    @Test(arguments: flawed.indices) func `an invalid declaration is a problem, and is not applied`(
        _ index: Int
    ) async throws {
        let property = Self.flawed[index]
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }

    @Test(arguments: Fault.allCases) func `what a fault has cut is finished`(_ fault: Fault) async throws {
        try await FakeMachine.verify(MariaDB.User("a", authentication: .socket), survives: fault) { FakeMariaDB().fake }
        try await FakeMachine.verify(
            MariaDB.Settings.DropIn(values: ["a": "1"], id: "x"), survives: fault
        ) { FakeMariaDB().fake }
    }
}
