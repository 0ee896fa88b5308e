/// A machine as it is to be: the system that it runs, and its properties.
///
///     Host("pi.local", runs: Debian.self) {
///         Locale.Default("en_GB.UTF-8")
///         SwapFile("/swapfile", size: .gibibytes(1))
///     }
public struct Host: Sendable {
    /// The name that `propel HOST` takes.
    public let name: String
    /// The tree of what it is to have.
    public let declarations: [Declaration]
    /// What people call the system that it runs.
    public let platform: String
    let includes: @Sendable (OperatingSystem) -> Bool

    init(
        name: String, declarations: [Declaration], platform: String,
        includes: @escaping @Sendable (OperatingSystem) -> Bool
    ) {
        self.name = name
        self.declarations = declarations
        self.platform = platform
        self.includes = includes
    }

    /// - Parameters:
    ///   - system: what it runs. Properties for another system do not compile.
    ///   - properties: in the order in which they are applied.
    public init<System: Platform>(
        _ name: String, runs system: System.Type, @PropertyBuilder<System> _ properties: () throws -> [Declaration]
    ) rethrows {
        self.name = name
        platform = System.name
        includes = { System.includes($0) }
        declarations = try properties()
    }
}

/// What a machine does: a function from its entry in `hosts.conf` to its properties.
///
///     Role("pi", runs: Debian.self, keys: ["swap"]) { host in
///         Hostname(host.name)
///         SwapFile("/swapfile", size: try host.size("swap") ?? .gibibytes(1))
///     }
public struct Role: Sendable {
    /// What `role = "…"` in `hosts.conf` names.
    public let name: String
    /// The keys of its own that an entry with this role may have in `hosts.conf`. Any other is a typing error there.
    public let keys: Set<String>
    private let makeHost: @Sendable (HostEntry) throws -> Host

    /// - Parameters:
    ///   - system: what its machines run. Properties for another system do not compile.
    ///   - keys: those of its own that it reads from an entry; none by default.
    public init<System: Platform>(
        _ name: String, runs system: System.Type, keys: Set<String> = [],
        @PropertyBuilder<System> _ properties: @escaping @Sendable (HostEntry) throws -> [Declaration]
    ) {
        self.name = name
        self.keys = keys
        makeHost = { entry in try Host(entry.name, runs: system) { try properties(entry) } }
    }

    /// The machine that plays the role with this entry.
    /// - Throws: what the role's own function throws where a key of the entry is not as it needs it.
    public func host(for entry: HostEntry) throws -> Host { try makeHost(entry) }
}

/// The roles that the machines of `hosts.conf` may play.
public struct Fleet: Sendable {
    /// In the order in which they were given.
    public let roles: [Role]

    public init(_ roles: Role...) { self.roles = roles }

    /// The role of this name; nil where there is none.
    public func role(named name: String) -> Role? { roles.first { $0.name == name } }
}
