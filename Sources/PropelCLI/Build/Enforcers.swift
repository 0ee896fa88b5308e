import Foundation
import HostsConf
import SSHTransport
import Vocabulary

/// The enforcers for the hosts of a run, by architecture. One that has to be built is built once for all hosts.
actor Enforcers {
    private let checkout: Checkout
    private let conf: HostsConf
    private let prompter: TerminalPrompter
    /// The sources at the beginning of the run. An enforcer that is built during the run must be built from the same.
    private let sources: String
    private var tasks: [Architecture: Task<Enforcer, any Error>] = [:]
    /// The enforcers of earlier runs.
    nonisolated let used: UsedEnforcers

    init(checkout: Checkout, conf: HostsConf, prompter: TerminalPrompter) {
        self.checkout = checkout
        self.conf = conf
        self.prompter = prompter
        sources = checkout.sources
        used = UsedEnforcers(root: checkout.root)
    }

    /// Keeps a copy of an enforcer that a machine has started.
    func keep(_ enforcer: Enforcer) { used.keep(enforcer) }

    private func refuseChangedSources() throws {
        guard Freshness(root: checkout.root).sources() == sources else {
            throw BuildError(
                description: """
                    the sources changed during the run, and nothing was built from the new ones
                    Run again to deploy them.
                    """
            )
        }
    }

    /// Finds or builds the enforcer for an architecture. Several hosts may ask at the same time.
    /// - Parameter progress: is called with a description of what takes a while.
    /// - Throws: ``BuildError``, or a `TransportError` of the build host.
    func enforcer(
        for architecture: Architecture, progress: @escaping @Sendable (String) -> Void
    ) async throws -> Enforcer {
        if tasks[architecture] != nil { progress("waiting for propel-enforce for \(architecture.rawValue)") }
        let task = tasks[architecture] ?? Task { try await make(architecture, progress) }
        tasks[architecture] = task
        // Cancelling one waiter is an interruption of the whole run, so it cancels the build for all of them.
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func make(
        _ architecture: Architecture, _ progress: @escaping @Sendable (String) -> Void
    ) async throws -> Enforcer {
        guard architecture != .native else { return try await checkout.enforcer() }
        let cache = EnforcerCache(root: checkout.root)
        let fingerprint = try cache.fingerprint(of: checkout.root)
        try refuseChangedSources()
        if let imported = try cache.enforcer(for: architecture, sources: fingerprint, builder: "import") {
            return imported
        }
        return try await build(architecture, rebuilding: false, progress)
    }

    /// Builds the enforcer for another architecture.
    /// - Parameter rebuilding: whether to build even if the same builder has built the same sources before.
    func build(
        _ architecture: Architecture, rebuilding: Bool, _ progress: @escaping @Sendable (String) -> Void
    ) async throws -> Enforcer {
        guard architecture != .native else { return try await checkout.enforcer() }
        let cache = EnforcerCache(root: checkout.root)
        let fingerprint = try cache.fingerprint(of: checkout.root)
        try refuseChangedSources()
        let builder =
            conf.builders[architecture] ?? .sdk(SDKBuild.defaultSDK(for: architecture))
        let name = builder.folderName
        if !rebuilding, let kept = try cache.enforcer(for: architecture, sources: fingerprint, builder: name) {
            return kept
        }
        let file: String
        switch builder {
        case .sdk(let sdk):
            progress("building propel-enforce for \(architecture.rawValue) with the Swift SDK \(sdk)")
            file = try await SDKBuild(root: checkout.root, architecture: architecture, sdk: sdk).run()
        case .host(let host):
            progress("building propel-enforce for \(architecture.rawValue) on \(host)")
            var build = try await HostBuild(
                root: checkout.root, architecture: architecture, host: host,
                destination: conf.host(named: host).destination(progress),
                prompter: prompter, progress: progress, isRebuilding: rebuilding
            )
            file = try await build.run()
        }
        guard try cache.fingerprint(of: checkout.root) == fingerprint else {
            throw BuildError(
                description: """
                    the sources changed while propel-enforce was built for \(architecture.rawValue)
                    Run again to build it from the new ones.
                    """
            )
        }
        return try cache.keep(file, for: architecture, sources: fingerprint, builder: name)
    }
}

extension Checkout {
    /// The enforcers for these hosts. Those for the architectures that hosts.conf names are built now; a host without
    /// an `architecture` is asked for it during the run, and may then have to wait for a build.
    func enforcers(for targets: [Target], prompter: TerminalPrompter) async throws -> Enforcers {
        let enforcers = Enforcers(checkout: self, conf: try hostsConf, prompter: prompter)
        for architecture in Set(targets.compactMap(\.machine.architecture)) {
            _ = try await enforcers.enforcer(for: architecture) { Terminal.error.print($0.printable) }
        }
        return enforcers
    }
}

extension Builder {
    /// The name of its folder in the cache.
    fileprivate var folderName: String {
        switch self {
        case .sdk(let sdk): "sdk-\(sdk)"
        case .host(let host): "host-\(host)"
        }
    }
}
