/// A property whose change can cut off the person who deploys: settings of sshd, a firewall, rules of sudo.
///
/// A change of it is *guarded*. Before its first byte is written, what is there is kept, and a timer is armed that puts
/// it back. Then it is applied and takes effect, and the run waits for a confirmation that only a new connection of the
/// same deployer can bring. Without one within 60 seconds everything is put back, and what requires it is skipped.
///
/// The files whose originals the property keeps (``Originals/keep(_:)``) go back by themselves, and what its actions
/// run is run again. What else a change puts at risk is its ``restoration(on:)``.
public protocol Guarded: Property {
    /// Whether a change of it on this machine can cut off the deployer; yes by default. Asked while it is unmet.
    func isGuarded(on machine: Machine) async throws -> Bool

    /// The way to put back what the originals do not cover; nothing by default. Asked before the first byte is written.
    func restoration(on machine: Machine) async throws -> Restoration
}

extension Guarded {
    public func isGuarded(on machine: Machine) async throws -> Bool { true }
    public func restoration(on machine: Machine) async throws -> Restoration { Restoration() }
}

/// The way to put a guarded change back, besides the files of which the property keeps originals.
public struct Restoration: Sendable, Equatable {
    /// The files that programs write for the property, such as `/etc/passwd`. They go back as a whole.
    public var paths: [FilePath]
    /// The commands that stop or disable what the change has started, before its files go.
    public var first: [Invocation]
    /// The commands that restore other state, once the files are back. It must be possible to run them twice, and at
    /// boot before the network is up.
    public var commands: [Invocation]
    /// The commands with which running programs notice that the files are back, such as a restart. Not run at boot,
    /// when they have not started yet.
    public var reloads: [Invocation]

    /// - Parameters:
    ///   - paths: files that programs write for the property; none by default.
    ///   - first: stop what the change has started, before the files go back; none by default.
    ///   - commands: restore other state, once the files are back; none by default.
    ///   - reloads: let running programs notice that; none by default.
    public init(
        paths: [FilePath] = [], first: [Invocation] = [], commands: [Invocation] = [], reloads: [Invocation] = []
    ) {
        self.paths = paths
        self.first = first
        self.commands = commands
        self.reloads = reloads
    }
}

extension Reverted: Guarded where Original: Guarded {
    public func isGuarded(on machine: Machine) async throws -> Bool { try await original.isGuarded(on: machine) }

    public func restoration(on machine: Machine) async throws -> Restoration {
        try await original.restoration(on: machine)
    }
}

extension Declarable {
    /// Returns the same, of which every change must be confirmed; see ``Guarded``.
    ///
    ///     File("/etc/dhcp/dhclient.conf", "send host-name \"web1\";\n").guarded()
    ///         .onChange(Service.Restart("networking"))
    ///
    /// Without a confirmation the files that it wrote go back, and its actions are repeated. What a program has done on
    /// its behalf stays: packages that were installed, users that were made. Its requirements are not guarded.
    public func guarded() -> Declared<Target> { Declared(self) { declaration, _ in declaration.isGuarded = true } }
}

extension Step {
    /// Whether a change of it must be confirmed by a new connection.
    func isGuarded(on machine: Machine) async throws -> Bool {
        if isDeclaredGuarded || isReasonToRestart { return true }
        if claims.contains(where: { $0.path.map { AccessFiles.contain($0, on: machine) } == true }) { return true }
        return try await (property as? any Guarded)?.isGuarded(on: machine) ?? false
    }

    /// Whether the machine restarts for a change of it, before the run goes on: it may not come back.
    private var isReasonToRestart: Bool {
        immediateActions.contains { $0.isRequested && $0.action is any RestartingAction }
    }
}
