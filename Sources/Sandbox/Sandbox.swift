import Vocabulary
import Foundation

/// A throwaway Debian machine on this one: booted with systemd, with an address, apt and an ssh key of its own.
///
/// A sandbox shares the kernel with this machine and is no security boundary: root in it has all capabilities. Use it to try
/// what you trust.
public struct Sandbox: Sendable, Equatable {
    /// What a sandbox is doing.
    public enum State: String, Sendable {
        /// Booted, or booting.
        case running
        /// Powered off, or ended with this machine; `up` boots its disk again.
        case stopped
        /// Its making was cut short; `up` makes it anew.
        case incomplete
    }

    /// A line of `list`.
    public struct Entry: Sendable, Equatable {
        /// The sandbox's name, as `up` was given it.
        public let name: String
        /// What it is doing.
        public let state: State
        /// Nil where the state is `incomplete`.
        public let sandbox: Sandbox?
    }

    /// The name, which is also the machine's host name: 1 to 40 of `a`–`z`, `0`–`9` and `-`.
    public let name: String
    /// The Debian that it runs.
    public let suite: DebianRelease
    /// The IPv4 address, reachable from this machine and from other sandboxes. It stays the same until `down`.
    public let address: String
    /// The user to log in as.
    public var user: String { "root" }
    /// The private key (ed25519, no passphrase) that the user's account accepts.
    public let identityFile: String
    /// The machine's ssh host key as in known_hosts, `ssh-ed25519 AAAA…`; made before the boot, so it can be pinned.
    public let hostKey: String

    private var machine: Machine { Machine(name: name) }

    /// Debian packages that this machine lacks for making sandboxes; empty where all is well.
    public static var missingPackages: [String] { RequiredPackages.missing }

    /// Makes the sandbox and boots it, or finds it: where it runs already this returns within milliseconds, where it was
    /// powered off its disk is booted again. Returns when its ssh server answers.
    ///
    /// Two callers at once get the same sandbox; the second waits for the first.
    /// - Parameters:
    ///   - suite: The release. Where it is nil, the release of the sandbox that there is, or bookworm for a new one.
    ///   - progress: Told, in a sentence each, what takes long.
    /// - Throws: `SandboxError`. A new sandbox that cannot be made or booted leaves nothing behind.
    public static func up(
        _ name: String, suite: DebianRelease? = nil, progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> Sandbox {
        guard Machine.isValidName(name) else { throw SandboxError.invalidName(name) }
        guard geteuid() == 0 else { throw SandboxError.needsRoot }
        let machine = Machine(name: name)
        if let sandbox = try await ready(name, suite) { return sandbox }
        let missing = missingPackages
        guard missing.isEmpty else { throw SandboxError.missingPackages(missing) }

        return try await machine.lock.hold(waiting: {
            progress("Waiting for another process that is at work on '\(name)'")
        }) {
            if let sandbox = try await ready(name, suite) { return sandbox }
            // A disk that is complete is booted again; one that is not is made anew.
            let supervisor = Supervisor(machine: machine)
            try await supervisor.stop()
            let existing = try machine.record().flatMap { $0.isComplete ? DebianRelease(rawValue: $0.suite) : nil }
            if let existing { try require(suite, of: name, is: existing) }
            if existing == nil, machine.exists { try await remove(machine) }
            let suite = existing ?? suite ?? .bookworm
            do {
                if existing == nil { try await Base(suite: suite).ensure(progress: progress) }
                let addressBefore = machine.sandbox(in: Network.current)?.address
                let network = try await Network.lock.hold {
                    let network = try await Network.ensure()
                    if !machine.exists { try machine.reserve(suite) }
                    return network
                }
                return try await boot(machine, suite: suite, in: network, before: addressBefore, progress: progress)
            } catch {
                // In a task of its own: where this one was cancelled, it can start no command any more.
                await Task {
                    try? await supervisor.stop()
                    if existing == nil { try? await remove(machine) }
                }.value
                throw error
            }
        }
    }

    private static func boot(
        _ machine: Machine, suite: DebianRelease, in network: Network, before: String?, progress: (String) -> Void
    ) async throws -> Sandbox {
        guard var record = try machine.record() else {
            throw SandboxError.file(machine.directory, reason: "the machine's record is gone or damaged")
        }
        let address = network.address(record.number)
        let disk = Disk(machine: machine)
        if !record.isComplete {
            progress("Making the sandbox '\(machine.name)' (Debian \(suite.rawValue), \(address))")
            record.hostKey = try await disk.make(from: Base(suite: suite), in: network, number: record.number)
        } else {
            progress("Booting the sandbox '\(machine.name)' (Debian \(suite.rawValue), \(address))")
            if address != before { try await disk.writeAddress(network, number: record.number) }
        }
        try writeFile("\(address) \(record.hostKey)\n", to: machine.knownHosts, permissions: 0o600)
        let groups = ControlGroups(forNewMachine: machine.name)
        record.controlGroups = groups.paths
        try machine.write(record)
        guard let sandbox = machine.sandbox(in: network) else {
            throw SandboxError.file(machine.directory, reason: "the machine's record is damaged")
        }
        let supervisor = Supervisor(machine: machine)
        try await supervisor.start(suite, groups: groups)
        guard try await supervisor.waitUntilReady(at: address) else { throw supervisor.endedEarly }
        return sandbox
    }

    /// The sandbox if it runs, once it answers; nil where it does not run, or ends meanwhile.
    private static func ready(_ name: String, _ suite: DebianRelease?) async throws -> Sandbox? {
        guard let sandbox = running(name) else { return nil }
        try require(suite, of: name, is: sandbox.suite)
        return try await Supervisor(machine: sandbox.machine).waitUntilReady(at: sandbox.address) ? sandbox : nil
    }

    private static func require(_ wanted: DebianRelease?, of name: String, is suite: DebianRelease) throws {
        if let wanted, wanted != suite { throw SandboxError.otherSuite(name, is: suite, wanted: wanted) }
    }

    /// The sandbox of this name if it runs (or boots), without starting anything.
    public static func running(_ name: String) -> Sandbox? {
        guard Machine.isValidName(name) else { return nil }
        let machine = Machine(name: name)
        guard Supervisor(machine: machine).isAlive else { return nil }
        return machine.sandbox(in: Network.current)
    }

    /// All sandboxes of this machine, by name.
    /// - Throws: `SandboxError.needsRoot`, since only root may look.
    public static func list() throws -> [Entry] {
        guard geteuid() == 0 else { throw SandboxError.needsRoot }
        let network = Network.current
        return try Machine.all().map { machine in
            let sandbox = machine.sandbox(in: network)
            let state: State = sandbox == nil ? .incomplete : Supervisor(machine: machine).isAlive ? .running : .stopped
            return Entry(name: machine.name, state: state, sandbox: sandbox)
        }
    }

    /// Takes the sandbox away without a trace: processes, disk, keys, swap; with the last one also the network. Harmless where
    /// it is gone already.
    public func down() async throws {
        try await Self.takeAway(machine)
    }

    /// Takes the sandbox of this name away, whatever state it is in.
    /// - Throws: `SandboxError.unknown` where there is none.
    public static func down(_ name: String) async throws {
        guard Machine.isValidName(name) else { throw SandboxError.invalidName(name) }
        guard geteuid() == 0 else { throw SandboxError.needsRoot }
        let machine = Machine(name: name)
        // One that is being made is waited for.
        guard machine.exists || machine.lock.isHeld else {
            throw SandboxError.unknown(name, existing: try list().map(\.name))
        }
        try await takeAway(machine)
    }

    private static func takeAway(_ machine: Machine) async throws {
        try await machine.lock.hold {
            try await Supervisor(machine: machine).stop()
            try await remove(machine)
        }
    }

    /// Removes a machine that does not run, and the network with the last one. The machine's lock must be held.
    private static func remove(_ machine: Machine) async throws {
        // The record, which holds the address, goes with the last file; until then `down` can be repeated.
        try await removeTree(machine.root)
        try await Network.lock.hold {
            try await removeTree(machine.directory)
            if try Machine.all().isEmpty { try await Network.remove() }
        }
    }

    /// Takes all sandboxes away, and the installed Debians that new ones are copied from.
    public static func purge() async throws {
        for entry in try list() { try await takeAway(Machine(name: entry.name)) }
        try await removeTree(Place.bases)
        // Shared with other caches; stays where it is not empty.
        rmdir((Place.bases as NSString).deletingLastPathComponent)
    }

    /// The arguments of an interactive ssh into the sandbox, beginning with `ssh`, for execvp(3). The person's own
    /// configuration of ssh is left out, and the host key is pinned.
    public func shell() -> [String] {
        [
            "ssh", "-F", "none", "-i", identityFile, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
            "-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=\(machine.knownHosts)",
            "-o", "GlobalKnownHostsFile=/dev/null", "\(user)@\(address)",
        ]
    }
}
