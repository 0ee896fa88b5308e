import Propel
import PropelTesting
import Synchronization

/// A MariaDB server in memory: the statements of Propel that it understands.
final class FakeMariaDB: Sendable {
    struct User {
        var plugin: String
        var hash = ""
    }

    struct State {
        /// By “name@host”.
        var users = ["root@localhost": User(plugin: "unix_socket")]
        var databases: [String: (charset: String, collation: String)] = [:]
        /// “PRIVILEGE|database|table|'user'@'host'”
        var granted: Set<String> = ["SELECT|||'root'@'localhost'", "RELOAD|||'root'@'localhost'"]
    }

    /// The users of databases that programs use.
    let sessions = Mutex<[String]>([])
    let fake: FakeMachine
    let state = Mutex(State())
    let statements = Mutex<[String]>([])

    init(_ fake: FakeMachine = FakeMachine()) {
        self.fake = fake
        fake.files.put("/usr/sbin/mariadbd", "", mode: 0o755)
        fake.files.put(directory: "/etc/mysql/mariadb.conf.d")
        fake.atBoot { fake.files.put("/run/mysqld/mysqld.sock", "") }
        fake.files.put("/run/mysqld/mysqld.sock", "")
        fake.commands.program("/usr/sbin/mariadbd")
        fake.commands.program("sync")
        fake.commands.program("mariadb-dump") { command in
            let option = command.arguments.first { $0.hasPrefix("--result-file=") } ?? ""
            let path = FilePath(String(option.dropFirst("--result-file=".count)))
            guard let status = fake.files[path]?.status else { return .failing(2, "no file\n") }
            fake.files.put(path, "-- \(command.arguments.last ?? "")\n", mode: status.mode, owner: status.owner)
            return .printing()
        }
        fake.commands.program("mariadb") { [self] command in
            let lines = String(decoding: command.input, as: UTF8.self).lines.dropFirst().map(String.init)
            if lines.first?.hasPrefix("SELECT JSON_OBJECT") == true { return .printing(description) }
            if lines.first?.contains("PROCESSLIST") == true {
                return .printing(sessions.withLock { $0.map { $0 + "\n" }.joined() })
            }
            statements.withLock { $0 += lines.filter { !$0.isEmpty } }
            return state.withLock { state in
                for line in lines where !line.isEmpty {
                    if let error = execute(line, &state) { return .failing(1, "ERROR 1 (42000): \(error)\n") }
                }
                return .printing()
            }
        }
    }

    private func execute(_ line: String, _ state: inout State) -> String? {
        let texts = Self.parts(line, "'"), names = Self.parts(line, "`"),
            words = line.split(separator: " ").map(String.init)
        switch (words[0], words[1]) {
        case ("CREATE", "USER"), ("ALTER", "USER"):
            let key = "\(texts[0])@\(texts[1])"
            guard (state.users[key] == nil) == (words[0] == "CREATE") else { return "Operation failed" }
            let plugin = words[5].filter { $0 != ";" }
            state.users[key] = User(plugin: plugin, hash: texts.count > 2 ? texts[2] : "")
        case ("CREATE", "DATABASE"), ("ALTER", "DATABASE"):
            let present = state.databases[names[0]] ?? ("latin1", "latin1_swedish_ci")
            state.databases[names[0]] = (
                words.contains("CHARACTER") ? texts[0] : present.charset,
                words.contains("COLLATE") ? texts.last ?? "" : present.collation
            )
        case ("DROP", "USER"):
            let key = "\(texts[0])@\(texts[1])"
            guard state.users.removeValue(forKey: key) != nil else { return "Operation DROP USER failed" }
            state.granted = state.granted.filter { !$0.hasSuffix("|'\(texts[0])'@'\(texts[1])'") }
        case ("DROP", "DATABASE"):
            guard state.databases.removeValue(forKey: names[0]) != nil else { return "database doesn't exist" }
        case ("GRANT", _), ("REVOKE", _):
            guard let on = words.firstIndex(of: "ON") else { return "syntax" }
            var privileges = words[1..<on].joined(separator: " ").split(separator: ",").map { String($0).trimmed }
            if privileges == ["ALL PRIVILEGES"] { privileges = ["SELECT", "INSERT", "LOCK TABLES"] }
            for privilege in privileges {
                let place = "\(names.first ?? "")|\(names.count > 1 ? names[1] : "")"
                let entry = "\(privilege)|\(place)|'\(texts[0])'@'\(texts[1])'"
                if words[0] == "GRANT" { state.granted.insert(entry) } else { state.granted.remove(entry) }
            }
        default: return "syntax: \(line)"
        }
        return nil
    }

    /// The parts between the quotes.
    private static func parts(_ line: String, _ quote: Character) -> [String] {
        line.split(separator: quote, omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }

    private var description: String {
        let state = state.withLock { $0 }
        var lines: [JSON] = state.users.sorted { $0.key < $1.key }.map { key, user -> JSON in
            let parts = key.split(separator: "@").map(String.init)
            return [
                "kind": "user", "name": .string(parts[0]), "host": .string(parts[1]), "plugin": .string(user.plugin),
                "hash": .string(user.hash), "also": nil,
            ]
        }
        lines += state.databases.sorted { $0.key < $1.key }.map { name, database -> JSON in
            [
                "kind": "database", "name": .string(name), "charset": .string(database.charset),
                "collation": .string(database.collation),
            ]
        }
        lines += state.granted.sorted().map { entry -> JSON in
            let parts = entry.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            var fields: [String: JSON] = ["kind": "grant", "to": .string(parts[3]), "privilege": .string(parts[0])]
            if !parts[1].isEmpty { fields["database"] = .string(parts[1]) }
            if !parts[2].isEmpty { fields["table"] = .string(parts[2]) }
            return .object(fields)
        }
        lines.append(["kind": "all", "level": "db", "count": 3])
        return lines.map { $0.description + "\n" }.joined()
    }
}
