/// A file that is mounted into a container, read-only, with this content.
///
///     ConfigurationFile("/etc/app.conf", "workers = 4\n")
///     ConfigurationFile("/run/secrets/key.pem", "\(Secret("tls-key"))", owner: 101)
///
/// When it changes, the container is made anew: one that goes on sees the file that it was made with.
public struct ConfigurationFile: ContainerPart, Hashable {
    /// Where the container sees it.
    public let path: FilePath
    public let content: Content
    public let mode: Permissions
    public let owner: UInt32

    /// - Parameters:
    ///   - path: absolute, where the container sees it.
    ///   - content: text, bytes, and secrets among them.
    ///   - mode: the permission bits; 0644 by default, and 0600 where the content has secrets.
    ///   - owner: the number of the user that owns it within the container; root (0) by default.
    public init(_ path: FilePath, _ content: Content, mode: Permissions? = nil, owner: UInt32 = 0) {
        self.path = path
        self.content = content
        self.mode = mode ?? (content.secrets.isEmpty ? 0o644 : 0o600)
        self.owner = owner
    }

    /// A file with a text that is no literal; see ``Environment/init(_:text:)``.
    public init(_ path: FilePath, text: String, mode: Permissions? = nil, owner: UInt32 = 0) {
        self.init(path, Content(text), mode: mode, owner: owner)
    }

    public func add(to container: inout Container) { container.files.append(self) }
}
