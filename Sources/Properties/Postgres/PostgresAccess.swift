extension Postgres {
    /// The users who may connect to the server, from where, and how they prove who they are (pg_hba.conf).
    ///
    ///     Postgres.Access([
    ///         .init(.hostSSL, databases: ["shop"], users: ["shop"], from: "10.0.0.0/8", .scramSHA256),
    ///         .init(.host, databases: ["all"], users: ["all"], from: "0.0.0.0/0", .reject),
    ///     ])
    ///
    /// The first entry that fits a connection decides, so these are in a block before those of the package, in this
    /// order, and after one that lets the user postgres in over the socket, as which Propel connects. The server must
    /// accept the entries before it reads them. It listens on other addresses than localhost only if ``Settings`` say
    /// so (`listen_addresses`).
    public struct Access: Revertible {
        public typealias Target = DebianLike

        /// An entry of pg_hba.conf.
        public struct Entry: Sendable, Hashable {
            /// How a connection comes.
            public enum Connection: String, Sendable, Hashable {
                case local, host
                case hostSSL = "hostssl"
                case hostNoSSL = "hostnossl"
            }

            /// How a user proves who they are.
            public enum Method: String, Sendable, Hashable {
                case scramSHA256 = "scram-sha-256"
                case md5, peer, cert, trust, reject
            }

            public let connection: Connection
            public let databases: [String]
            public let users: [String]
            public let address: String?
            public let method: Method

            /// - Parameters:
            ///   - connection: how the connection comes: over the socket, or from an address.
            ///   - databases: names of databases; `all`, `sameuser`, `samerole` and `replication` mean what they do
            ///     there.
            ///   - users: names of roles; `all` for all, and `+NAME` for the members of a role.
            ///   - address: an address with a prefix length, such as `10.0.0.0/8`, a host name, `samehost` or
            ///     `samenet`; none for `local`.
            ///   - method: how a user proves who they are.
            public init(
                _ connection: Connection, databases: [String] = ["all"], users: [String] = ["all"],
                from address: String? = nil, _ method: Method
            ) {
                self.connection = connection
                self.databases = databases
                self.users = users
                self.address = address
                self.method = method
            }

            fileprivate var line: String {
                func list(_ names: [String], _ words: Set<String>) -> String {
                    names.map { words.contains($0) || $0.hasPrefix("+") ? $0 : "\"\($0)\"" }.joined(separator: ",")
                }
                let fields = [
                    connection.rawValue, list(databases, ["all", "sameuser", "samerole", "replication"]),
                    list(users, ["all"]), address, method.rawValue,
                ]
                return fields.compactMap(\.self).joined(separator: " ")
            }
        }

        public let entries: [Entry]

        /// - Parameter entries: all entries of this host beside those of the package, in their order.
        public init(_ entries: [Entry]) { self.entries = entries }

        public var name: String { "PostgreSQL access" }
        public var claims: [Claim] {
            [Claim("the access to PostgreSQL", is: text, summary: "\(entries.count) entries")]
        }
        public var problems: [String] { problems(in: validate) }

        private var text: String {
            (["local all postgres peer"] + entries.map(\.line)).map { $0 + "\n" }.joined()
        }

        private func block(in cluster: PostgresCluster) -> Block {
            Block(cluster.directory.appending("pg_hba.conf"), "access", text, position: .start)
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let server = try await machine.fact(PostgresServer.self), block = block(in: server.cluster)
            let check = try await block.check(on: machine)
            guard check == .satisfied, server.isRunning, let status = try machine.files.status(of: block.path) else {
                return check
            }
            return try server.hasLoaded(status) ? .satisfied : .unmet("reload")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let cluster = try await machine.fact(PostgresServer.self).cluster
            try await change(cluster, on: machine) { try await block(in: cluster).apply(on: machine) }
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try await block(in: try PostgresCluster.find(on: machine)).checkReverted(on: machine)
        }

        public func revert(on machine: Machine) async throws {
            let cluster = try PostgresCluster.find(on: machine)
            try await change(cluster, on: machine) { try await block(in: cluster).revert(on: machine) }
        }

        /// Changes the file, and has the server read it if it accepts it.
        private func change(
            _ cluster: PostgresCluster, on machine: Machine, _ body: () async throws -> Void
        ) async throws {
            let file = block(in: cluster).path, former = try machine.files.readWithStatus(file)
            try await body()
            guard cluster.socket != nil else { return }
            let errors = try await cluster.ask(
                "SELECT line_number || ': ' || error FROM pg_hba_file_rules WHERE error IS NOT NULL;\n", on: machine
            ).nonEmptyLines
            guard errors.isEmpty else {
                try machine.files.replace(
                    file, with: former.bytes, mode: former.status.mode, owner: former.status.owner)
                throw Failure(
                    "PostgreSQL does not accept \(file)", output: errors.map(String.init),
                    advice: "The file is as it was. Correct the lines.")
            }
            try await cluster.reload(for: file, on: machine)
        }

        private func validate() throws {
            for entry in entries {
                for name in entry.databases + entry.users {
                    let isGroup = name.hasPrefix("+"), plain = isGroup ? String(name.dropFirst()) : name
                    try PostgresSQL.validate(plain, "a PostgreSQL role or database")
                    guard !name.contains(anyOf: "\""), !isGroup || plain.utf8.allSatisfy(\.isASCIILetterOrDigit) else {
                        throw Failure("“\(name.escaped)” cannot be in pg_hba.conf", advice: "Rename it.")
                    }
                }
                guard !entry.databases.isEmpty, !entry.users.isEmpty else {
                    throw Failure("an entry of Postgres.Access names no database or no user", advice: "Write all.")
                }
                guard (entry.connection == .local) == (entry.address == nil) else {
                    throw Failure(
                        "“\(entry.line)” of Postgres.Access "
                            + (entry.address == nil ? "has no address" : "is over the socket and has an address"),
                        advice: "Give from: to all but .local.")
                }
                guard entry.address?.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".:/-".utf8.contains($0) }) != false
                else { throw Failure("invalid address “\(entry.address?.escaped ?? "")” in Postgres.Access") }
            }
        }
    }
}
