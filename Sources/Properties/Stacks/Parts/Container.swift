/// One container of a ``Stack``: a service, as compose calls it.
///
///     Container("app", image: "shop/app", tag: host.tag) {
///         Publish(8080, to: 80)
///         Environment("DATABASE_URL", "postgres://shop:\(Secret("db-password"))@db/shop")
///         DependsOn("db")
///         HealthCheck("wget -q -O /dev/null http://localhost/health")
///     }
///
/// Containers of the stack that share a network with it reach it under its name.
public struct Container: Sendable {
    /// The source of the image.
    public enum Origin: Sendable, Hashable {
        /// The image exists, or is pulled by its tag or digest.
        case registry
        /// The image is built on the machine from this directory, such as one that a ``GitCheckout`` brings; see
        /// ``Docker/Image/init(_:builtFrom:dockerfile:arguments:target:memoryLimit:memoryAndSwap:timeout:)``. The path
        /// of the Dockerfile is relative to the directory. Everybody who may ask docker sees the arguments: they are no
        /// place for a secret.
        case directory(
            FilePath, dockerfile: String = "Dockerfile", target: String? = nil, arguments: [String: String] = [:])
        /// The image was built elsewhere, and is loaded from what `docker save` wrote.
        case archive(FilePath)
    }

    /// The name in the stack.
    public let name: String
    /// The image with its tag or digest: `shop/app:v1.2.0`.
    public let image: String
    public let origin: Origin

    var ports: [Publish] = []
    var freePorts: [PublishOnFreePort] = []
    var volumes: [Volume] = []
    var binds: [BindMount] = []
    var files: [ConfigurationFile] = []
    var environment: [Environment] = []
    var dependencies: [DependsOn] = []
    var networks: [JoinsNetwork] = []
    var networkMode: NetworkMode?
    var aliases: [String] = []
    var healthCheck: HealthCheck?
    var limits: ResourceLimits?
    var restartPolicy = RestartPolicy(.unlessStopped)
    var command: Command?
    /// The files with variables that are in the repository, until it is asked for them.
    var environmentFiles: [EnvironmentFile] = []
    /// The variables of its files, until all parts are there.
    var fileVariables: [Environment] = []
    /// The labels with secrets.
    var secretLabels: [Label] = []
    /// The words of an entry point with secrets; none for any other.
    var secretEntrypoint: [Content] = []
    /// The keys of the compose file that further parts give.
    var keys: [ComposeKey] = []
    /// How traefik serves it; nil if it does not, or is not known to.
    var traefik: ServedByTraefik?
    /// Whether a newer image of the same name is looked for in each run.
    var pullsAlways = false
    /// Whether the health check of the image does not count.
    var ignoresImageHealthCheck = false
    /// The seconds that it may take to stop; nil for the usual time.
    var stopSeconds: Int?
    /// The containers of the stack that it shares processes or memory with.
    var namespaceOwners: [String] = []
    /// The paths of its directories in memory.
    var tmpfsPaths: [FilePath] = []
    /// The problems that its parts report themselves.
    var partProblems: [String] = []

    /// - Parameters:
    ///   - name: the name in the stack: lowercase letters, digits, `-` and `_`.
    ///   - image: without its tag if `tag` is given, otherwise with it or with its digest: `shop/app@sha256:…`.
    ///   - tag: nil by default, for an image that includes it; `latest` if neither has one.
    ///   - origin: the source of the image; a registry by default.
    public init(_ name: String, image: String, tag: String? = nil, origin: Origin = .registry) {
        self.name = name
        let hasTag = image.contains("@") || image.split(separator: "/").last?.contains(":") == true
        self.image = tag.map { "\(image):\($0)" } ?? (hasTag ? image : "\(image):latest")
        self.origin = origin
    }

    /// - Parameters:
    ///   - name: the name in the stack: lowercase letters, digits, `-` and `_`.
    ///   - image: without its tag if `tag` is given, otherwise with it or with its digest: `shop/app@sha256:…`.
    ///   - tag: nil by default, for an image that includes it; `latest` if neither has one.
    ///   - origin: the source of the image; a registry by default.
    ///   - parts: ports, volumes, variables …
    public init(
        _ name: String, image: String, tag: String? = nil, origin: Origin = .registry,
        @ContainerBuilder _ parts: () throws -> [any ContainerPart]
    ) rethrows {
        self.init(name, image: image, tag: tag, origin: origin)
        for part in try parts() { part.add(to: &self) }
        settleVariables()
    }
}
