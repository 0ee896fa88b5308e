/// A system of containers, described once: which there are, what they have, and who needs whom.
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
/// It is deployed with docker and compose, which it brings: its volumes are made where they are missing, its images are brought or
/// built, its data are backed up before anything changes, the compose file is put in place, the containers that changed, and no
/// others, are made anew, and each is waited for until it is healthy. Where one does not get there, the version before is put back.
/// At boot a unit starts it, after docker. See docs/stacks.md.
public struct Stack: CompositeProperty {
    public typealias Target = DebianLike

    public let name: String
    /// Where its compose file and what its containers are given are.
    public let directory: FilePath
    /// The version of the format that its data have.
    public let dataFormat: Int
    /// How long all its containers may take until they are healthy.
    public let healthTimeout: Duration
    /// Which of its backups are kept.
    public let retention: BackupRetention
    /// The host whose data it has a copy of; nil where its data are its own.
    public let origin: String?
    var anonymizations: [Anonymization] = []
    var containers: [Container] = []
    var networks: [Network] = []

    /// - Parameters:
    ///   - name: small letters, digits, `-` and `_`; what compose calls the project.
    ///   - directory: where its compose file and what its containers are given are; `/srv/NAME` by default.
    ///   - dataFormat: the version of the format that its data have; 1 by default. A version of the stack that changes the data so
    ///     that the former one cannot use them has a higher one: then there is no way back to that without a backup.
    ///   - healthTimeout: how long its containers may take until all are healthy, together; three minutes by default. That those without a
    ///     health check have run for ten seconds may come on top of it.
    ///   - retention: which backups are kept; see ``BackupRetention``.
    ///   - origin: the name in hosts.conf of the host whose data this one gets a copy of before it is deployed for the first time:
    ///     `host.from`. nil by default: its data are its own.
    ///   - parts: its containers, in the order in which the compose file has them, networks, and how its data are made anonymous.
    public init(
        _ name: String, directory: FilePath? = nil, dataFormat: Int = 1, healthTimeout: Duration = .minutes(3),
        retention: BackupRetention = BackupRetention(), dataFrom origin: String? = nil,
        @StackBuilder _ parts: () -> [any StackPart]
    ) {
        self.name = name
        self.directory = directory ?? FilePath("/srv").appending(FilePath.Component(escaping: name))
        self.dataFormat = dataFormat
        self.healthTimeout = healthTimeout
        self.retention = retention
        self.origin = origin
        for part in parts() { part.add(to: &self) }
    }

    public var body: [Declaration] {
        let docker = PropertyGroup("docker", for: DebianLike.self) {
            Docker.Engine()
            Docker.Compose()
        }
        let volumes = PropertyGroup("volumes", for: DebianLike.self) {
            for volume in dataVolumes { Docker.Volume(volume.dockerName) }
        }
        let images = PropertyGroup("images", for: DebianLike.self) {
            for image in brought { image }
        }
        docker
        volumes.requires(docker)
        images.requires(docker)
        // After the images: nothing is to stand still in vain.
        let backup = BackupBeforeChange(stack: self).requires(volumes).requires(images)
        backup
        if let origin {
            let cloned = DataCloned(stack: self, origin: origin).requires(volumes).requires(images).requires(backup)
            cloned
            StackDeployment(stack: self).requires(cloned)
        } else {
            StackDeployment(stack: self).requires(volumes).requires(images).requires(backup)
        }
        SystemdUnit(bootUnit, bootUnitText).requires(StackDeployment(stack: self))
        Service(bootUnit).requires(StackDeployment(stack: self))
    }

    /// Its images, each once.
    private var brought: [Docker.Image] {
        var seen: Set<String> = []
        return containers.filter { seen.insert($0.image).inserted }.map(\.brought)
    }
}

extension Stack {
    /// The text of its compose file.
    public var composeText: String { ComposeFile(stack: self).text }
}

extension Host {
    /// Its stacks, in the order in which they are declared.
    public var stacks: [Stack] { steps.compactMap { ($0.property as? StackDeployment)?.stack } }
}
