extension MariaDB.User {
    /// No user of that name from that host.
    ///
    ///     MariaDB.User.Absent("old-shop")
    ///
    /// Its privileges go with it, and nothing else: tables belong to their database. Views and routines that run with
    /// its rights (`DEFINER`) no longer do.
    public struct Absent: Property {
        public typealias Target = DebianLike

        public let user: String
        public let host: String

        /// - Parameters:
        ///   - user: the name.
        ///   - host: the host that it connects from; `localhost` by default.
        public init(_ user: String, host: String = "localhost") {
            self.user = user
            self.host = host
        }

        public var name: String { "no MariaDB user \(user)\(host == "localhost" ? "" : "@\(host)")" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] { [Claim("the MariaDB user \(user)@\(host)", is: "absent")] }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard try await MariaDBServer.present(on: machine)?.user(user, at: host) != nil else { return .satisfied }
            return .unmet("remove")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await MariaDBServer.ask("DROP USER \(MariaDBSQL.user(user, at: host));\n", on: machine)
        }

        private func validate() throws {
            try MariaDBSQL.validate(user, "a MariaDB user")
            try MariaDBSQL.validate(host, "the host of a MariaDB user")
            guard !["root", "mysql", "mariadb.sys"].contains(user) || host != "localhost" else {
                throw Failure(
                    "the MariaDB user \(user) cannot be removed: the server or Propel connects as it",
                    advice: "Leave it where it is.")
            }
        }
    }
}

extension MariaDB.Database {
    /// No database of that name on the server.
    ///
    ///     MariaDB.Database.Absent("old-shop")
    ///
    /// Its data is dumped first, by mariadb-dump with its routines, events and triggers, into a file that only root can
    /// read; `mariadb < FILE` brings it back. The report ends with the path. If the dump fails the database stays, and
    /// it stays while programs use it: declare before this that they do not run.
    public struct Absent: Property {
        public typealias Target = DebianLike

        public let database: String
        public let directory: FilePath

        /// - Parameters:
        ///   - database: the name.
        ///   - directory: the directory of the dump, which is made if it is missing; `/var/backups/mariadb` by
        ///     default. The file is `NAME-TIME.sql`.
        public init(_ database: String, dumpedTo directory: FilePath = "/var/backups/mariadb") {
            self.database = database
            self.directory = directory
        }

        public var name: String { "no MariaDB database \(database)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] { [Claim("MariaDB database \(database)", is: "absent")] }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard try await MariaDBServer.present(on: machine)?.database(database) != nil else { return .satisfied }
            return .unmet("dump it to \(directory), and remove it")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await refuseConnections(on: machine)
            let dump = DatabaseDump(
                of: database, "the MariaDB database \(database)", in: directory, ending: "sql", on: machine)
            try await dump.make(owner: .root, on: machine) { file in
                Invocation(
                    "mariadb-dump",
                    [
                        "--user=root", "--socket=\(MariaDBServer.socket)", "--single-transaction", "--routines",
                        "--events",
                        "--triggers", "--hex-blob", "--result-file=\(file)", "--databases", "--", database,
                    ], timeout: DatabaseDump.timeout)
            }
            // What came during the dump may have written what is not in it.
            try await refuseConnections(on: machine)
            try await MariaDBServer.ask("DROP DATABASE \(MariaDBSQL.name(database));\n", on: machine)
        }

        private func refuseConnections(on machine: Machine) async throws {
            let users = try await MariaDBServer.ask(
                "SELECT DISTINCT USER FROM information_schema.PROCESSLIST WHERE DB = "
                    + "\(MariaDBSQL.string(database));\n", on: machine
            ).nonEmptyLines
            guard users.isEmpty else {
                throw Failure(
                    "programs use the MariaDB database \(database), as \(users.joined(separator: ", ").escaped)",
                    advice: "Stop them first, for example by Service(…, isRunning: false) before this.")
            }
        }

        private func validate() throws {
            try MariaDBSQL.validate(database, "a MariaDB database")
            try validateAbsolute(directory)
            guard !["mysql", "sys", "information_schema", "performance_schema"].contains(database.lowercased()) else {
                throw Failure(
                    "the MariaDB database \(database) belongs to the server", advice: "Leave it where it is.")
            }
        }
    }
}
