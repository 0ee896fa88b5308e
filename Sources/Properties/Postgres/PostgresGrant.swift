extension Postgres {
    /// Privileges of a role (GRANT).
    ///
    ///     Postgres.Grant(.connect, on: .database("shop"), to: "reports")
    ///     Postgres.Grant(.usage, on: .schema("public", in: "shop"), to: "reports")
    ///     Postgres.Grant(.select, on: .tables(of: "public", in: "shop"), to: "reports")
    ///     Postgres.Grant(.create, on: .schema("public", in: "shop"), to: "PUBLIC").reverted()
    ///
    /// Tables and sequences are all of a schema, and those that the owner of the database makes in it later. Privileges
    /// that are not declared stay; the revert takes those of the declaration away.
    public struct Grant: Revertible {
        public typealias Target = DebianLike

        /// A privilege (PostgreSQL: “Privileges”).
        public enum Privilege: String, Sendable, Hashable {
            case connect, create, temporary, usage
            case select, insert, update, delete, truncate, references, trigger
        }

        /// The object of the privileges.
        public enum Object: Sendable, Hashable {
            case database(String)
            case schema(String, in: String)
            case tables(of: String, in: String)
            case sequences(of: String, in: String)
        }

        public let privileges: [Privilege]
        public let object: Object
        public let role: String

        /// - Parameters:
        ///   - privileges: the privileges.
        ///   - object: what they are for; the database must exist, or be declared before.
        ///   - role: the role, which must exist or be declared before; `PUBLIC` for all.
        public init(_ privileges: Privilege..., on object: Object, to role: String) {
            self.privileges = privileges
            self.object = object
            self.role = role
        }

        public var name: String { "\(words) on \(place) for \(role)" }
        public var claims: [Claim] {
            privileges.map { Claim("the privilege \($0.rawValue) on \(place) for \(role)", is: "granted") }
        }
        public var problems: [String] { problems(in: validate) }

        public func announce(to machine: Machine) { machine.expect(database, of: PostgresServer.self) }

        public func check(on machine: Machine) async throws -> Check {
            let missing = try await state(on: machine).filter { !$0.isWhole }
            return missing.isEmpty ? .satisfied : .unmet("grant \(described(missing))")
        }

        public func apply(on machine: Machine) async throws { try await change("GRANT", "TO", on: machine) }

        public func checkReverted(on machine: Machine) async throws -> Check {
            let present = try await state(on: machine).filter { !$0.isAbsent }
            return present.isEmpty ? .satisfied : .unmet("revoke \(described(present))")
        }

        public func revert(on machine: Machine) async throws { try await change("REVOKE", "FROM", on: machine) }

        private var words: String { privileges.map(\.rawValue).joined(separator: ", ") }
        private func described(_ states: [State]) -> String { states.map(\.privilege.rawValue).joined(separator: ", ") }

        private var place: String {
            switch object {
            case .database(let database): "the PostgreSQL database \(database)"
            case .schema(let schema, let database): "the schema \(schema) of \(database)"
            case .tables(let schema, let database): "the tables of \(schema) in \(database)"
            case .sequences(let schema, let database): "the sequences of \(schema) in \(database)"
            }
        }

        private var database: String {
            switch object {
            case .database(let database), .schema(_, let database), .tables(_, let database),
                .sequences(_, let database):
                database
            }
        }

        /// The privileges that an object has.
        private var allowed: Set<Privilege> {
            switch object {
            case .database: [.connect, .create, .temporary]
            case .schema: [.usage, .create]
            case .tables: [.select, .insert, .update, .delete, .truncate, .references, .trigger]
            case .sequences: [.usage, .select, .update]
            }
        }

        /// The state of one privilege.
        private struct State {
            var privilege: Privilege
            /// Everything has it, now and later.
            var isWhole: Bool
            /// Nothing has it.
            var isAbsent: Bool
        }

        private func state(on machine: Machine) async throws -> [State] {
            try validate()
            let server = try await machine.fact(PostgresServer.self), content = try server.content(of: database)
            if role != "PUBLIC" { try server.requireRole(role) }
            func names(_ entry: JSON, _ privilege: Privilege) -> Bool {
                entry["role"]?.string == role && entry["privilege"]?.string == privilege.rawValue.uppercased()
            }
            func states(of list: JSON?) -> [State] {
                privileges.map { privilege in
                    let isThere = list?.array?.contains { names($0, privilege) } == true
                    return State(privilege: privilege, isWhole: isThere, isAbsent: !isThere)
                }
            }
            let schema: String, kind: String
            switch object {
            case .database: return states(of: try server.database(database)?["privileges"])
            case .schema(let name, _):
                return states(of: try found(name, in: content)["privileges"])
            case .tables(let name, _): (schema, kind) = (name, "tables")
            case .sequences(let name, _): (schema, kind) = (name, "sequences")
            }
            _ = try found(schema, in: content)
            let owner = try server.database(database)?["owner"]?.string
            func entries(_ key: String) -> [JSON] {
                content[key]?.array?.filter { $0["schema"]?.string == schema && $0["kind"]?.string == kind } ?? []
            }
            let count = entries("counts").first?["count"]?.integer ?? 0
            return privileges.map { privilege in
                let granted = entries("granted").first { names($0, privilege) }?["count"]?.integer ?? 0
                let isLater = entries("defaults").contains { names($0, privilege) && $0["creator"]?.string == owner }
                return State(
                    privilege: privilege, isWhole: granted == count && isLater, isAbsent: granted == 0 && !isLater)
            }
        }

        private func found(_ schema: String, in content: JSON) throws -> JSON {
            guard let found = content["schemas"]?.array?.first(where: { $0["name"]?.string == schema }) else {
                throw Undetermined(until: "there is a schema \(schema) in the PostgreSQL database \(database)")
            }
            return found
        }

        private func change(_ verb: String, _ word: String, on machine: Machine) async throws {
            try validate()
            let server = try await machine.fact(PostgresServer.self)
            let list = privileges.map { $0.rawValue.uppercased() }.joined(separator: ", ")
            let grantee = "\(word) \(PostgresSQL.grantee(role))"
            var sql: String
            switch object {
            case .database(let name): sql = "\(verb) \(list) ON DATABASE \(PostgresSQL.name(name)) \(grantee);\n"
            case .schema(let name, _): sql = "\(verb) \(list) ON SCHEMA \(PostgresSQL.name(name)) \(grantee);\n"
            case .tables(let name, _): sql = all(verb, list, "TABLES", name, grantee, try server.database(database))
            case .sequences(let name, _):
                sql = all(verb, list, "SEQUENCES", name, grantee, try server.database(database))
            }
            sql = "BEGIN;\n\(sql)COMMIT;\n"
            try await server.cluster.ask(sql, in: database, on: machine)
        }

        private func all(
            _ verb: String, _ list: String, _ kind: String, _ schema: String, _ grantee: String, _ database: JSON?
        ) -> String {
            let schema = PostgresSQL.name(schema), owner = PostgresSQL.name(database?["owner"]?.string ?? "postgres")
            return """
                \(verb) \(list) ON ALL \(kind) IN SCHEMA \(schema) \(grantee);
                ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) IN SCHEMA \(schema) \(verb) \(list) ON \(kind) \(grantee);

                """
        }

        private func validate() throws {
            if role != "PUBLIC" { try PostgresSQL.validate(role, "a PostgreSQL role") }
            try PostgresSQL.validate(database, "a PostgreSQL database")
            switch object {
            case .database: break
            case .schema(let schema, _), .tables(let schema, _), .sequences(let schema, _):
                try PostgresSQL.validate(schema, "a schema")
            }
            guard !privileges.isEmpty else {
                throw Failure("no privilege on \(place) is declared", advice: "Name one.")
            }
            guard let other = privileges.first(where: { !allowed.contains($0) }) else { return }
            let names = allowed.map { ".\($0.rawValue)" }.sorted().joined(separator: ", ")
            throw Failure("there is no privilege \(other.rawValue) on \(place)", advice: "There are \(names).")
        }
    }
}
