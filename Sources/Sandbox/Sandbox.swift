import Foundation
import Vocabulary

/// A throwaway Debian in a container on this computer, booted with systemd, with its own address and ssh keys.
///
/// A sandbox shares the kernel with this computer and is not a security boundary: root in it has all capabilities.
public struct Sandbox: Sendable, Equatable {
    /// The state of a sandbox.
    public enum State: String, Sendable {
        /// Booted or booting.
        case running
        /// Powered off, or ended with this computer. `up` boots its disk again.
        case stopped
        /// Made in part, by a process that was killed. `up` makes it again.
        case incomplete
    }

    /// A sandbox in `list()`.
    public struct Entry: Sendable, Equatable {
        public let name: String
        public let state: State
        /// nil if the state is `incomplete`.
        public let sandbox: Sandbox?
    }

    /// The name, which is also the host name: 1 to 40 of `a`–`z`, `0`–`9` and `-`.
    public let name: String
    /// The Debian release.
    public let suite: DebianRelease
    /// The IPv4 address, reachable from this computer and from other sandboxes. It stays the same until `down`.
    public let address: String
    /// The user to log in as.
    public var user: String { "root" }
    /// The file of the private key (ed25519, without passphrase) for the user.
    public let identityFile: String
    /// The ssh host key as in known_hosts, `ssh-ed25519 AAAA…`. It exists before the boot, so it can be pinned.
    public let hostKey: String

    private var machine: SandboxMachine { SandboxMachine(name: name) }

    /// The Debian packages that are missing on this computer for sandboxes.
    public static var missingPackages: [String] { RequiredPackages.missing }

    /// Makes and boots a sandbox, unless it is running, and waits for its ssh server.
    ///
    /// A sandbox that was powered off boots its disk again. Two callers at the same time get the same sandbox; the
    /// second waits for the first.
    /// - Parameters:
    ///   - suite: The release. By default that of the existing sandbox, or bookworm for a new one.
    ///   - packages: Packages that a new sandbox has from the start, besides those of every sandbox; none by default.
    ///     The first sandbox with them takes the time of their installation, and further ones do not.
    ///   - progress: Called with a sentence for each step that takes long.
    /// - Throws: ``SandboxError``. A new sandbox that cannot be made or booted leaves nothing behind.
    public static func up(
        _ name: String, suite: DebianRelease? = nil, packages: [String] = [],
        progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> Sandbox {
        guard SandboxMachine.isValidName(name) else { throw SandboxError.invalidName(name) }
        guard geteuid() == 0 else { throw SandboxError.needsRoot }
        let machine = SandboxMachine(name: name)
        if let sandbox = try await ready(name, suite) { return sandbox }
        let missing = missingPackages
        guard missing.isEmpty else { throw SandboxError.missingPackages(missing) }

        return try await machine.lock.hold(waiting: {
            progress("Waiting for another process that uses the sandbox \(name)")
        }) {
            if let sandbox = try await ready(name, suite) { return sandbox }
            // A complete disk is booted again; an incomplete one is made again.
            let supervisor = Supervisor(machine: machine)
            try await supervisor.stop()
            let existing = try machine.record().flatMap { $0.isComplete ? DebianRelease(rawValue: $0.suite) : nil }
            if let existing { try require(suite, of: name, is: existing) }
            if existing == nil, machine.exists { try await remove(machine) }
            let suite = existing ?? suite ?? .bookworm
            let base = Base(suite: suite, furtherPackages: packages)
            do {
                if existing == nil { try await base.ensure(progress: progress) }
                let addressBefore = machine.sandbox(in: Network.current)?.address
                let network = try await Network.lock.hold {
                    let network = try await Network.ensure()
                    if !machine.exists { try machine.reserve(suite) }
                    return network
                }
                return try await boot(machine, from: base, in: network, before: addressBefore, progress: progress)
            } catch {
                // In another task, since a cancelled one cannot start commands.
                await Task {
                    try? await supervisor.stop()
                    if existing == nil { try? await remove(machine) }
                }.value
                throw error
            }
        }
    }

    private static func boot(
        _ machine: SandboxMachine, from base: Base, in network: Network, before: String?, progress: (String) -> Void
    ) async throws -> Sandbox {
        let suite = base.suite
        guard var record = try machine.record() else {
            throw SandboxError.file(machine.directory, reason: "the record of the sandbox is missing or damaged")
        }
        let address = network.address(record.number)
        let disk = Disk(machine: machine)
        if !record.isComplete {
            progress("Making the sandbox \(machine.name) (Debian \(suite.rawValue), \(address))")
            record.hostKey = try await disk.make(from: base, in: network, number: record.number)
        } else {
            progress("Booting the sandbox \(machine.name) (Debian \(suite.rawValue), \(address))")
            if address != before { try await disk.writeAddress(network, number: record.number) }
        }
        try writeFile("\(address) \(record.hostKey)\n", to: machine.knownHosts, permissions: 0o600)
        let groups = ControlGroups(forNewMachine: machine.name)
        record.controlGroups = groups.paths
        try machine.write(record)
        guard let sandbox = machine.sandbox(in: network) else {
            throw SandboxError.file(machine.directory, reason: "the record of the sandbox is damaged")
        }
        let supervisor = Supervisor(machine: machine)
        try await supervisor.start(suite, groups: groups)
        guard try await supervisor.waitUntilReady(at: address) else { throw supervisor.endedEarly }
        return sandbox
    }

    /// Waits for a running sandbox to answer; nil if it is not running or ends before that.
    private static func ready(_ name: String, _ suite: DebianRelease?) async throws -> Sandbox? {
        guard let sandbox = running(name) else { return nil }
        try require(suite, of: name, is: sandbox.suite)
        return try await Supervisor(machine: sandbox.machine).waitUntilReady(at: sandbox.address) ? sandbox : nil
    }

    private static func require(_ wanted: DebianRelease?, of name: String, is suite: DebianRelease) throws {
        if let wanted, wanted != suite { throw SandboxError.otherSuite(name, is: suite, wanted: wanted) }
    }

    /// Finds a sandbox that is running or booting, without starting anything.
    public static func running(_ name: String) -> Sandbox? {
        guard SandboxMachine.isValidName(name) else { return nil }
        let machine = SandboxMachine(name: name)
        guard Supervisor(machine: machine).isAlive else { return nil }
        return machine.sandbox(in: Network.current)
    }

    /// Lists all sandboxes of this computer by name.
    /// - Throws: ``SandboxError/needsRoot``, since only root may read their files.
    public static func list() throws -> [Entry] {
        guard geteuid() == 0 else { throw SandboxError.needsRoot }
        let network = Network.current
        return try SandboxMachine.all().map { machine in
            let sandbox = machine.sandbox(in: network)
            let state: State = sandbox == nil ? .incomplete : Supervisor(machine: machine).isAlive ? .running : .stopped
            return Entry(name: machine.name, state: state, sandbox: sandbox)
        }
    }

    /// Removes the sandbox with its processes, disk, keys and swap, and with the last sandbox also the network. Does
    /// nothing if it does not exist.
    public func down() async throws {
        try await Self.stopAndRemove(machine)
    }

    /// Removes a sandbox in any state.
    /// - Throws: ``SandboxError/unknown(_:existing:)`` if it does not exist.
    public static func down(_ name: String) async throws {
        guard SandboxMachine.isValidName(name) else { throw SandboxError.invalidName(name) }
        guard geteuid() == 0 else { throw SandboxError.needsRoot }
        let machine = SandboxMachine(name: name)
        // A sandbox that is just being made is waited for.
        guard machine.exists || machine.lock.isHeld else {
            throw SandboxError.unknown(name, existing: try list().map(\.name))
        }
        try await stopAndRemove(machine)
    }

    private static func stopAndRemove(_ machine: SandboxMachine) async throws {
        try await machine.lock.hold {
            try await Supervisor(machine: machine).stop()
            try await remove(machine)
        }
    }

    /// Removes a machine that is not running, and with the last one the network. The lock of the machine must be held.
    private static func remove(_ machine: SandboxMachine) async throws {
        // The record with the address is removed last; until then `down` can be repeated.
        try await removeTree(machine.root)
        try await Network.lock.hold {
            try await removeTree(machine.directory)
            if try SandboxMachine.all().isEmpty { try await Network.remove() }
        }
    }

    /// Removes all sandboxes, and the installed Debians that new ones are copied from.
    public static func purge() async throws {
        for entry in try list() { try await stopAndRemove(SandboxMachine(name: entry.name)) }
        try await removeTree(Place.bases)
        // The parent is shared with other caches; rmdir keeps it unless it is empty.
        rmdir((Place.bases as NSString).deletingLastPathComponent)
    }

    /// The arguments of an interactive ssh into the sandbox, beginning with `ssh`, for execvp(3). They ignore the
    /// user's configuration of ssh, and pin the host key.
    public func shell() -> [String] {
        [
            "ssh", "-F", "none", "-i", identityFile, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
            "-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=\(machine.knownHosts)",
            "-o", "GlobalKnownHostsFile=/dev/null", "\(user)@\(address)",
        ]
    }
}
