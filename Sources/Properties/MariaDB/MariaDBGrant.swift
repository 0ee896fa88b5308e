extension MariaDB {
    /// Privileges of a user (GRANT).
    ///
    ///     MariaDB.Grant(.all, on: .database("shop"), to: "shop")
    ///     MariaDB.Grant(.select, "LOCK TABLES", on: .database("shop"), to: "backup")
    ///     MariaDB.Grant("RELOAD", "PROCESS", on: .everything, to: "backup")
    ///
    /// Privileges that are not declared stay; the revert takes those of the declaration away. In the name of a database
    /// `_` and `%` are no wildcards.
    public struct Grant: Revertible {
        public typealias Target = DebianLike

        /// A privilege, as the server names it in `information_schema`: `SELECT`, `LOCK TABLES`.
        public struct Privilege: Sendable, Hashable, ExpressibleByStringLiteral {
            public let name: String

            /// - Parameter name: the name, in uppercase.
            public init(_ name: String) { self.name = name }
            public init(stringLiteral name: String) { self.init(name) }

            /// All that there are for the object.
            public static let all: Privilege = "ALL PRIVILEGES"
            public static let select: Privilege = "SELECT"
            public static let insert: Privilege = "INSERT"
            public static let update: Privilege = "UPDATE"
            public static let delete: Privilege = "DELETE"
        }

        /// The object of the privileges.
        public enum Object: Sendable, Hashable {
            case everything
            case database(String)
            case table(String, in: String)
        }

        public let privileges: [Privilege]
        public let object: Object
        public let user: String
        public let host: String

        /// - Parameters:
        ///   - privileges: the privileges.
        ///   - object: what they are for. A table must exist.
        ///   - user: the user, who must exist or be declared before.
        ///   - host: the host of the user; `localhost` by default.
        public init(_ privileges: Privilege..., on object: Object, to user: String, host: String = "localhost") {
            self.privileges = privileges
            self.object = object
            self.user = user
            self.host = host
        }

        public var name: String { "\(words) on \(place) for \(user)\(host == "localhost" ? "" : "@\(host)")" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            privileges.map { Claim("the privilege \($0.name) on \(place) for \(user)@\(host)", is: "granted") }
        }

        private var words: String { privileges.map { $0.name.lowercased() }.joined(separator: ", ") }

        private var parts: (database: String?, table: String?) {
            switch object {
            case .everything: (nil, nil)
            case .database(let database): (database, nil)
            case .table(let table, let database): (database, table)
            }
        }

        private var place: String {
            switch object {
            case .everything: "all of MariaDB"
            case .database(let database): "the MariaDB database \(database)"
            case .table(let table, let database): "the table \(table) of \(database)"
            }
        }

        public func check(on machine: Machine) async throws -> Check {
            let (present, count) = try await present(on: machine)
            let missing = privileges.filter { $0 == .all ? present.count < count : !present.contains($0.name) }
            return missing.isEmpty
                ? .satisfied : .unmet("grant \(missing.map { $0.name.lowercased() }.joined(separator: ", "))")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await MariaDBServer.ask("GRANT \(list) ON \(target) TO \(quoted);\n", on: machine)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            let present = try await present(on: machine).privileges
            let found = privileges.filter { $0 == .all ? !present.isEmpty : present.contains($0.name) }
            return found.isEmpty
                ? .satisfied : .unmet("revoke \(found.map { $0.name.lowercased() }.joined(separator: ", "))")
        }

        public func revert(on machine: Machine) async throws {
            try validate()
            try await MariaDBServer.ask("REVOKE \(list) ON \(target) FROM \(quoted);\n", on: machine)
        }

        private var list: String { privileges.map(\.name).joined(separator: ", ") }
        private var quoted: String { MariaDBSQL.user(user, at: host) }

        private var target: String {
            switch object {
            case .everything: "*.*"
            case .database(let database): "\(MariaDBSQL.name(MariaDBSQL.pattern(database))).*"
            case .table(let table, let database): "\(MariaDBSQL.name(database)).\(MariaDBSQL.name(table))"
            }
        }

        /// The privileges that the user has there, without that of having none (`USAGE`), and the number of all.
        private func present(on machine: Machine) async throws -> (privileges: Set<String>, count: Int) {
            try validate()
            let server = try await machine.fact(MariaDBServer.self)
            guard server.user(user, at: host) != nil else {
                throw Undetermined(until: "there is a MariaDB user \(user)@\(host)")
            }
            let (database, table) = parts
            let found = server.privileges(of: user, at: host, on: database, table: table)
            return (found.subtracting(["USAGE"]), server.all(on: database, table: table))
        }

        private func validate() throws {
            try MariaDBSQL.validate(user, "a MariaDB user")
            try MariaDBSQL.validate(host, "the host of a MariaDB user")
            if let database = parts.database { try MariaDBSQL.validate(database, "a MariaDB database") }
            if let table = parts.table { try MariaDBSQL.validate(table, "a table") }
            guard !privileges.isEmpty else {
                throw Failure("no privilege on \(place) is declared", advice: "Name one.")
            }
            for privilege in privileges {
                guard !privilege.name.isEmpty, privilege.name.trimmed == privilege.name,
                    privilege.name.utf8.allSatisfy({
                        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 || " _".utf8.contains($0)
                    })
                else {
                    throw Failure(
                        "invalid privilege “\(privilege.name.escaped)”",
                        advice: "Write it as SHOW PRIVILEGES does, in uppercase.")
                }
            }
            guard parts.table == nil || !privileges.contains(.all) else {
                throw Failure("“all” cannot be told for a table", advice: "Name the privileges on \(place).")
            }
        }
    }
}
