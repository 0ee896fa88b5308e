import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct MariaDBAbsentTests {
    private let server = FakeMariaDB()
    private var fake: FakeMachine { server.fake }
    private var statements: [String] { server.statements.withLock { $0 } }
    private static let directory: FilePath = "/var/backups/mariadb"
    private let database = MariaDB.Database.Absent("shop")

    private func hasShop() { server.state.withLock { $0.databases["shop"] = ("utf8mb4", "utf8mb4_bin") } }
    private var isThere: Bool { server.state.withLock { $0.databases["shop"] != nil } }

    @Test func `a database is removed once its dump is whole`() async throws {
        hasShop()
        #expect(try await fake.obeysLaw(database).reason == "dump it to /var/backups/mariadb, and remove it")
        let path = Self.directory.appending("shop-19700124T033320Z.sql")
        #expect(fake.files.text(at: path) == "-- shop\n")
        #expect(fake.files[path]?.status.mode == 0o600 && fake.files[path]?.status.owner == .root)
        #expect(fake.machine.followUps == ["the MariaDB database shop is in \(path): keep it, or remove it"])
        #expect(statements == ["DROP DATABASE `shop`;"])
        try fake.operations.require(order: ["mariadb-dump", "sync -- ", "replace \(path)"])
        #expect(
            fake.commands.log.contains(
                "mariadb-dump --user=root --socket=/run/mysqld/mysqld.sock --single-transaction --routines --events "
                    + "--triggers --hex-blob --result-file=/var/backups/mariadb/.shop.sql.propel --databases -- shop"))
    }

    @Test func `a database goes after its dump has its name`() async throws {
        hasShop()
        fake.inject(.kill, afterFirst: "replace \(Self.directory)/shop-")
        await #expect(throws: (any Error).self) { try await database.apply(on: fake.machine) }
        #expect(fake.operations.isDown && isThere)
    }

    @Test func `a database that cannot be dumped, or that a program uses, stays`() async throws {
        hasShop()
        fake.commands.program("mariadb-dump", status: 2, errors: "error: 2013\n")
        await #expect(throws: CommandFailure.self) { try await database.apply(on: fake.machine) }
        // One that writes nothing.
        fake.commands.program("mariadb-dump")
        let empty = await #expect(throws: Failure.self) { try await database.apply(on: fake.machine) }
        #expect(empty?.message == "the dump of the MariaDB database shop is empty")
        server.sessions.withLock { $0 = ["app"] }
        let used = await #expect(throws: Failure.self) { try await database.apply(on: fake.machine) }
        #expect(used?.message == "programs use the MariaDB database shop, as app")
        #expect(isThere && statements.isEmpty)
        #expect(try fake.files.list(Self.directory).isEmpty)
    }

    @Test func `a database that a program begins to use while it is dumped stays`() async throws {
        hasShop()
        let sessions = server
        fake.commands.program("mariadb-dump") { [fake] command in
            let option = command.arguments.first { $0.hasPrefix("--result-file=") } ?? ""
            fake.files.put(FilePath(String(option.dropFirst(14))), "-- shop\n", mode: 0o600)
            sessions.sessions.withLock { $0 = ["app"] }
            return .printing()
        }
        await #expect(throws: Failure.self) { try await database.apply(on: fake.machine) }
        #expect(isThere && statements.isEmpty)
    }

    @Test func `a user is removed with their privileges, and no other`() async throws {
        server.state.withLock {
            $0.users["shop@localhost"] = .init(plugin: "unix_socket")
            $0.users["shop@%"] = .init(plugin: "unix_socket")
            $0.granted.insert("SELECT|shop||'shop'@'localhost'")
        }
        #expect(try await fake.obeysLaw(MariaDB.User.Absent("shop")).reason == "remove")
        #expect(statements == ["DROP USER 'shop'@'localhost';"])
        #expect(try await fake.check(MariaDB.User.Absent("shop", host: "%")) == .unmet("remove"))
    }

    @Test func `a machine without a server has neither`() async throws {
        #expect(try await FakeMachine().check(database) == .satisfied)
        #expect(try await FakeMachine().check(MariaDB.User.Absent("shop")) == .satisfied)
        try fake.files.remove("/run/mysqld/mysqld.sock")
        #expect(try await fake.check(database) == .unknown(until: "mariadb.service runs"))
    }

    @Test func `present and absent conflict`() {
        let host = Host("x", runs: Debian.self) {
            MariaDB.Database("shop")
            database
            MariaDB.User("shop", authentication: .socket)
            MariaDB.User.Absent("shop")
        }
        #expect(host.conflicts.count == 2)
    }

    static let flawed: [any Property] = [
        MariaDB.Database.Absent("mysql"), MariaDB.Database.Absent("SYS"), MariaDB.Database.Absent(""),
        MariaDB.Database.Absent("a", dumpedTo: "backups"), MariaDB.User.Absent("root"), MariaDB.User.Absent("a\n"),
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
