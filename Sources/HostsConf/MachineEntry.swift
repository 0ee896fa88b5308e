public import Propel
public import Vocabulary

/// One entry of `hosts.conf`.
public struct MachineEntry: Sendable, Equatable {
    /// The part that the role can read.
    public var entry: HostEntry
    /// How to reach the machine.
    public var connection: ConnectionSettings
    /// The Debian release of a sandbox; nil for a machine that is not a sandbox.
    public var sandbox: DebianRelease?
    /// The architecture of the machine; nil to ask the machine.
    public var architecture: Architecture?
    /// The line of the entry's header, counted from 1.
    public var line: Int

    public init(
        entry: HostEntry, connection: ConnectionSettings = ConnectionSettings(), sandbox: DebianRelease? = nil,
        architecture: Architecture? = nil, line: Int
    ) {
        self.entry = entry
        self.connection = connection
        self.sandbox = sandbox
        self.architecture = architecture
        self.line = line
    }
}

/// How to reach a machine over ssh and to become root there. `ssh_config(5)` decides about what is nil or empty.
public struct ConnectionSettings: Sendable, Equatable {
    /// A host name or an IP address; nil for the name of the entry, which may match a `Host` block of `ssh_config(5)`.
    public var address: String?
    /// 1 to 65535.
    public var port: Int?
    /// The login user; by default the one of `ssh_config(5)`, otherwise the local user.
    public var user: String?
    /// By default `sudo`, unless the user is root.
    public var become: Become?
    /// Private key files as they are written in `hosts.conf`, with `~/` not yet expanded.
    public var identities: [String]
    /// The pinned host keys, each `type base64`. If empty, `known_hosts` decides.
    public var hostKeys: [String]
    /// `[user@]host[:port]`, several separated by commas, or `none`.
    public var proxyJump: String?
    /// In whole seconds.
    public var connectTimeout: Duration?

    public init(
        address: String? = nil, port: Int? = nil, user: String? = nil, become: Become? = nil, identities: [String] = [],
        hostKeys: [String] = [], proxyJump: String? = nil, connectTimeout: Duration? = nil
    ) {
        self.address = address
        self.port = port
        self.user = user
        self.become = become
        self.identities = identities
        self.hostKeys = hostKeys
        self.proxyJump = proxyJump
        self.connectTimeout = connectTimeout
    }
}
