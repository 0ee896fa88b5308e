/// The address of a machine and the settings to connect with.
///
/// Settings that are nil or empty are taken from `~/.ssh/config`, as `ssh` resolves them.
public struct Destination: Sendable, Equatable {
    /// A name, an address, or an alias of `~/.ssh/config`.
    public var host: String
    /// The TCP port; `nil`: that of `~/.ssh/config`, or 22.
    public var port: Int?
    /// The login user; `nil`: that of `~/.ssh/config`, or the local user.
    public var user: String?
    /// Private key files to try before all others. `~` is expanded.
    public var identityFiles: [String]
    /// Pinned host keys, as `ssh-ed25519 AAAA…`. If there are any, `known_hosts` is not used.
    public var hostKeys: [String]
    /// Jump hosts, as in `ProxyJump` of ssh_config(5).
    public var proxyJump: String?
    /// The timeout for name resolution, TCP and the SSH handshake together, and again for each step of
    /// authentication. Time spent waiting for the user's answer does not count. `nil`: `ConnectTimeout` of
    /// `~/.ssh/config`, or 10 s.
    public var connectTimeout: Duration?
    /// A configuration file instead of `~/.ssh/config` and `/etc/ssh/ssh_config`, as `ssh -F`.
    public var configurationFile: String?

    /// - Parameter connectTimeout: 10 s by default; `nil`: `ConnectTimeout` of `~/.ssh/config`, or 10 s.
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

extension Destination {
    /// The arguments of `ssh` for this destination; a command may follow.
    var clientArguments: [String] {
        var arguments: [String] = []
        if let configurationFile { arguments += ["-F", configurationFile] }
        if let port { arguments += ["-p", String(port)] }
        if let user { arguments += ["-l", user] }
        if let proxyJump { arguments += ["-J", proxyJump] }
        for file in identityFiles { arguments += ["-i", file] }
        return arguments + ["--", host]
    }
}
