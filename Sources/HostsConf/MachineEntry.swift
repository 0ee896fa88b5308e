public import Propel
public import Vocabulary

/// One entry of `hosts.conf`.
public struct MachineEntry: Sendable, Equatable {
    /// What the machine's role may depend on.
    public var entry: HostEntry
    /// How to reach the machine.
    public var connection: ConnectionSettings
    /// The Debian that a sandbox runs; nil where the machine is no sandbox.
    public var sandbox: DebianRelease?
    /// The machine's processor; nil: the machine is asked.
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

/// How to reach a machine over ssh and to become root there. What is nil or empty is as `ssh_config(5)` says.
public struct ConnectionSettings: Sendable, Equatable {
    /// A host name or an address; nil: the name of the entry, which ssh resolves through its `Host` blocks.
    public var address: String?
    /// 1 to 65535.
    public var port: Int?
    /// The login user; nil: as `ssh_config(5)` says, or the local user.
    public var user: String?
    /// nil: `sudo`, unless the user is root.
    public var become: Become?
    /// Key files as they were written; `~/` is for the reader to expand, as in `ssh_config(5)`.
    public var identities: [String]
    /// The pinned host keys, each `type base64`, without a comment. Empty: `known_hosts` decides.
    public var hostKeys: [String]
    /// `[user@]host[:port]`, several of them with commas between, or `none`.
    public var proxyJump: String?
    /// Whole seconds.
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
