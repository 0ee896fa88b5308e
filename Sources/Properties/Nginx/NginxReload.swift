import Vocabulary

extension Nginx {
    /// Reloads the configuration of the host's nginx without cutting connections.
    ///
    /// A stopped nginx is not started. One that has failed is started with its previous sites, and the action fails.
    ///
    ///     File("/etc/nginx/conf.d/gzip.conf", "gzip_types text/css;\n")
    ///         .requires(Nginx.Engine()).onChange(Nginx.Reload())
    ///
    /// A running nginx that cannot use its new configuration, for example because another program has a port, only logs
    /// that. Then the action fails with the lines from the log, and the previous sites are restored.
    public struct Reload: Action {
        public typealias Target = DebianLike

        private let timeout: Duration

        public init() { self.init(timeout: .seconds(60)) }

        /// - Parameter timeout: how long nginx may take to start workers with its new configuration.
        init(timeout: Duration) { self.timeout = timeout }

        public var name: String { "reload nginx" }

        /// Each site was validated before it was put in place, so a failed one does not block the reload for the
        /// others.
        public var waitsForAll: Bool { false }

        public func perform(on machine: Machine) async throws {
            // A property that was just applied may have started or stopped it.
            machine.forgetFacts()
            let state = try await machine.unit(NginxReloading.unit).active
            if state == "failed", try !machine.formerSites.paths.isEmpty {
                let failure = try await machine.failure(
                    of: NginxReloading.unit, "nginx has failed and does not run with its new configuration")
                throw try await Self.goBack(after: failure, on: machine)
            }
            // A stopped nginx reads everything when it starts.
            guard state != "failed", state != "inactive", state != "deactivating" else {
                return try machine.forgetFormerSites()
            }
            do {
                try await NginxReloading(of: machine).perform(on: machine, timeout: timeout)
            } catch let failure as Failure {
                throw try await Self.goBack(after: failure, on: machine)
            }
            try machine.forgetFormerSites()
        }

        /// Restores the sites that nginx used last.
        /// - Returns: the failure, with the result of that.
        private static func goBack(after failure: Failure, on machine: Machine) async throws -> Failure {
            guard try machine.putBackFormerSites() else { return failure }
            var failure = failure
            failure.advice =
                "Its previous sites are restored. Fix the configuration, then run again. \(failure.advice ?? "")"
                .trimmed
            do {
                machine.forgetFacts()
                if try await machine.unit(NginxReloading.unit).active == "failed" {
                    try await machine.control(.start, NginxReloading.unit)
                } else if failure.output.isEmpty {
                    // Without a logged reason, nginx may still be loading the refused configuration: it must end with
                    // this one.
                    try await machine.control(.reload, NginxReloading.unit)
                }
                machine.forgetFacts()
                failure.isRolledBack = try await machine.unit(NginxReloading.unit).isActive
            } catch  where !(error is CancellationError) {
                // It does not run with the previous configuration either. The first failure is the one to report.
            }
            return failure
        }
    }
}

/// One reload of nginx, with the processes before it.
private struct NginxReloading {
    static let unit = "nginx.service"
    private static let pause: Duration = .milliseconds(50)

    private let master: String
    private let workers: Set<NginxWorker>
    private let log: NginxErrorLog

    /// Records the processes and the log before the reload.
    init(of machine: Machine) async throws {
        master = try await Self.master(of: machine)
        workers = try NginxWorker.all(of: master, on: machine)
        log = try NginxErrorLog(of: machine)
    }

    /// The PID of the master process; empty if nginx does not run.
    private static func master(of machine: Machine) async throws -> String {
        let number = try await machine.succeed(SystemctlCommand.value(of: "MainPID", unit)).text
            .trimmed
        return number == "0" ? "" : number
    }

    /// - Throws: ``Failure`` with the message of nginx if it refuses its new configuration.
    func perform(on machine: Machine, timeout: Duration) async throws {
        do {
            try await machine.control(.reload, Self.unit)
        } catch var failure as Failure {
            let words = try await log.refusals(on: machine)
            if !words.isEmpty { failure.output = words }
            throw failure
        }
        // Without a master, or with another one, nginx was restarted; systemd reports whether that has succeeded.
        guard !master.isEmpty, try await Self.master(of: machine) == master else { return }
        var limit = TimeLimit(timeout, pause: Self.pause)
        while try !hasNewWorkers(on: machine) {
            let words = try await log.refusals(on: machine, of: master)
            guard !limit.hasPassed(), !NginxErrorLog.isFinal(words) else {
                throw Failure(
                    "nginx refuses its new configuration and keeps the previous one", output: words,
                    advice: words.isEmpty
                        ? "It has not started new workers within \(timeout.inWords), and logged no reason in "
                            + "\(log.name)."
                        : Self.advice(on: words))
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// nginx starts new workers once it has everything that the new configuration needs, and then ends the others.
    private func hasNewWorkers(on machine: Machine) throws -> Bool {
        let now = try NginxWorker.all(of: master, on: machine)
        return !now.isEmpty && now.isDisjoint(with: workers)
    }

    private static func advice(on words: [String]) -> String? {
        words.contains { $0.contains("(98: ") } ? "`ss -ltnp` on the machine shows which program has the port." : nil
    }
}
