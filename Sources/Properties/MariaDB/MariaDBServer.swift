/// The state of the MariaDB server. One client answers for all properties.
struct MariaDBServer: MachineFact {
    private let entries: [JSON]

    static let socket: FilePath = "/run/mysqld/mysqld.sock"

    private static let question = """
        SELECT JSON_OBJECT('kind', 'user', 'name', User, 'host', Host, 'plugin', JSON_VALUE(Priv, '$.plugin'),
          'hash', JSON_VALUE(Priv, '$.authentication_string'),
          'also', CAST(JSON_QUERY(Priv, '$.auth_or') AS CHAR)) FROM mysql.global_priv;
        SELECT JSON_OBJECT('kind', 'database', 'name', SCHEMA_NAME, 'charset', DEFAULT_CHARACTER_SET_NAME,
          'collation', DEFAULT_COLLATION_NAME) FROM information_schema.SCHEMATA;
        SELECT JSON_OBJECT('kind', 'grant', 'to', GRANTEE, 'privilege', PRIVILEGE_TYPE)
          FROM information_schema.USER_PRIVILEGES;
        SELECT JSON_OBJECT('kind', 'grant', 'to', GRANTEE, 'database', TABLE_SCHEMA, 'privilege', PRIVILEGE_TYPE)
          FROM information_schema.SCHEMA_PRIVILEGES;
        SELECT JSON_OBJECT('kind', 'grant', 'to', GRANTEE, 'database', TABLE_SCHEMA, 'table', TABLE_NAME,
          'privilege', PRIVILEGE_TYPE) FROM information_schema.TABLE_PRIVILEGES;
        SELECT JSON_OBJECT('kind', 'all', 'level', LOWER(TABLE_NAME), 'count', COUNT(*))
          FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'mysql' AND TABLE_NAME = 'db'
          AND COLUMN_NAME LIKE '%\\_priv' AND COLUMN_NAME <> 'Grant_priv' GROUP BY TABLE_NAME;

        """

    /// - Throws: ``Undetermined`` if there is no server, or it does not run.
    static func read(from machine: Machine) async throws -> MariaDBServer {
        guard try isInstalled(on: machine) else { throw Undetermined(until: "MariaDB is installed") }
        guard try machine.files.status(of: socket) != nil else { throw Undetermined(until: "mariadb.service runs") }
        let text = try await ask(question, on: machine)
        return MariaDBServer(
            entries: try text.nonEmptyLines.map { line in
                do { return try JSON(parsing: Array(line.utf8)) } catch {
                    throw Failure("unexpected answer of MariaDB", advice: "`systemctl status mariadb` shows more.")
                }
            })
    }

    private static func isInstalled(on machine: Machine) throws -> Bool {
        try machine.files.status(of: "/usr/sbin/mariadbd") != nil
    }

    /// The state of the server, for what should not be there; nil if the machine has no server.
    /// - Throws: ``Undetermined`` if a package may bring one, or if it does not run.
    static func present(on machine: Machine) async throws -> MariaDBServer? {
        guard try !isInstalled(on: machine) else { return try await machine.fact(self) }
        try machine.awaitPackages()
        return nil
    }

    private func entries(_ kind: String) -> [JSON] { entries.filter { $0["kind"]?.string == kind } }

    /// A user, by name and host; nil if it does not exist.
    func user(_ name: String, at host: String) -> JSON? {
        entries("user").first { $0["name"]?.string == name && $0["host"]?.string == host }
    }

    /// A database; nil if it does not exist.
    func database(_ name: String) -> JSON? { entries("database").first { $0["name"]?.string == name } }

    /// The privileges that a user has on exactly this.
    func privileges(of user: String, at host: String, on database: String?, table: String?) -> Set<String> {
        // The server does not quote the name in it.
        let grantee = "'\(user)'@'\(host)'"
        let names: Set<String?> = database.map { [$0, MariaDBSQL.pattern($0)] } ?? [nil]
        return Set(
            entries("grant").filter {
                $0["to"]?.string == grantee && names.contains($0["database"]?.string) && $0["table"]?.string == table
            }.compactMap { $0["privilege"]?.string })
    }

    /// The number of the privileges that ALL stands for.
    func all(on database: String?, table: String?) -> Int {
        // root may grant what root has.
        if database == nil { return privileges(of: "root", at: "localhost", on: nil, table: nil).count }
        return entries("all").first?["count"]?.integer ?? .max
    }

    /// Runs SQL as root, over the socket.
    /// - Parameters:
    ///   - sql: it is passed on the standard input.
    ///   - isSecret: whether nothing of a failure is shown.
    ///   - machine: the machine.
    /// - Returns: the output.
    /// - Throws: ``Failure`` with what the server says.
    @discardableResult
    static func ask(_ sql: String, isSecret: Bool = false, on machine: Machine) async throws -> String {
        // Strings mean the same whatever the server's settings, and hashes of passwords are in no log of queries.
        let input = "SET SESSION sql_mode = '', sql_log_off = 1;\n" + sql
        let command = Invocation(
            "mariadb", ["--batch", "--raw", "--skip-column-names", "--user=root", "--socket=\(socket)"],
            input: Array(input.utf8), timeout: .minutes(30))
        let result = try await machine.run(command)
        guard !result.succeeded else { return result.text }
        throw Failure(
            "MariaDB refused \(isSecret ? "a statement with a secret; its answer is not shown" : "a statement")",
            command: command.description, ending: result.ending.description,
            output: isSecret ? [] : Failure.lastLines(of: result.errors),
            advice: "`systemctl status mariadb` and /var/log/mysql on the machine show more.")
    }
}

/// The quoting of SQL for MariaDB.
enum MariaDBSQL {
    /// A name in SQL.
    static func name(_ text: String) -> String { "`\(Escaping.doubling("`").escape(text))`" }

    /// A string in SQL.
    static func string(_ text: String) -> String {
        "'\(Escaping.backslash(before: "'\\").escape(text))'"
    }

    static func user(_ name: String, at host: String) -> String { "\(string(name))@\(string(host))" }

    /// The name of a database where the server takes `_` and `%` for wildcards: in a grant.
    static func pattern(_ database: String) -> String {
        Escaping.backslash(before: "_%").escape(database)
    }

    /// - Throws: ``Failure`` if nothing can have the name.
    static func validate(_ name: String, _ what: String) throws {
        guard 1...64 ~= name.utf8.count, !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }),
            name.trimmed == name
        else {
            throw Failure(
                "invalid name of \(what) “\(name.escaped)”", advice: "Use 1 to 64 characters, and no control character."
            )
        }
    }
}
