extension Postgres.Database {
    /// No database of that name on the server.
    ///
    ///     Postgres.Database.Absent("old-shop")
    ///
    /// Its data is dumped first, by pg_dump in its custom format, into a file that only root and the user postgres can
    /// read; pg_restore(1) brings it back. The report ends with the path. If the dump fails the database stays, and it
    /// stays while programs are connected to it: declare before this that they do not run. Users cannot connect while
    /// it is dumped, so that nothing is written that is not in the dump; they can again if it stays. After a run that
    /// was killed the next one sees to that, whether the database is still declared absent or declared again.
    public struct Absent: Property {
        public typealias Target = DebianLike

        public let database: String
        public let directory: FilePath

        /// - Parameters:
        ///   - database: the name.
        ///   - directory: the directory of the dump, which is made if it is missing; `/var/backups/postgresql` by
        ///     default. The file is `NAME-TIME.dump`.
        public init(_ database: String, dumpedTo directory: FilePath = "/var/backups/postgresql") {
            self.database = database
            self.directory = directory
        }

        public var name: String { "no PostgreSQL database \(database)" }
        public var claims: [Claim] { [Claim("PostgreSQL database \(database)", is: "absent")] }
        public var problems: [String] { problems(in: validate) }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let server = try await PostgresServer.present(on: machine) else { return .satisfied }
            guard try server.database(database) != nil else {
                return try ClosedConnections.to(database: database, of: server.cluster).areLeft(on: machine)
                    ? .unmet("forget who could connect to it") : .satisfied
            }
            return .unmet("dump it to \(directory), and remove it")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            guard let server = try await PostgresServer.present(on: machine) else { return }
            let cluster = server.cluster, connections = ClosedConnections.to(database: database, of: cluster)
            guard try server.database(database) != nil else { return try connections.forget(on: machine) }
            let limit = try await connectionLimit(cluster, machine)
            // One whose removal was cut is no longer a database: nobody can connect to it, and nothing else is left.
            guard limit != -2 else {
                try await remove(from: cluster, machine)
                return try connections.forget(on: machine)
            }
            try await connections.during(limiting(to: 0), limiting(to: limit), on: machine) {
                try await refuseConnections(cluster, machine)
                try await dump(cluster, machine)
                try await remove(from: cluster, machine)
            }
        }

        private func limiting(to limit: Int) -> String {
            "ALTER DATABASE \(PostgresSQL.name(database)) CONNECTION LIMIT \(limit);\n"
        }

        private func connectionLimit(_ cluster: PostgresCluster, _ machine: Machine) async throws -> Int {
            let answer = try await cluster.ask(
                "SELECT datconnlimit FROM pg_database WHERE datname = \(PostgresSQL.string(database));\n", on: machine)
            guard let limit = Int(answer.trimmed) else { throw Failure("PostgreSQL has no database \(database)") }
            return limit
        }

        private func refuseConnections(_ cluster: PostgresCluster, _ machine: Machine) async throws {
            let users = try await cluster.ask(
                "SELECT DISTINCT usename FROM pg_stat_activity WHERE backend_type = 'client backend' "
                    + "AND datname = \(PostgresSQL.string(database));\n", on: machine
            ).nonEmptyLines
            guard users.isEmpty else {
                throw Failure(
                    "programs are connected to the PostgreSQL database \(database), as "
                        + users.joined(separator: ", ").escaped,
                    advice: "Stop them first, for example by Service(…, isRunning: false) before this.")
            }
        }

        private func dump(_ cluster: PostgresCluster, _ machine: Machine) async throws {
            let dump = DatabaseDump(
                of: database, "the PostgreSQL database \(database)", in: directory, ending: "dump", on: machine)
            let owner = try await machine.owner(user: "postgres", group: nil)
            try await dump.make(owner: owner, on: machine) { file in
                var command = try cluster.client(
                    "pg_dump", ["--format=custom", "--file=\(file)"], to: database)
                command.timeout = DatabaseDump.timeout
                return command
            }
        }

        private func remove(from cluster: PostgresCluster, _ machine: Machine) async throws {
            try await cluster.ask("DROP DATABASE \(PostgresSQL.name(database));\n", on: machine)
        }

        private func validate() throws {
            try PostgresSQL.validate(database, "a PostgreSQL database")
            try validateAbsolute(directory)
            guard !["postgres", "template0", "template1"].contains(database) else {
                throw Failure(
                    "the PostgreSQL database \(database) belongs to the server", advice: "Leave it where it is.")
            }
        }
    }
}
