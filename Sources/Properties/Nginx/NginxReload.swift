extension Nginx {
    /// Has the host's nginx use its configuration as it is now, without cutting a connection. One that does not run is not started,
    /// but for one that has failed: that is started with its sites as they were before, and this fails.
    ///
    ///     File("/etc/nginx/conf.d/gzip.conf", "gzip_types text/css;\n").requires(Nginx.Engine()).onChange(Nginx.Reload())
    ///
    /// A running nginx that cannot use it, for example because another program has a port, says so in its log only and goes on as
    /// before. Then this fails with what it says there, and sites are put back as nginx uses them.
    public struct Reload: Action {
        public typealias Target = DebianLike

        private let patience: Duration

        public init() { self.init(patience: .seconds(60)) }

        /// - Parameter patience: how long nginx may take to begin with its new configuration.
        init(patience: Duration) { self.patience = patience }

        public var name: String { "reload nginx" }

        /// Each site was tried before it was put in place: one that is not valid does not keep nginx from using the others.
        public var waitsForAll: Bool { false }

        public func perform(on machine: Machine) async throws {
            // What has just been applied may have started it, or stopped it.
            machine.forgetFacts()
            let state = try await machine.unit(NginxReloading.unit).active
            if state == "failed", try !machine.formerSites.paths.isEmpty {
                let failure = try await machine.failure(
                    of: NginxReloading.unit, "nginx has failed, and does not run with its new configuration")
                throw try await Self.goBack(after: failure, on: machine)
            }
            // One that does not run reads everything when it is started. Whether it is to be is not decided here.
            guard state != "failed", state != "inactive", state != "deactivating" else {
                return try machine.forgetFormerSites()
            }
            do {
                try await NginxReloading(of: machine).perform(on: machine, patience: patience)
            } catch let failure as Failure {
                throw try await Self.goBack(after: failure, on: machine)
            }
            try machine.forgetFormerSites()
        }

        /// Puts sites back as nginx used them last.
        /// - Returns: the failure, with what has come of that.
        private static func goBack(after failure: Failure, on machine: Machine) async throws -> Failure {
            guard try machine.putBackFormerSites() else { return failure }
            var failure = failure
            failure.advice =
                "Its sites are as they were before. Put right what it names, then run again. \(failure.advice ?? "")"
                .trimmed
            do {
                machine.forgetFacts()
                if try await machine.unit(NginxReloading.unit).active == "failed" {
                    try await machine.control(.start, NginxReloading.unit)
                } else if failure.output.isEmpty {
                    // One that has said nothing may still take what was there a moment ago: it is to end with what is there now.
                    try await machine.control(.reload, NginxReloading.unit)
                }
                machine.forgetFacts()
                failure.isRolledBack = try await machine.unit(NginxReloading.unit).isActive
            } catch  where !(error is CancellationError) {
                // It does not go on with what was there before either. The first failure is the one to tell of.
            }
            return failure
        }
    }
}

/// One reload of nginx: what ran before it, and what came of it.
private struct NginxReloading {
    static let unit = "nginx.service"

    private let master: String
    private let workers: Set<NginxWorker>
    private let log: NginxErrorLog

    /// As things are before it.
    init(of machine: Machine) async throws {
        master = try await Self.master(of: machine)
        workers = try NginxWorker.all(of: master, on: machine)
        log = try NginxErrorLog(of: machine)
    }

    /// The number of the process that reads the configuration; empty where none runs.
    private static func master(of machine: Machine) async throws -> String {
        let number = try await machine.succeed(SystemctlCommand.value(of: "MainPID", unit)).text
            .trimmed
        return number == "0" ? "" : number
    }

    /// - Throws: ``Failure`` with nginx's own words where it does not use its new configuration.
    func perform(on machine: Machine, patience: Duration) async throws {
        do {
            try await machine.control(.reload, Self.unit)
        } catch var failure as Failure {
            let words = try await log.refusals(on: machine)
            if !words.isEmpty { failure.output = words }
            throw failure
        }
        // One that has no master any more, or another, has begun anew; systemd says whether that has succeeded.
        guard !master.isEmpty, try await Self.master(of: machine) == master else { return }
        let clock = ContinuousClock(), end = clock.now + patience
        while try !hasNewWorkers(on: machine) {
            let words = try await log.refusals(on: machine, of: master)
            guard clock.now < end, !NginxErrorLog.isFinal(words) else {
                throw Failure(
                    "nginx does not use its new configuration, and goes on with the one before", output: words,
                    advice: words.isEmpty
                        ? "It says nothing of it in \(log.name), and has not begun with it within \(patience.inWords)."
                        : Self.advice(on: words))
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// nginx makes new workers once it has everything that the new configuration asks for, and ends the others then.
    private func hasNewWorkers(on machine: Machine) throws -> Bool {
        let now = try NginxWorker.all(of: master, on: machine)
        return !now.isEmpty && now.isDisjoint(with: workers)
    }

    private static func advice(on words: [String]) -> String? {
        words.contains { $0.contains("(98: ") } ? "`ss -ltnp` on the machine shows which program has the port." : nil
    }
}
