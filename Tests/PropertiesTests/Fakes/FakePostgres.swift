import Propel
import PropelTesting
import Synchronization

/// A PostgreSQL server in memory: what its programs print, and the statements of Propel that it understands.
final class FakePostgres: Sendable {
    struct Role {
        var attributes: Set<String> = []
        var limit = -1
        var password: String?
        var groups: [String] = []
    }

    struct State {
        var roles = ["postgres": Role(attributes: ["login", "superuser", "createDatabase", "createRole"])]
        var databases: [String: (owner: String, encoding: String, locale: String)] = [
            "postgres": ("postgres", "UTF8", "C.UTF-8")
        ]
        /// How many may connect to a database at a time; those that are not in it have no limit.
        var limits: [String: Int] = [:]
        var extensions: [String: [String]] = [:]
        /// “PRIVILEGE|object|role”
        var granted: Set<String> = []
        var tables = 2
        var loaded = 0
        var files: [(name: String, file: String)] = []
        var pending: [String] = []
        var accepts = true
        var errorsOfAccess = ""
        /// The users of the databases that programs are connected to.
        var sessions: [(database: String, user: String)] = []
        /// Whether pg_dump succeeds.
        var isDumped = true
    }

    static let conf: FilePath = "/etc/postgresql/15/main/postgresql.conf"
    static let dropIn: FilePath = "/etc/postgresql/15/main/conf.d/propel.conf"
    static let access: FilePath = "/etc/postgresql/15/main/pg_hba.conf"

    let fake: FakeMachine
    let state = Mutex(State())
    let statements = Mutex<[String]>([])
    /// All that it was asked, statements and questions.
    let asked = Mutex<[String]>([])

    init(_ fake: FakeMachine = FakeMachine(), isRunning: Bool = true) {
        self.fake = fake
        fake.files.put(Self.conf, "data_directory = '/var/lib/postgresql/15/main'\t\t# use data in another directory\n")
        fake.files.put(Self.access, "# comment\nlocal all postgres peer\nlocal all all peer\n", mode: 0o640)
        fake.files.put(directory: "/etc/postgresql/15/main/conf.d")
        fake.files.put(directory: "/var/lib/postgresql/15/main")
        if isRunning { start() }
        fake.commands.program("sync")
        let accounts = fake.files.text(at: "/etc/passwd") ?? ""
        fake.files.put("/etc/passwd", accounts + "postgres:x:105:110::/var/lib/postgresql:/bin/bash\n")
        fake.commands.program("runuser") { [self] command in
            switch command.arguments[3] {
            case "/usr/lib/postgresql/15/bin/psql": try answer(String(decoding: command.input, as: UTF8.self), command)
            case "/usr/lib/postgresql/15/bin/postgres":
                state.withLock { $0.accepts } ? .printing() : .failing(1, "FATAL:  invalid value for parameter\n")
            case "/usr/lib/postgresql/15/bin/pg_dump": try dump(command)
            default: .failing(1, "unknown: \(command)")
            }
        }
        fake.commands.program("systemctl") { [self] command in
            if command.arguments.contains("restart") || command.arguments.contains("start") { start() }
            return .printing(
                command.arguments.first == "show"
                    ? "Id=postgresql@15-main.service\nNames=postgresql@15-main.service\nLoadState=loaded\n"
                        + "ActiveState=active\n" : "")
        }
    }

    func start() {
        fake.files.put(
            "/var/lib/postgresql/15/main/postmaster.pid",
            "812\n/var/lib/postgresql/15/main\n1795970862\n5432\n/var/run/postgresql\nlocalhost\n", mode: 0o600)
        state.withLock {
            $0.pending = []
            load(&$0)
        }
    }

    private func load(_ state: inout State) {
        state.loaded = fake.machine.now.seconds * 1_000_000
        let text = fake.files.text(at: Self.dropIn) ?? ""
        state.files.removeAll { $0.file == Self.dropIn.string }
        state.files += text.nonEmptyLines.map { (String($0.split(separator: " ")[0]), Self.dropIn.string) }
    }

    private func answer(_ sql: String, _ command: Invocation) throws -> CommandResult {
        asked.withLock { $0.append(sql) }
        guard !sql.hasPrefix("SELECT jsonb_build_object") else { return .printing(try description(for: sql)) }
        if sql.contains("pg_hba_file_rules") { return .printing(state.withLock { $0.errorsOfAccess }) }
        if let text = state.withLock({ rows(sql, $0) }) { return .printing(text) }
        statements.withLock { $0.append(sql) }
        let database = String(command.arguments.last?.split(separator: "'").last ?? "")
        return state.withLock { state in
            for line in sql.nonEmptyLines.map(String.init) {
                if let error = execute(line, in: database, &state) { return .failing(3, "ERROR:  \(error)\n") }
            }
            return .printing()
        }
    }

    /// The answer to a question about what should go.
    private func rows(_ sql: String, _ state: State) -> String? {
        let name = sql.split(separator: "'").dropFirst().last { $0 != ";\n" }.map { String($0) } ?? ""
        if sql.hasPrefix("SELECT datconnlimit") {
            return state.databases[name].map { _ in "\(state.limits[name] ?? -1)\n" } ?? ""
        }
        if sql.hasPrefix("SELECT to_json") { return state.databases.keys.sorted().map { "\"\($0)\"\n" }.joined() }
        if sql.hasPrefix("SELECT DISTINCT usename") {
            return state.sessions.filter { $0.database == name }.map { $0.user + "\n" }.joined()
        }
        guard sql.hasPrefix("SELECT DISTINCT coalesce(datname") else { return nil }
        return state.sessions.filter { $0.user == name }.map { $0.database + "\n" }.joined()
    }

    private func dump(_ command: Invocation) throws -> CommandResult {
        guard state.withLock({ $0.isDumped }) else { return .failing(1, "pg_dump: error\n") }
        let option = command.arguments.first { $0.hasPrefix("--file=") } ?? ""
        let path = FilePath(String(option.dropFirst("--file=".count)))
        guard let status = fake.files[path]?.status else { return .failing(1, "no file\n") }
        fake.files.put(path, "PGDMP \(command.arguments.last ?? "")\n", mode: status.mode, owner: status.owner)
        return .printing()
    }

    /// Removes what is there; an error of the server if it is not, or if something depends on it.
    private func drop(_ words: [String], _ name: String, _ state: inout State) -> String? {
        if words[1] == "DATABASE" {
            state.limits[name] = nil
            return state.databases.removeValue(forKey: name) == nil ? "no database" : nil
        }
        if words[1] == "OWNED" {
            if state.databases.values.contains(where: { $0.owner == name }) { return "would drop a database" }
            state.granted = state.granted.filter { !$0.hasSuffix("|\(name)") }
            return nil
        }
        guard !state.databases.values.contains(where: { $0.owner == name }),
            !state.granted.contains(where: { $0.hasSuffix("|\(name)") })
        else { return "role \"\(name)\" cannot be dropped because some objects depend on it" }
        return state.roles.removeValue(forKey: name) == nil ? "no role" : nil
    }

    private func execute(_ line: String, in database: String, _ state: inout State) -> String? {
        let names = line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        let words = line.dropLast().split(separator: " ").map(String.init)
        if line.hasPrefix("CREATE ROLE") || line.hasPrefix("ALTER ROLE"), words.contains("WITH") {
            if line.hasPrefix("ALTER"), state.roles[names[0]] == nil { return "no role" }
            let keys = [
                "LOGIN": "login", "SUPERUSER": "superuser", "CREATEDB": "createDatabase", "CREATEROLE": "createRole",
                "REPLICATION": "replication", "BYPASSRLS": "bypassRowSecurity",
            ]
            state.roles[names[0], default: Role()].attributes = Set(words.compactMap { keys[$0] })
            if let index = words.firstIndex(of: "LIMIT") { state.roles[names[0]]?.limit = Int(words[index + 1]) ?? 0 }
        } else if line.hasPrefix("DROP") {
            return drop(words, names[0], &state)
        } else if line.hasPrefix("REASSIGN OWNED") {
            for (name, database) in state.databases where database.owner == names[0] {
                state.databases[name]?.owner = names[1]
            }
        } else if line.hasPrefix("ALTER ROLE"), words.count == 4, words[3].hasSuffix("LOGIN") {
            if words[3] == "LOGIN" {
                state.roles[names[0]]?.attributes.insert("login")
            } else {
                state.roles[names[0]]?.attributes.remove("login")
            }
        } else if line.hasPrefix("ALTER ROLE") {
            state.roles[names[0]]?.password = String(line.split(separator: "'")[1])
        } else if line.hasPrefix("CREATE DATABASE") {
            let texts = line.split(separator: "'").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
            state.databases[names[0]] = (
                words.contains("OWNER") ? names[1] : "postgres", texts.first ?? "UTF8", texts.last ?? "C.UTF-8"
            )
        } else if line.hasPrefix("ALTER DATABASE"), words.contains("OWNER") {
            state.databases[names[0]]?.owner = names[1]
        } else if line.hasPrefix("ALTER DATABASE"), let index = words.firstIndex(of: "LIMIT") {
            state.limits[names[0]] = Int(words[index + 1])
        } else if line.hasPrefix("CREATE EXTENSION") {
            state.extensions[database, default: []].append(names[0])
        } else if words.first == "GRANT", !words.contains("ON") {
            state.roles[names[1]]?.groups.append(names[0])
        } else if let verb = words.first(where: { ["GRANT", "REVOKE"].contains($0) }),
            let on = words.firstIndex(of: "ON")
        {
            let start = (words.firstIndex(of: verb) ?? 0) + 1
            let isDefault = words[0] == "ALTER", role = words.last == "PUBLIC" ? "PUBLIC" : names.last ?? ""
            let place =
                isDefault ? "later \(words[on + 1])" : words[on + 1] == "ALL" ? "all \(words[on + 2])" : words[on + 1]
            for privilege in words[start..<on].map({ $0.filter { $0 != "," } }) {
                let entry = "\(privilege)|\(place)|\(role)"
                if verb == "GRANT" { state.granted.insert(entry) } else { state.granted.remove(entry) }
            }
        } else if line.contains("pg_reload_conf") {
            load(&state)
        }
        return nil
    }

    // MARK: What the server says

    private func description(for sql: String) throws -> String {
        let state = state.withLock { $0 }
        var lines = [server(state).description]
        for name in state.databases.keys.sorted() where sql.contains("datname = '\(name)'") {
            lines.append(content(of: name, state).description)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func privileges(_ place: String, _ state: State) -> JSON {
        .array(
            state.granted.sorted().map { $0.split(separator: "|").map(String.init) }.filter { $0[1] == place }
                .map { ["role": .string($0[2]), "privilege": .string($0[0])] })
    }

    private func server(_ state: State) -> JSON {
        let keys = ["login", "superuser", "createDatabase", "createRole", "replication", "bypassRowSecurity"]
        let roles = state.roles.sorted { $0.key < $1.key }.map { name, role -> JSON in
            var fields: [String: JSON] = [
                "name": .string(name), "limit": .integer(role.limit), "groups": .array(role.groups.map(JSON.string)),
                "password": role.password.map(JSON.string) ?? .null,
            ]
            for key in keys { fields[key] = .bool(role.attributes.contains(key)) }
            return .object(fields)
        }
        let databases = state.databases.sorted { $0.key < $1.key }.map { name, database -> JSON in
            [
                "name": .string(name), "owner": .string(database.owner), "encoding": .string(database.encoding),
                "collate": .string(database.locale), "ctype": .string(database.locale),
                "privileges": privileges("DATABASE", state),
            ]
        }
        return [
            "loaded": .integer(state.loaded), "roles": .array(roles), "databases": .array(databases),
            "settings": .array(state.files.map { ["name": .string($0.name), "file": .string($0.file)] }),
            "restart": ["shared_buffers"], "pending": .array(state.pending.map(JSON.string)),
        ]
    }

    private func content(of database: String, _ state: State) -> JSON {
        func entries(_ word: String, _ more: [String: JSON]) -> JSON {
            .array(
                ["tables", "sequences"].flatMap { kind -> [JSON] in
                    (privileges("\(word) \(kind.uppercased())", state).array ?? []).map { entry in
                        .object(
                            (entry.object ?? [:]).merging(["schema": "public", "kind": .string(kind)]) { $1 }
                                .merging(more) { $1 })
                    }
                })
        }
        return [
            "database": .string(database), "extensions": .array((state.extensions[database] ?? []).map(JSON.string)),
            "schemas": [["name": "public", "privileges": privileges("SCHEMA", state)]],
            "counts": [["schema": "public", "kind": "tables", "count": .integer(state.tables)]],
            "granted": entries("all", ["count": .integer(state.tables)]),
            "defaults": entries("later", ["creator": .string(state.databases[database]?.owner ?? "")]),
        ]
    }
}
