/// PostgreSQL: a server, and what is in it.
///
///     Postgres.Server()
///     Postgres.Role("shop", password: Secret("shop-db-password"))
///     Postgres.Database("shop", owner: "shop")
///     Postgres.Extension("pg_trgm", in: "shop")
///     Postgres.Settings(["shared_buffers": "512MB", "log_min_duration_statement": "250ms"])
///
/// Propel connects over the socket as the user postgres, for which Debian's servers need no password. One question
/// answers for all properties of the server. Of several servers of a machine it is the one on port 5432. What a
/// declaration no longer names stays: a role or a database is removed only if it is declared as
/// ``Postgres/Role/Absent`` or ``Postgres/Database/Absent``, and a database after a dump.
public enum Postgres {
    /// The server, from the packages of the release or of another repository, running now and at boot.
    ///
    ///     Postgres.Server()
    ///     Postgres.Server(version: 17)
    ///
    /// Debian makes a server (“cluster”) when it installs the package; if it was removed, this makes one.
    ///
    /// It is never removed, since its data would go with it. ``Apt/Absent`` removes the packages, and leaves the data
    /// unless they are purged.
    public struct Server: CompositeProperty {
        public typealias Target = DebianLike

        public let version: Int?

        /// - Parameter version: the major version, for which a repository of apt has to be declared if it is not that
        ///   of the release; that of the release by default.
        public init(version: Int? = nil) { self.version = version }

        public var name: String { "PostgreSQL\(version.map { " \($0)" } ?? "")" }

        public var body: [Declaration] {
            Apt.Installed(version.map { "postgresql-\($0)" } ?? "postgresql")
            Service("postgresql")
            Cluster()
        }
    }

    /// There is a cluster, and its server runs.
    struct Cluster: Property {
        typealias Target = DebianLike

        private static let programs: FilePath = "/usr/lib/postgresql"

        var name: String { "server" }

        func check(on machine: Machine) async throws -> Check {
            let clusters = try PostgresCluster.all(on: machine)
            guard let cluster = Self.newest(clusters) else {
                guard let version = try newest(on: machine) else {
                    throw Undetermined(until: "PostgreSQL is installed")
                }
                return .unmet("create the cluster \(version)/main")
            }
            guard clusters.allSatisfy({ $0.socket == nil }) else { return .satisfied }
            return .unmet("start \(cluster.unit)")
        }

        func apply(on machine: Machine) async throws {
            if try PostgresCluster.all(on: machine).isEmpty, let version = try newest(on: machine) {
                try await machine.run("pg_createcluster", version, "main")
                // systemd knows the clusters that were there when it read its units.
                try await machine.succeed(SystemctlCommand.daemonReload)
            }
            guard let cluster = Self.newest(try PostgresCluster.all(on: machine)) else { return }
            try await machine.control(.start, cluster.unit)
        }

        /// The cluster that is started if none runs.
        private static func newest(_ clusters: [PostgresCluster]) -> PostgresCluster? {
            clusters.max { Int($0.version) ?? 0 < Int($1.version) ?? 0 }
        }

        /// The newest version that is installed.
        private func newest(on machine: Machine) throws -> String? {
            guard try machine.files.status(of: Self.programs)?.kind == .directory else { return nil }
            return try machine.files.list(Self.programs).filter { version in
                try machine.files.status(of: Self.programs.appending(version).appending("bin/initdb")) != nil
            }.max { Int($0) ?? 0 < Int($1) ?? 0 }
        }
    }
}
