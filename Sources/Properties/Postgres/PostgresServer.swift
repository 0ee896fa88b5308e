/// The state of the PostgreSQL server. One psql answers for all properties.
struct PostgresServer: MachineFact {
    let cluster: PostgresCluster
    /// The answer of the server about itself; nil if it does not run.
    private let answer: JSON?
    /// The contents of the announced databases.
    private let contents: [String: JSON]

    static func read(from machine: Machine) async throws -> PostgresServer {
        let cluster = try PostgresCluster.find(on: machine)
        guard cluster.socket != nil else { return PostgresServer(cluster: cluster, answer: nil, contents: [:]) }
        let databases = machine.expected(of: PostgresServer.self)
        let text = try await cluster.ask(PostgresQuery.text(databases), on: machine)
        let answers = try text.nonEmptyLines.map { line in
            do { return try JSON(parsing: Array(line.utf8)) } catch {
                throw Failure("unexpected answer of PostgreSQL", advice: "`pg_lsclusters` on the machine shows more.")
            }
        }
        var contents: [String: JSON] = [:]
        for answer in answers.dropFirst() { contents[answer["database"]?.string ?? ""] = answer }
        return PostgresServer(cluster: cluster, answer: answers.first, contents: contents)
    }

    /// The state of the server, for what should not be there; nil if the machine has no server.
    /// - Throws: ``Undetermined`` if a package may bring one.
    static func present(on machine: Machine) async throws -> PostgresServer? {
        guard try PostgresCluster.all(on: machine).isEmpty else { return try await machine.fact(self) }
        try machine.awaitPackages()
        return nil
    }

    private func require(_ key: String) throws -> [JSON] {
        guard let answer else { throw Undetermined(until: "\(cluster.unit) runs") }
        return answer[key]?.array ?? []
    }

    var isRunning: Bool { answer != nil }

    /// A role (`pg_authid`); nil if it does not exist.
    /// - Throws: ``Undetermined`` if the server does not run, as all that follow.
    func role(_ name: String) throws -> JSON? { try require("roles").first { $0["name"]?.string == name } }

    /// A database (`pg_database`); nil if it does not exist.
    func database(_ name: String) throws -> JSON? { try require("databases").first { $0["name"]?.string == name } }

    /// The content of a database that was announced.
    /// - Throws: ``Undetermined`` if there is no such database.
    func content(of database: String) throws -> JSON {
        guard try self.database(database) != nil, let content = contents[database] else {
            throw Undetermined(until: "there is a database \(database)")
        }
        return content
    }

    /// The last file that sets a value for a setting; nil if none does.
    func file(setting name: String) throws -> String? {
        try require("settings").last { $0["name"]?.string == name }?["file"]?.string
    }

    /// The settings that only count after a restart.
    func restartSettings() throws -> Set<String> { Set(try require("restart").compactMap(\.string)) }
    /// The settings whose new value waits for a restart.
    func pendingSettings() throws -> Set<String> { Set(try require("pending").compactMap(\.string)) }

    /// Whether the server has read its configuration after a file of it was written.
    func hasLoaded(_ file: FileStatus) throws -> Bool {
        _ = try require("roles")
        let written = file.modified.seconds * 1_000_000 + file.modified.nanoseconds / 1000
        return (answer?["loaded"]?.integer ?? 0) >= written
    }

    /// - Throws: ``Undetermined`` if there is no such role.
    func requireRole(_ name: String) throws {
        guard try role(name) != nil else { throw Undetermined(until: "there is a role \(name) in PostgreSQL") }
    }
}

extension PostgresCluster {
    /// Runs SQL as the superuser, over the socket, for which no password is needed.
    /// - Parameters:
    ///   - sql: it is passed on the standard input.
    ///   - database: the database; `postgres` by default.
    ///   - isSecret: whether nothing of a failure is shown.
    /// - Returns: the output.
    /// - Throws: ``Failure`` with what the server says.
    @discardableResult
    func ask(
        _ sql: String, in database: String = "postgres", isSecret: Bool = false, on machine: Machine
    ) async throws -> String {
        var command = try client(
            "psql", ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"], to: database)
        command.input = Array(sql.utf8)
        command.timeout = .minutes(30)
        let result = try await machine.run(command)
        guard !result.succeeded else { return result.text }
        // Not the output: hashes of passwords may be in it.
        throw Failure(
            "PostgreSQL refused \(isSecret ? "a statement with a secret; its answer is not shown" : "a statement")",
            command: command.description, ending: result.ending.description,
            output: isSecret ? [] : Failure.lastLines(of: result.errors),
            advice: "`pg_lsclusters` and `journalctl -u \(unit)` on the machine show more.")
    }

    /// A client of the server's version as the superuser, over the socket, for which no password is needed.
    /// - Throws: ``Undetermined`` if the server does not run.
    func client(_ name: String, _ options: [String], to database: String) throws -> Invocation {
        guard let socket else { throw Undetermined(until: "\(unit) runs") }
        return Invocation(
            "runuser",
            ["--user", "postgres", "--", program(name)] + options + [
                "--no-password", "--host=\(socket.directory)", "--port=\(socket.port)",
                "--dbname=\(PostgresSQL.connection(to: database))",
            ], environment: ["HOME": "/nonexistent", "PGAPPNAME": "propel", "PGCLIENTENCODING": "UTF8"])
    }

    /// Has the server read its configuration, and waits until it has.
    func reload(for file: FilePath, on machine: Machine) async throws {
        try await ask("SELECT pg_reload_conf();\n", on: machine)
        for _ in 0..<50 {
            machine.forgetFacts()
            guard let status = try machine.files.status(of: file),
                try await !machine.fact(PostgresServer.self).hasLoaded(status)
            else { return }
            try await ask("SELECT pg_sleep(0.1);\n", on: machine)
        }
        throw Failure(
            "PostgreSQL did not read its configuration again",
            advice: "`journalctl -u \(unit)` on the machine shows why.")
    }
}
