import Vocabulary
import SSHTransport
import Foundation
import HostsConf

/// The programs for the machines of a run, by processor: those that are there, and those that have to be built first, each once.
actor Enforcers {
    private let checkout: Checkout
    private let conf: HostsConf
    private let prompter: TerminalPrompter
    /// What is deployed was read before: a program that is built in the middle of a run must be of the same sources.
    private let sources: String
    private var tasks: [Architecture: Task<Enforcer, any Error>] = [:]

    init(checkout: Checkout, conf: HostsConf, prompter: TerminalPrompter) {
        self.checkout = checkout
        self.conf = conf
        self.prompter = prompter
        sources = Freshness(root: checkout.root).sources()
    }

    private func refuseOtherSources() throws {
        guard Freshness(root: checkout.root).sources() == sources else {
            throw BuildError(
                description:
                    "the sources changed while propel was at work, and nothing is built from the new ones now\nRun again to deploy them."
            )
        }
    }

    /// The program for a processor. Several may ask at the same time.
    /// - Parameter progress: told what is being done where it takes a while.
    /// - Throws: ``BuildError``, or a `TransportError` of the build host.
    func enforcer(
        for architecture: Architecture, progress: @escaping @Sendable (String) -> Void
    ) async throws -> Enforcer {
        if tasks[architecture] != nil { progress("waiting for propel-enforce for \(architecture.rawValue)") }
        let task = tasks[architecture] ?? Task { try await make(architecture, progress) }
        tasks[architecture] = task
        // A task does not end with those who wait for it. Who is cancelled was interrupted, and with it all that wait.
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
        let fingerprint = try await cache.fingerprint(of: checkout.root)
        try refuseOtherSources()
        if let imported = try await cache.enforcer(for: architecture, sources: fingerprint, builder: "import") {
            return imported
        }
        return try await build(architecture, anew: false, progress)
    }

    /// Builds the program for another processor.
    /// - Parameter anew: whether one that was built from the same sources by the same builder does not count.
    func build(
        _ architecture: Architecture, anew: Bool, _ progress: @escaping @Sendable (String) -> Void
    ) async throws -> Enforcer {
        guard architecture != .native else { return try await checkout.enforcer() }
        let cache = EnforcerCache(root: checkout.root)
        let fingerprint = try await cache.fingerprint(of: checkout.root)
        try refuseOtherSources()
        let builder =
            conf.builders[architecture] ?? .sdk(SDKBuild.defaultSDK(for: architecture))
        let name = builder.folderName
        if !anew, let kept = try await cache.enforcer(for: architecture, sources: fingerprint, builder: name) {
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
                prompter: prompter, progress: progress, isAnew: anew
            )
            file = try await build.run()
        }
        guard try await cache.fingerprint(of: checkout.root) == fingerprint else {
            throw BuildError(
                description:
                    "the sources changed while propel-enforce was built for \(architecture.rawValue)\nRun again to build it as they are now."
            )
        }
        return try await cache.keep(file, for: architecture, sources: fingerprint, builder: name)
    }
}

extension Checkout {
    /// The programs for these machines. Those for the processors that hosts.conf names are built now; a machine whose processor is not
    /// named there is asked for it, and may have to wait for its program.
    func enforcers(for targets: [Target], prompter: TerminalPrompter) async throws -> Enforcers {
        let enforcers = Enforcers(checkout: self, conf: try hostsConf, prompter: prompter)
        for architecture in Set(targets.compactMap(\.machine.architecture)) {
            _ = try await enforcers.enforcer(for: architecture) { Terminal.error.print($0.printable) }
        }
        return enforcers
    }
}

extension Builder {
    /// The name that tells its results from those of others.
    fileprivate var folderName: String {
        switch self {
        case .sdk(let sdk): "sdk-\(sdk)"
        case .host(let host): "host-\(host)"
        }
    }
}
