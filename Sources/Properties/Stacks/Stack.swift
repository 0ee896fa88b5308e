/// A system of containers that is described, deployed and rolled back as one.
///
///     Stack("shop") {
///         Container("db", image: "shop/postgres", tag: "15") {
///             Volume("data", at: "/var/lib/postgresql/data", backup: .postgres(database: "shop"))
///             Environment("POSTGRES_PASSWORD", "\(Secret("db-password"))")
///             HealthCheck("pg_isready --username=postgres")
///         }
///         Container("app", image: "shop/app", tag: host.tag) {
///             Publish(8080, to: 80)
///             DependsOn("db")
///         }
///     }
///
/// It brings docker and compose. A deployment creates missing volumes, pulls or builds images, backs up the data,
/// writes the compose file, recreates the containers that changed, and no others, and waits until each is healthy. If
/// one does not become healthy, the previous version is restored. At boot a systemd unit starts the containers after
/// docker. See docs/stacks.md.
public struct Stack: Sendable {
    /// The name of the project in compose.
    public let name: String
    /// The directory of the compose file and of the files that are mounted.
    public let directory: FilePath
    /// The version of the format of the data.
    public let dataFormat: Int
    /// The time that all containers together may take to become healthy.
    public let healthTimeout: Duration
    /// Which backups are kept.
    public let retention: BackupRetention
    /// The host that the data is copied from; nil if this host has its own.
    public let origin: String?
    /// Which containers reach each other.
    public let layout: Networks
    /// Whether containers have the networks that former versions of Propel gave them; see ``asDeployed(on:)``.
    var keepsFormerNetworks = false
    /// The pace of whatever waits for the containers.
    var timing = StackTiming()
    var anonymizations: [Anonymization] = []
    /// The repositories that its backups are copied to.
    var backupCopies: [RepositoryBackup] = []
    var containers: [Container] = []
    var networks: [Network] = []
    var expectations: [Expect] = []

    /// - Parameters:
    ///   - name: the name of the project in compose: lowercase letters, digits, `-` and `_`.
    ///   - directory: the directory of the compose file and of the files that are mounted; `/srv/NAME` by default.
    ///   - dataFormat: the version of the format of the data; 1 by default. Raise it in a version that changes the
    ///     data so that the previous version cannot use it: then a rollback needs a backup.
    ///   - healthTimeout: the time that all containers together may take to become healthy, from when they are started;
    ///     three minutes by default. Stopping the old ones does not count. The ten seconds that a container without a
    ///     health check must run may be added to it.
    ///   - retention: which backups are kept; see ``BackupRetention``. By default the newest five.
    ///   - origin: the name in hosts.conf of the host whose data is copied before the first deployment: `host.from`.
    ///     Nil, the default, if this host has its own data.
    ///   - layout: which containers reach each other by their names; by default those that depend on each other.
    ///   - parts: the containers, in the order of the compose file, networks, and how a copy of the data is anonymized.
    public init(
        _ name: String, directory: FilePath? = nil, dataFormat: Int = 1, healthTimeout: Duration = .minutes(3),
        retention: BackupRetention = BackupRetention(), dataFrom origin: String? = nil,
        networks layout: Networks = .byDependency,
        @StackBuilder _ parts: () throws -> [any StackPart]
    ) rethrows {
        self.name = name
        self.directory = directory ?? FilePath("/srv").appending(escaping: name)
        self.dataFormat = dataFormat
        self.healthTimeout = healthTimeout
        self.retention = retention
        self.origin = origin
        self.layout = layout
        for part in try parts() { part.add(to: &self) }
    }

    /// The container with a name; nil if there is none.
    func container(named name: String) -> Container? { containers.first { $0.name == name } }

    /// The declared network with a name; nil if there is none.
    func network(named name: String) -> Network? { networks.first { $0.name == name } }

    /// The compose file.
    public var composeText: String { ComposeFile(stack: self).text }
}

extension Host {
    /// The stacks of the host, in the order of their declaration.
    public var stacks: [Stack] { steps.compactMap { ($0.property as? StackDeployment)?.stack } }
}
