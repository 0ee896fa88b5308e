/// One container of a ``Stack``, which compose calls a service.
///
///     Container("app", image: "shop/app", tag: host.tag) {
///         Publish(8080, to: 80)
///         Environment("DATABASE_URL", "postgres://shop:\(Secret("db-password"))@db/shop")
///         DependsOn("db")
///         HealthCheck("wget -q -O /dev/null http://localhost/health")
///     }
///
/// The others of its stack that are connected with it know it by its name, as a host's name.
public struct Container: Sendable {
    /// Where its image comes from.
    public enum Origin: Sendable, Hashable {
        /// It is there, or is pulled by its tag or digest.
        case registry
        /// It is built on the machine from this directory; see ``Docker/Image/init(_:builtFrom:dockerfile:arguments:target:memoryLimit:memoryAndSwap:timeout:)``.
        case directory(FilePath)
        /// It was built elsewhere, and what `docker save` wrote there is imported.
        case archive(FilePath)
    }

    /// Its name in the stack.
    public let name: String
    /// With its tag or digest: `shop/app:v1.2.0`.
    public let image: String
    public let origin: Origin

    var ports: [Publish] = []
    var volumes: [Volume] = []
    var binds: [BindMount] = []
    var files: [ConfigurationFile] = []
    var environment: [Environment] = []
    var dependencies: [DependsOn] = []
    var networks: [JoinsNetwork] = []
    var healthCheck: HealthCheck?
    var limits: ResourceLimits?
    var restartPolicy = RestartPolicy(.unlessStopped)
    var command: Command?
    /// What is wrong with its parts, in words, as far as they say so themselves.
    var partProblems: [String] = []

    /// - Parameters:
    ///   - name: its name in the stack: small letters, digits, `-` and `_`.
    ///   - image: without its tag where `tag` is given, else with it, or with its digest: `shop/app@sha256:…`.
    ///   - tag: nil by default, and for an image that says it; `latest` where neither does.
    ///   - origin: where the image comes from; a registry by default.
    ///   - parts: what it is given: ports, volumes, variables …
    public init(
        _ name: String, image: String, tag: String? = nil, origin: Origin = .registry,
        @ContainerBuilder _ parts: () -> [any ContainerPart] = { [] }
    ) {
        self.name = name
        let hasTag = image.contains("@") || image.split(separator: "/").last?.contains(":") == true
        self.image = tag.map { "\(image):\($0)" } ?? (hasTag ? image : "\(image):latest")
        self.origin = origin
        for part in parts() { part.add(to: &self) }
    }
}
