/// How to reach one machine.
///
/// What is not given here comes from `~/.ssh/config`, the way `ssh` itself resolves it.
public struct Destination: Sendable {
    /// A name, an address, or an alias of `~/.ssh/config`.
    public var host: String
    /// TCP port; `nil` takes that of `~/.ssh/config`, or 22.
    public var port: Int?
    /// Login user; `nil` takes that of `~/.ssh/config`, or the local user.
    public var user: String?
    /// Private key files that are tried before all others. `~` is expanded.
    public var identityFiles: [String]
    /// Pinned host keys, as `ssh-ed25519 AAAA…`. Where there are any, only these count and `known_hosts` is not asked.
    public var hostKeys: [String]
    /// Machines to jump through, as in ssh_config(5) `ProxyJump`.
    public var proxyJump: String?
    /// Time for name resolution, TCP and the SSH handshake together, and again for each step of authentication. The time
    /// that a person needs to answer a prompt does not count. `nil` takes `ConnectTimeout` of `~/.ssh/config`, or 10 s.
    public var connectTimeout: Duration?
    /// A configuration file instead of `~/.ssh/config` and `/etc/ssh/ssh_config`, as `ssh -F`.
    public var configurationFile: String?

    /// - Parameter connectTimeout: 10 s by default; `nil` takes `ConnectTimeout` of `~/.ssh/config`, or 10 s.
    public init(
        host: String,
        port: Int? = nil,
        user: String? = nil,
        identityFiles: [String] = [],
        hostKeys: [String] = [],
        proxyJump: String? = nil,
        connectTimeout: Duration? = .seconds(10),
        configurationFile: String? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.identityFiles = identityFiles
        self.hostKeys = hostKeys
        self.proxyJump = proxyJump
        self.connectTimeout = connectTimeout
        self.configurationFile = configurationFile
    }
}
