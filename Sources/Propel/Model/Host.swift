/// A machine of `hosts.conf`: its operating system and its properties.
///
///     Host("pi.local", runs: Debian.self) {
///         Locale.Default("en_GB.UTF-8")
///         SwapFile("/swapfile", size: .gibibytes(1))
///     }
public struct Host: Sendable {
    /// The name that `propel HOST` takes.
    public let name: String
    /// The tree of its properties.
    public let declarations: [Declaration]
    /// The name of the platform that it runs.
    public let platform: String
    /// The properties in the order in which they are applied. One that is declared twice is there once.
    public let steps: [Step]
    /// Whether its role has read the tag of the entry: if not, all tags describe the same.
    public internal(set) var readsTag = false
    /// The stacks whose tags (``HostEntry/tag(of:)``) its role has read.
    public internal(set) var readsTagsOf: Set<String> = []
    /// The hosts of the fleet that its role has read, in the order of `hosts.conf`.
    public internal(set) var fleetHosts: [FleetHost] = []
    /// Whether its properties are what is described of the machine, and no operation.
    var isDescription = true
    /// The files of the repository that its properties use, as far as they are known.
    public var repository = RepositoryManifest.empty {
        didSet { knownHashes = KnownHashes() }
    }
    /// The hashes of its steps, once they were asked for.
    var knownHashes = KnownHashes()
    /// The names of the secrets that its role has put into Strings.
    var secretsInStrings: [String] = []
    let includes: @Sendable (OperatingSystem) -> Bool

    init(
        name: String, declarations: [Declaration], platform: String,
        includes: @escaping @Sendable (OperatingSystem) -> Bool
    ) {
        self.name = name
        self.declarations = declarations
        steps = Step.flattening(declarations)
        self.platform = platform
        self.includes = includes
    }

    /// - Parameters:
    ///   - name: its name in reports.
    ///   - system: the platform that it runs. Properties for another platform do not compile.
    ///   - properties: the properties, in the order in which they are applied.
    public init<System: Platform>(
        _ name: String, runs system: System.Type, @PropertyBuilder<System> _ properties: () throws -> [Declaration]
    ) rethrows {
        self.init(
            name: name, declarations: try properties(), platform: System.name, includes: { System.includes($0) })
    }
}

/// A function from an entry of `hosts.conf` to properties.
///
///     Role("pi", runs: Debian.self, keys: ["swap"]) { host in
///         Hostname(host.name)
///         SwapFile("/swapfile", size: .bytes(try host.size("swap") ?? .gibibytes(1)))
///     }
public struct Role: Sendable {
    /// The name that `role = "…"` in `hosts.conf` gives.
    public let name: String
    /// The keys that an entry with this role may have in `hosts.conf`. Any other key is an error there.
    public let keys: Set<String>
    private let makeHost: @Sendable (HostEntry) throws -> Host

    /// - Parameters:
    ///   - name: the value of `role` in `hosts.conf`.
    ///   - system: the platform that its hosts run. Properties for another platform do not compile.
    ///   - keys: the keys that it reads from an entry; none by default.
    ///   - properties: returns the properties of a host, in the order in which they are applied.
    public init<System: Platform>(
        _ name: String, runs system: System.Type, keys: Set<String> = [],
        @PropertyBuilder<System> _ properties: @escaping @Sendable (HostEntry) throws -> [Declaration]
    ) {
        self.name = name
        self.keys = keys
        makeHost = { entry in try Host(entry.name, runs: system) { try properties(entry) } }
    }

    /// Makes the host that an entry of `hosts.conf` describes.
    /// - Throws: the error of the role's function, if a key of the entry is invalid; ``FleetHosts/Unknown`` if it asks
    ///   for a host or a role that there is not.
    public func host(for entry: HostEntry) throws -> Host {
        let strings = SecretsInStrings()
        var (host, reads) = try SecretsInStrings.$current.withValue(strings) { try entry.notingReads(makeHost) }
        host.readsTag = reads.isTagRead
        host.readsTagsOf = reads.stacks
        host.fleetHosts = entry.fleet.read(in: reads)
        host.secretsInStrings = strings.sortedNames
        return host
    }
}

/// All roles that a configuration defines.
public struct Fleet: Sendable {
    /// In the order in which they were given.
    public let roles: [Role]

    public init(_ roles: Role...) { self.roles = roles }

    /// The role with a name; nil if there is none.
    public func role(named name: String) -> Role? { roles.first { $0.name == name } }
}
