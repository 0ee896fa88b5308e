import Foundation
import PropelTesting
import Testing

@testable import Propel
@testable import Properties

/// The commands that dump and restore databases, run by a real shell with programs that only write down what they get.
@Suite struct DatabaseDumpTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func program(
        _ name: String, _ script: String = "printf '%s\\n' \"$(basename \"$0\") $* $MYSQL_PWD\""
    ) throws {
        try writeProgram("#!/bin/sh\n\(script)\n", to: "\(directory.path)/\(name)")
    }

    private func run(_ words: [String], _ environment: [String: String]) async throws -> String {
        let result = try await LocalCommands().run(
            Invocation(
                words[0], Array(words.dropFirst()),
                environment: environment.merging(["PATH": directory.path + ":/usr/bin:/bin"]) { $1 }))
        #expect(result.succeeded, "\(String(decoding: result.errors, as: UTF8.self))")
        return result.text.trimmed
    }

    private func words(_ backup: VolumeBackup) throws -> (dump: [String], restore: [String]) {
        guard case .dump(let dump, let restore) = backup else { throw Failure("no dump") }
        return (dump, restore)
    }

    private static let options =
        "--single-transaction --quick --routines --triggers --events --hex-blob --no-tablespaces "
        + "--default-character-set=utf8mb4 --"

    @Test func `the password of MySQL comes from the environment`() async throws {
        try program("mysqldump")
        try program("mysql")
        try program("mysqladmin", "exit 0")
        let commands = try words(.mysql(database: "it's $(x)"))
        #expect(!(commands.dump + commands.restore).joined().contains("secret"))
        let password = "it's \"$HOME\" `x` \\"
        #expect(
            try await run(commands.dump, ["MYSQL_ROOT_PASSWORD": password])
                == "mysqldump --set-gtid-purged=OFF --user=root \(Self.options) it's $(x) \(password)")
        #expect(
            try await run(commands.restore, ["MYSQL_ROOT_PASSWORD": password])
                == "mysql --user=root --default-character-set=utf8mb4 --database=it's $(x) \(password)")
    }

    @Test func `another user, and a password in a file`() async throws {
        try program("mysqldump")
        let file = "\(directory.path)/password"
        try "from a file\n".write(toFile: file, atomically: false, encoding: .utf8)
        let dump = try words(.mysql(database: "shop", user: "app")).dump
        #expect(
            try await run(dump, ["MYSQL_ROOT_PASSWORD": "root's", "MYSQL_PASSWORD_FILE": file]).hasSuffix(
                "--user=app \(Self.options) shop from a file"))
    }

    @Test func `programs of MariaDB are used, and the former ones where there are no others`() async throws {
        try program("mysqldump")
        let commands = try words(.mariadb(database: "shop"))
        let environment = ["MYSQL_ROOT_PASSWORD": "former"]
        #expect(
            try await run(commands.dump, environment) == "mysqldump --user=root \(Self.options) shop former")
        try program("mariadb-dump")
        #expect(
            try await run(commands.dump, environment.merging(["MARIADB_ROOT_PASSWORD": "new"]) { $1 })
                == "mariadb-dump --user=root \(Self.options) shop new")
    }

    /// The server that initializes a directory does not listen to TCP.
    @Test func `a restore waits for the server`() async throws {
        try program("mariadb")
        try program("sleep", "exit 0")
        try program(
            "mariadb-admin",
            "cd \(directory.path); [ -e up ] || { touch up; exit 1; }; echo \"$*\" > asked"
        )
        let restore = try words(.mariadb(database: "shop")).restore
        #expect(
            try await run(restore, [:]) == "mariadb --user=root --default-character-set=utf8mb4 --database=shop")
        #expect(
            try String(contentsOfFile: "\(directory.path)/asked", encoding: .utf8)
                == "--protocol=tcp --host=127.0.0.1 --silent ping\n")
    }

    /// All files at one moment, as after a power cut.
    @Test func `SQLite is archived while its containers are paused`() {
        #expect(VolumeBackup.sqlite == .archive(while: .paused))
    }
}
