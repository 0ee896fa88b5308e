/// A file with this content that is mounted read-only into a container.
///
///     ConfigurationFile("/etc/app.conf", "workers = 4\n")
///     ConfigurationFile("/run/secrets/key.pem", "\(Secret("tls-key"))", owner: 101)
///     ConfigurationFile("/etc/prometheus/prometheus.yml", from: "files/prometheus.yml")
///     ConfigurationFile("/etc/site.conf", Template("files/site.conf", ["domain": "example.com"]))
///
/// When it changes the container is recreated: a running container keeps the file that it was created with.
public struct ConfigurationFile: ContainerPart, Hashable {
    /// The path in the container.
    public let path: FilePath
    /// A string or bytes, with secrets in it.
    public let content: Content
    /// The permission bits.
    public let mode: FileMode
    /// The UID of the owner in the container.
    public let owner: UInt32
    /// Whether everybody who may read the file may execute it, if the file of the repository is executable.
    public let isExecutableAsInRepository: Bool

    /// - Parameters:
    ///   - path: the absolute path in the container.
    ///   - content: a string or bytes, with secrets in it.
    ///   - mode: the permission bits; 0644 by default, 0600 if the content has secrets.
    ///   - owner: the UID of the owner in the container; root (0) by default.
    public init(_ path: FilePath, _ content: Content, mode: FileMode? = nil, owner: UInt32 = 0) {
        self.path = path
        self.content = content
        self.mode = mode ?? (content.secrets.isEmpty ? 0o644 : 0o600)
        self.owner = owner
        isExecutableAsInRepository = mode == nil && content.repositoryFile != nil
    }

    /// A file of the repository, of at most 4 MiB; see ``/Propel/RepositoryFile``.
    /// - Parameters:
    ///   - path: the absolute path in the container.
    ///   - source: the file, relative to the folder of `hosts.conf`.
    ///   - mode: the permission bits; 0644 by default, and 0755 if the file of the repository is executable.
    ///   - owner: the UID of the owner in the container; root (0) by default.
    public init(_ path: FilePath, from source: String, mode: FileMode? = nil, owner: UInt32 = 0) {
        self.init(path, Content(from: source), mode: mode, owner: owner)
    }

    /// A template of the repository with its values; see ``/Propel/Template``.
    public init(_ path: FilePath, _ template: Template, mode: FileMode? = nil, owner: UInt32 = 0) {
        self.init(path, Content(template), mode: mode, owner: owner)
    }

    /// A file whose content is not a literal; see ``Environment/init(_:text:)``.
    public init(_ path: FilePath, text: String, mode: FileMode? = nil, owner: UInt32 = 0) {
        self.init(path, Content(text), mode: mode, owner: owner)
    }

    public func add(to container: inout Container) { container.files.append(self) }
}
