extension Postgres {
    /// A database of the server.
    ///
    ///     Postgres.Database("shop", owner: "shop")
    ///     Postgres.Database("wiki", owner: "wiki", encoding: "UTF8", locale: "C.UTF-8")
    ///
    /// Encoding and locale count when the database is made: if those of an existing one differ, that is a failure with
    /// advice. A database is removed only by ``Postgres/Database/Absent``.
    public struct Database: Property {
        public typealias Target = DebianLike

        public let database: String
        public let owner: String?
        public let encoding: String?
        public let locale: String?
        public let template: String?

        /// - Parameters:
        ///   - database: the name: 1 to 63 characters.
        ///   - owner: the role that owns it, which must exist or be declared before; nil leaves it as it is, and a new
        ///     one belongs to postgres.
        ///   - encoding: the encoding, such as `UTF8`; that of the template by default.
        ///   - locale: the locale for order and characters, such as `de_DE.UTF-8`, which must be available when the
        ///     server starts; that of the template by default.
        ///   - template: the database that it is a copy of; `template0` by default if an encoding or a locale is
        ///     given, since only that one fits any, and else `template1`.
        public init(
            _ database: String, owner: String? = nil, encoding: String? = nil, locale: String? = nil,
            template: String? = nil
        ) {
            self.database = database
            self.owner = owner
            self.encoding = encoding
            self.locale = locale
            self.template = template
        }

        public var name: String { "PostgreSQL database \(database)" }
        public var problems: [String] { problems(in: validate) }

        public var claims: [Claim] {
            let words = [
                owner.map { "owner \($0)" }, encoding.map { "encoding \($0)" }, locale.map { "locale \($0)" },
                template.map { "from \($0)" },
            ]
            return [Claim(name, is: (["present"] + words.compactMap(\.self)).joined(separator: ", "))]
        }

        /// - Throws: ``Failure`` if it has another encoding or locale.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let server = try await machine.fact(PostgresServer.self)
            guard let found = try server.database(database) else {
                if let owner { try server.requireRole(owner) }
                return .unmet("create")
            }
            try refuse("encoding", found["encoding"]?.string, encoding)
            try refuse("order", found["collate"]?.string, locale)
            try refuse("character type", found["ctype"]?.string, locale)
            var reasons: [String] = []
            if try ClosedConnections.to(database: database, of: server.cluster).areLeft(on: machine) {
                reasons.append("let users connect again, after a removal that was cut")
            }
            if let owner, let present = found["owner"]?.string, present != owner {
                try server.requireRole(owner)
                reasons.append("owner \(present) → \(owner)")
            }
            return .unmet(unlessEmpty: reasons)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let server = try await machine.fact(PostgresServer.self)
            let name = PostgresSQL.name(database), owner = owner.map(PostgresSQL.name)
            let connections = ClosedConnections.to(database: database, of: server.cluster)
            if try server.database(database) != nil {
                try await connections.open(on: machine)
                guard let owner else { return }
                try await server.cluster.ask("ALTER DATABASE \(name) OWNER TO \(owner);\n", on: machine)
                return
            }
            let template = template ?? (encoding != nil || locale != nil ? "template0" : nil)
            let options = [
                owner.map { "OWNER \($0)" }, template.map { "TEMPLATE \(PostgresSQL.name($0))" },
                encoding.map { "ENCODING \(PostgresSQL.string($0))" },
                locale.map { "LC_COLLATE \(PostgresSQL.string($0)) LC_CTYPE \(PostgresSQL.string($0))" },
            ]
            let words = (["CREATE DATABASE", name] + options.compactMap(\.self)).joined(separator: " ")
            // It is another one than that of a removal that was cut.
            try connections.forget(on: machine)
            try await server.cluster.ask(words + ";\n", on: machine)
        }

        /// - Throws: ``Failure`` if what counts when a database is made is another one.
        private func refuse(_ what: String, _ present: String?, _ wanted: String?) throws {
            func plain(_ text: String) -> String { text.lowercased().replacing("-", with: "") }
            guard let present, let wanted, plain(present) != plain(wanted) else { return }
            throw Failure(
                "the PostgreSQL database \(database) has the \(what) \(present), and \(wanted) is declared",
                advice: "It cannot be changed: dump the data with pg_dump, rename the database, and restore it here.")
        }

        private func validate() throws {
            try PostgresSQL.validate(database, "a PostgreSQL database")
            if let owner { try PostgresSQL.validate(owner, "a PostgreSQL role") }
            if let template { try PostgresSQL.validate(template, "a PostgreSQL database") }
            for word in [encoding, locale].compactMap(\.self) {
                guard !word.isEmpty, word.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_.@".utf8.contains($0) })
                else {
                    throw Failure(
                        "invalid encoding or locale “\(word.escaped)” of the PostgreSQL database \(database)",
                        advice: "Write an encoding as UTF8, and a locale as `locale -a` prints it.")
                }
            }
        }
    }

    /// An extension in a database.
    ///
    ///     Postgres.Extension("pg_trgm", in: "shop")
    ///
    /// Its files have to be installed: those of PostgreSQL are in its package, `pg_trgm` and `pgcrypto` among them;
    /// others have packages such as `postgresql-15-postgis-3`. An extension is never removed, since data may use it.
    public struct Extension: Property {
        public typealias Target = DebianLike

        public let id: String
        public let database: String

        /// - Parameters:
        ///   - id: the name of the extension.
        ///   - database: the database, which must exist or be declared before.
        public init(_ id: String, in database: String) {
            self.id = id
            self.database = database
        }

        public var name: String { "PostgreSQL extension \(id) in \(database)" }
        public var claims: [Claim] { [Claim(name, is: "present")] }
        public var problems: [String] { problems(in: validate) }

        public func announce(to machine: Machine) { machine.expect(database, of: PostgresServer.self) }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let content = try await machine.fact(PostgresServer.self).content(of: database)
            return content["extensions"]?.array?.contains(.string(id)) == true ? .satisfied : .unmet("create")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            // With those that it needs.
            try await machine.fact(PostgresServer.self).cluster.ask(
                "CREATE EXTENSION IF NOT EXISTS \(PostgresSQL.name(id)) CASCADE;\n", in: database, on: machine)
        }

        private func validate() throws {
            try PostgresSQL.validate(id, "an extension")
            try PostgresSQL.validate(database, "a PostgreSQL database")
        }
    }
}
