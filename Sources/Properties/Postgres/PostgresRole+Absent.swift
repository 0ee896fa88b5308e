extension Postgres.Role {
    /// No role of that name on the server.
    ///
    ///     Postgres.Role.Absent("old-shop")
    ///     Postgres.Role.Absent("bob", successor: "shop")
    ///
    /// A role that owns something, or has privileges on something, stays: the failure says on what. With a successor
    /// that role gets what it owns in all databases, and its privileges are revoked; nothing is dropped with it. It
    /// stays while it is connected.
    public struct Absent: Property {
        public typealias Target = DebianLike

        public let role: String
        public let successor: String?

        /// - Parameters:
        ///   - role: the name.
        ///   - successor: the role that gets what it owns, which must exist or be declared before; nobody by default.
        public init(_ role: String, successor: String? = nil) {
            self.role = role
            self.successor = successor
        }

        public var name: String { "no PostgreSQL role \(role)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] { [Claim("PostgreSQL role \(role)", is: "absent")] }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let server = try await PostgresServer.present(on: machine) else { return .satisfied }
            guard try server.role(role) != nil else {
                return try ClosedConnections.of(role: role, in: server.cluster).areLeft(on: machine)
                    ? .unmet("forget whether it could log in") : .satisfied
            }
            guard let successor else { return .unmet("remove") }
            try server.requireRole(successor)
            return .unmet("give what it owns to \(successor), and remove it")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            guard let server = try await PostgresServer.present(on: machine) else { return }
            let cluster = server.cluster, connections = ClosedConnections.of(role: role, in: cluster)
            guard let found = try server.role(role) else { return try connections.forget(on: machine) }
            let name = PostgresSQL.name(role), login = found["login"]?.bool == true ? "LOGIN" : "NOLOGIN"
            do {
                // What it makes from now on would be dropped with its privileges.
                try await connections.during(
                    "ALTER ROLE \(name) NOLOGIN;\n", "ALTER ROLE \(name) \(login);\n", on: machine
                ) {
                    try await refuseConnections(cluster, machine)
                    if let successor { try await hand(to: successor, cluster, machine) }
                    try await cluster.ask("DROP ROLE \(name);\n", on: machine)
                }
            } catch {
                guard var failure = error as? Failure, successor == nil, failure.command != nil else { throw error }
                failure.advice =
                    "Give what it owns to another role with successor:, or declare before this that it is absent."
                throw failure
            }
        }

        private func refuseConnections(_ cluster: PostgresCluster, _ machine: Machine) async throws {
            let databases = try await cluster.ask(
                "SELECT DISTINCT coalesce(datname, '') FROM pg_stat_activity "
                    + "WHERE usename = \(PostgresSQL.string(role));\n", on: machine
            ).nonEmptyLines
            guard databases.isEmpty else {
                throw Failure(
                    "the PostgreSQL role \(role) is connected to \(databases.joined(separator: ", ").escaped)",
                    advice: "Stop its programs first, for example by Service(…, isRunning: false) before this.")
            }
        }

        private func hand(to successor: String, _ cluster: PostgresCluster, _ machine: Machine) async throws {
            let old = PostgresSQL.name(role), new = PostgresSQL.name(successor)
            let answer = try await cluster.ask(
                // Nobody can connect to one whose removal was cut (-2).
                "SELECT to_json(datname) FROM pg_database WHERE datallowconn AND datconnlimit <> -2;\n", on: machine)
            for line in answer.nonEmptyLines {
                guard let database = try JSON(parsing: Array(line.utf8)).string else { continue }
                // Nothing is left to be dropped but privileges.
                try await cluster.ask(
                    "BEGIN;\nREASSIGN OWNED BY \(old) TO \(new);\nDROP OWNED BY \(old);\nCOMMIT;\n", in: database,
                    on: machine)
            }
        }

        private func validate() throws {
            for name in [role] + [successor].compactMap(\.self) {
                try PostgresSQL.validate(name, "a PostgreSQL role")
            }
            guard role != "postgres", !role.hasPrefix("pg_"), role != successor else {
                throw Failure(
                    "the PostgreSQL role \(role) cannot be removed",
                    advice: "The server needs it, or it is its successor.")
            }
        }
    }
}
