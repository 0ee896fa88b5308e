import Foundation
import HostsConf
import Propel
import SSHTransport
import Synchronization

/// The working copy of the configuration: the folder with hosts.conf and the package that the fleet is built from.
struct Checkout: Sendable {
    let root: URL
    /// The sources when it was opened, which are those that this program was built from; nil if it was not opened. See
    /// ``Freshness/sources()``.
    private let openedSources: String?
    /// The preparations of connections that were begun when it was opened, by the names of the machines.
    private var preparations: [String: ConnectionPreparation] = [:]

    init(root: URL, openedSources: String? = nil) {
        self.root = root
        self.openedSources = openedSources
    }

    /// Opens the checkout that the current directory is in. If the programs are out of date, builds them and
    /// continues as the new one.
    /// - Parameter hosts: names of hosts that a connection will be needed to; what is no name of one is passed over.
    static func open(connectingTo hosts: [String] = []) async throws -> Checkout {
        let root = try containingWorkingDirectory().root
        // Nothing is sent yet, so it may be for a configuration that has to be built first.
        var checkout = Checkout(root: root)
        var preparations: [String: ConnectionPreparation] = [:]
        // What is wrong with hosts.conf is reported by those who need it.
        if !hosts.isEmpty, let conf = try? checkout.hostsConf {
            preparations = checkout.prepareConnections(to: hosts, in: conf)
        }
        checkout = Checkout(root: root, openedSources: try await checkout.rebuildIfStale())
        checkout.preparations = preparations
        return checkout
    }

    /// The sources when the checkout was opened; as they are now if it was not.
    var sources: String { openedSources ?? Freshness(root: root).sources() }

    /// The checkout that the current directory is in.
    static func containingWorkingDirectory() throws -> Checkout {
        let start = URL(filePath: FileManager.default.currentDirectoryPath)
        var folder = start.standardizedFileURL
        while true {
            let isRoot = [PackageLayout.hostsConf, PackageLayout.manifest].allSatisfy {
                FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
            }
            if isRoot { return Checkout(root: folder) }
            let parent = folder.deletingLastPathComponent().standardizedFileURL
            guard parent.path != folder.path, folder.path != "/" else {
                throw UsageError(
                    description:
                        "neither \(start.path) nor a folder above it has hosts.conf and Package.swift\nChange to "
                        + "the folder of your configuration."
                )
            }
            folder = parent
        }
    }

    var hostsFile: URL { root.appending(path: PackageLayout.hostsConf) }

    var hostsConf: HostsConf {
        get throws(HostsConf.Errors) {
            try HostsConf(readingFrom: hostsFile.path, roles: Fleet.current.roles)
        }
    }

    /// The machines with these names, each with its description.
    /// - Parameters:
    ///   - only: names of properties or groups that each of the machines must have.
    ///   - tag: the tag instead of the one in hosts.conf, for a single machine.
    /// - Throws: ``UsageError`` with everything that is wrong with the configuration of any of them: an unknown name, a
    ///   role that does not accept the entry, properties that conflict, an unknown name in `only`.
    func targets(_ names: [String], only: [String] = [], tag: TagSetting? = nil) throws -> [Target] {
        try targets(names, only: only, tag: tag, in: try hostsConf)
    }

    private func targets(
        _ names: [String], only: [String], tag: TagSetting?, in conf: HostsConf
    ) throws -> [Target] {
        if tag != nil {
            guard Set(names).count == 1 else { throw UsageError(description: "--tag is for one host at a time") }
            guard only.isEmpty else { throw UsageError(description: "--tag is for the whole host, not for --only") }
        }
        try refuseSharedSandboxes(conf)
        var seen = Set<String>()
        let targets = try names.filter { seen.insert($0).inserted }.map { name in
            var machine = try conf.host(named: name)
            tag?.apply(to: &machine.entry)
            return try stableTarget(machine, in: conf)
        }
        let problems = try targets.flatMap { target -> [String] in
            var problems: [String] = target.host.problems
            problems += target.host.conflicts.map(\.description)
            problems += target.unreadTags
            problems += try originProblems(of: target, conf)
            return problems.map { "\(target.name): \($0)" }
        }
        guard problems.isEmpty else { throw UsageError(description: problems.joined(separator: "\n")) }
        try refuseUnknownNames(in: only, of: targets)
        return targets
    }

    /// Evaluates the role of an entry twice, on two processors, and refuses one that describes something else the
    /// second time: the machine would see that.
    private func stableTarget(_ machine: MachineEntry, in conf: HostsConf) throws -> Target {
        let fleet = Fleet.current, results = Mutex<[Int: Result<Target, any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            let result = Fleet.$current.withValue(fleet) { Result { try target(machine, in: conf) } }
            results.withLock { $0[index] = result }
        }
        let targets = try results.withLock { results in try [0, 1].compactMap { try results[$0]?.get() } }
        guard let failure = Failure.ofUnstableRole(targets[0].host, targets[1].host) else { return targets[0] }
        let lines = ["\(machine.entry.name): \(failure.message)", failure.advice].compactMap(\.self)
        throw UsageError(description: lines.joined(separator: "\n"))
    }

    private func refuseUnknownNames(in only: [String], of targets: [Target]) throws {
        for target in targets {
            guard let name = target.host.unknownNames(in: only).first else { continue }
            let known = Set(target.host.steps.flatMap { $0.names + [$0.path] })
            let nearest = nearestNames(to: name, among: known.sorted())
            throw UsageError(
                description: "--only: no property or group of \(target.name) is named \(name.debugDescription)"
                    + (nearest.isEmpty
                        ? "" : "; did you mean \(nearest.map(\.debugDescription).joined(separator: " or "))?")
                    + "\n`propel show \(target.name)` lists them.")
        }
    }

    /// The machines with these names, each with its description, its files of the repository and its secrets.
    /// - Throws: as ``targets(_:only:tag:)``; also ``UsageError`` if a secret or a file that one needs is missing.
    func deployableTargets(_ names: [String], only: [String] = [], tag: TagSetting? = nil) async throws -> [Target] {
        let store = secretStore, conf = try hostsConf
        let preparations = preparations.isEmpty ? prepareConnections(to: names, in: conf) : preparations
        let targets = try targets(names, only: only, tag: tag, in: conf)
        for target in targets { try target.requireReachable() }
        return try await withFiles(targets).map { target in
            var target = target
            target.secrets = try HostSecrets(of: target, only: only, in: store)
            target.preparation = preparations[target.name]
            return target
        }
    }

    /// A machine with its description, its files of the repository and its secrets.
    func deployableTarget(_ name: String) async throws -> Target { try await deployableTargets([name])[0] }

    /// Begins to prepare the connections to these machines, by their names, while the sources are compared and the
    /// roles are evaluated.
    ///
    /// Not to more machines than there are processors: they would wait for each other, and connections to many are
    /// prepared beside each other anyway.
    private func prepareConnections(to names: [String], in conf: HostsConf) -> [String: ConnectionPreparation] {
        guard names.count <= ProcessInfo.processInfo.activeProcessorCount else { return [:] }
        // An unknown name is reported by those who need the machine.
        let machines = names.compactMap { try? conf.host(named: $0) }
        let preparations = machines.compactMap { machine in
            machine.presentDestination.map { (machine.entry.name, ConnectionPreparation(for: $0)) }
        }
        return Dictionary(preparations) { first, _ in first }
    }

    /// Refuses entries whose names differ only in a dot: they would be one sandbox, and each run would undo the
    /// other's.
    private func refuseSharedSandboxes(_ conf: HostsConf) throws {
        let sandboxes = Dictionary(grouping: conf.hosts.filter { $0.sandbox != nil }) { $0.entry.name.sandboxName }
        guard let shared = sandboxes.first(where: { $0.value.count > 1 })?.value else { return }
        throw UsageError(
            description:
                "hosts.conf:\(shared[1].line): \(shared[1].entry.name) and \(shared[0].entry.name) would be one "
                + "sandbox\nGive one of them another name."
        )
    }

    /// Evaluates the role of an entry of hosts.conf.
    func target(_ machine: MachineEntry, in conf: HostsConf) throws -> Target {
        var machine = machine
        machine.entry.fleet = conf.fleet(for: machine)
        guard let role = Fleet.current.role(named: machine.entry.role) else {
            throw UsageError(description: "hosts.conf:\(machine.line): unknown role “\(machine.entry.role)”")
        }
        do {
            return Target(machine: machine, host: try role.host(for: machine.entry))
        } catch {
            let message =
                (error as? FleetHosts.Unknown).map(conf.explanation) ?? Failure(describing: error).message
            throw UsageError(description: "hosts.conf:\(machine.line): \(machine.entry.name): \(message)")
        }
    }
}
