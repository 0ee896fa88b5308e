extension MariaDB {
    /// A user of the server.
    ///
    ///     MariaDB.User("shop", password: Secret("shop-db-password"))
    ///     MariaDB.User("app", authentication: .socket)
    ///     MariaDB.User("reports", host: "10.0.0.%", password: Secret("reports-password"))
    ///
    /// To the server the same name from another host is another user. The password itself never reaches the server:
    /// Propel sends the hash that the server would make of it, and compares the present one with the secret.
    public struct User: Property {
        public typealias Target = DebianLike

        /// How a user proves who they are.
        public enum Authentication: Sendable, Hashable {
            /// The user of the system with the same name, over the socket, without a password.
            case socket
            /// A password, in ASCII.
            case password(Secret)
        }

        public let user: String
        public let host: String
        public let authentication: Authentication

        /// - Parameters:
        ///   - user: the name: 1 to 64 characters.
        ///   - host: the host that it connects from, with `%` as a wildcard; `localhost` by default, which is the
        ///     socket.
        ///   - authentication: how it proves who it is.
        public init(_ user: String, host: String = "localhost", authentication: Authentication) {
            self.user = user
            self.host = host
            self.authentication = authentication
        }

        /// A user with a password.
        /// - Parameters:
        ///   - user: the name: 1 to 64 characters.
        ///   - host: the host that it connects from; `localhost` by default.
        ///   - password: the password, in ASCII.
        public init(_ user: String, host: String = "localhost", password: Secret) {
            self.init(user, host: host, authentication: .password(password))
        }

        public var name: String { "MariaDB user \(user)\(host == "localhost" ? "" : "@\(host)")" }
        public var problems: [String] { problems(in: validate) }
        public var secrets: [Secret] { if case .password(let secret) = authentication { [secret] } else { [] } }
        public var claims: [Claim] {
            let state =
                switch authentication {
                case .socket: "socket"
                case .password(let secret): "password \(secret.name)"
                }
            return [Claim("the MariaDB user \(user)@\(host)", is: state)]
        }

        private static let hashed = "mysql_native_password"
        private var quoted: String { MariaDBSQL.user(user, at: host) }

        private func applied(_ secret: Secret) -> AppliedSecrets {
            AppliedSecrets(in: "the password of the MariaDB user \(user)@\(host)", form: "password", of: [secret])
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try await machine.fact(MariaDBServer.self).user(user, at: host) else {
                return .unmet("create", secrets: secrets)
            }
            return .unmet(unlessEmpty: try difference(from: found, machine).map { [$0] } ?? [], secrets: secrets)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let found = try await machine.fact(MariaDBServer.self).user(user, at: host)
            let verb = found == nil ? "CREATE" : "ALTER"
            switch authentication {
            case .socket:
                try await MariaDBServer.ask("\(verb) USER \(quoted) IDENTIFIED VIA unix_socket;\n", on: machine)
            case .password(let secret):
                let plaintext = try await machine.secrets.plaintext(of: secret)
                // It may be right already, which only the plaintext shows.
                if let found, try difference(from: found, machine) == nil { return }
                let hash = try hash(of: plaintext, secret)
                try await MariaDBServer.ask(
                    "\(verb) USER \(quoted) IDENTIFIED VIA \(Self.hashed) USING \(MariaDBSQL.string(hash));\n",
                    isSecret: true, on: machine)
                try applied(secret).remember(Array(hash.utf8), on: machine)
            }
        }

        /// - Throws: ``Undetermined`` if that takes the plaintext.
        private func difference(from found: JSON, _ machine: Machine) throws -> String? {
            let plugin = found["plugin"]?.string ?? "", hash = found["hash"]?.string ?? ""
            switch authentication {
            case .socket:
                let others = found["also"]?.string ?? ""
                return plugin == "unix_socket" || others.contains("\"unix_socket\"") ? nil : "log in over the socket"
            case .password(let secret):
                guard [Self.hashed, ""].contains(plugin), hash.hasPrefix("*") else { return "set the password" }
                let isSame: Bool
                if let plaintext = machine.secrets.known(secret) {
                    isSame = try self.hash(of: plaintext, secret) == hash
                    if isSame { try applied(secret).remember(Array(hash.utf8), on: machine) }
                } else {
                    isSame = try applied(secret).matches(Array(hash.utf8), on: machine)
                }
                return isSame ? nil : "another password"
            }
        }

        /// The hash that the server keeps: `*` and 40 digits.
        private func hash(of plaintext: SecretBytes, _ secret: Secret) throws -> String {
            let bytes = try plaintext.withPassword(of: secret, for: "the MariaDB user \(user)") {
                SHA1.hash(SHA1.hash($0))
            }
            return "*" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
        }

        private func validate() throws {
            try MariaDBSQL.validate(user, "a MariaDB user")
            try MariaDBSQL.validate(host, "the host of a MariaDB user")
            guard user != "root" || host != "localhost" || authentication == .socket else {
                throw Failure(
                    "root of MariaDB must be able to log in over the socket: Propel connects as it",
                    advice: "Declare it with .socket, or another user.")
            }
        }
    }

    /// A database of the server.
    ///
    ///     MariaDB.Database("shop")
    ///     MariaDB.Database("wiki", charset: "utf8mb4", collation: "utf8mb4_unicode_ci")
    ///
    /// Character set and collation count for tables that are made later. A database is removed only by
    /// ``MariaDB/Database/Absent``.
    public struct Database: Property {
        public typealias Target = DebianLike

        public let database: String
        public let charset: String?
        public let collation: String?

        /// - Parameters:
        ///   - database: the name: 1 to 64 characters.
        ///   - charset: the character set of new tables; nil leaves it as it is, and a new database has that of the
        ///     server.
        ///   - collation: the order of new tables; nil leaves it as it is.
        public init(_ database: String, charset: String? = nil, collation: String? = nil) {
            self.database = database
            self.charset = charset
            self.collation = collation
        }

        public var name: String { "MariaDB database \(database)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            [Claim(name, is: ["present", charset, collation].compactMap(\.self).joined(separator: ", "))]
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try await machine.fact(MariaDBServer.self).database(database) else {
                return .unmet("create")
            }
            func change(_ what: String, _ key: String, _ wanted: String?) -> String? {
                guard let wanted, let present = found[key]?.string, present != wanted else { return nil }
                return "\(what) \(present) → \(wanted)"
            }
            return .unmet(
                unlessEmpty: [
                    change("character set", "charset", charset), change("collation", "collation", collation),
                ].compactMap(\.self))
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let isThere = try await machine.fact(MariaDBServer.self).database(database) != nil
            let options =
                (charset.map { " CHARACTER SET '\($0)'" } ?? "") + (collation.map { " COLLATE '\($0)'" } ?? "")
            try await MariaDBServer.ask(
                "\(isThere ? "ALTER" : "CREATE") DATABASE \(MariaDBSQL.name(database))\(options);\n", on: machine)
        }

        private func validate() throws {
            try MariaDBSQL.validate(database, "a MariaDB database")
            for word in [charset, collation].compactMap(\.self) {
                guard !word.isEmpty, word.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }) else {
                    throw Failure(
                        "invalid character set or collation “\(word.escaped)” of the MariaDB database \(database)",
                        advice: "Write it as the server does, such as utf8mb4.")
                }
            }
        }
    }
}
