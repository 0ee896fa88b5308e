import HostsConf
import Propel
import Synchronization

/// The runs that a host remembers, asked of it.
struct HostRuns {
    private let run: OperationRun

    var host: String { run.target.name }
    private var session: Session { run.session }

    /// The limits of answers in bytes: a hostile host must not fill the memory.
    private static let listLimit = 8 << 20, journalLimit = 256 << 20

    /// - Throws: ``UsageError`` if there is no such host. Its problems and missing secrets do not matter to runs of the
    ///   past.
    init(of host: String, _ session: Session) throws {
        let conf = try session.checkout.hostsConf
        let target = try session.checkout.target(try conf.host(named: host), in: conf)
        try target.requireReachable()
        run = OperationRun(session: session, target: target)
    }

    /// The runs, the newest first.
    func list() async throws -> [RunRecord] {
        let records = Mutex<[RunRecord]>([])
        session.interruption.listen { _ in }
        defer { session.interruption.end() }
        let outcome = try await run.perform(RunQuestion.list.operation, answerLimit: Self.listLimit) { answer in
            guard case .record(let record)? = try? RunAnswer(answer) else { return }
            records.withLock { $0.append(record) }
        }
        try requireAnswer(outcome)
        return records.withLock { $0 }
    }

    /// Shows a run of the past.
    /// - Parameter id: the newest if nil.
    /// - Throws: ``UsageError`` with the runs there are, if this one is not among them.
    func show(_ id: String?) async throws {
        let reporter = QueuedReporter(session.reportFormat.recordReporter(for: [host]))
        session.interruption.listen { reporter.pause($0) }
        defer { session.interruption.end() }
        let (replay, outcome) = try await follow(
            .journal(run: id), limit: Self.journalLimit, reporter)
        try requireAnswer(outcome)
        guard let record = replay.record else { throw unknownRun(id, known: replay.known ?? []) }
        warnOfDamage(replay, reporter)
        if record.ending == .running, !replay.isComplete {
            QueuedReporter.flush()
            Terminal.error.print("this run is still going on: `propel attach \(host)` joins it".oneLine)
        } else {
            finish(replay.outcome(of: host), reporter)
            if let restart = replay.restart {
                QueuedReporter.flush()
                Terminal.error.print("the machine restarted for \(restart.reason); the next run is the rest".oneLine)
            }
        }
    }

    /// Shows the run that is going on until its end.
    /// - Returns: its exit status.
    /// - Throws: ``UsageError`` if none is going on; the exit status if the host does not answer.
    func attach() async throws -> ExitStatus {
        let reporter = session.reporter(for: [host])
        session.interruption.listen(session.listener(for: [host], unasked: .leave) { reporter.pause($0) })
        defer { session.interruption.end() }
        let (replay, outcome) = try await join(reporter)
        if !replay.isComplete {
            // Clears the live line, which is about a run that is no longer followed.
            reporter.pause(true)
            if session.interruption.isRequested { return .interrupted }
            guard let record = replay.record else {
                try requireAnswer(outcome)
                throw UsageError(description: "no run is going on on \(host), and it remembers none")
            }
            if outcome.result != .converged { return lost(outcome, reporter) }
            guard record.ending == .running else {
                throw UsageError(description: Self.nothingToJoin(on: host, last: record))
            }
        }
        warnOfDamage(replay, reporter)
        var ending = replay.outcome(of: host)
        if let restart = replay.restart {
            ending.result = .unreachable
            ending.failure = Failure(
                "the machine restarts for \(restart.reason), and the run goes on after that",
                advice: "`propel attach \(host)` joins it again then.")
        }
        finish(ending, reporter)
        return ExitStatus.summing([ending])
    }

    /// The message where no run is going on.
    static func nothingToJoin(on host: String, last: RunRecord) -> String {
        let deployer = last.deployer.map { " by \($0.oneLine)" } ?? ""
        return """
            no run is going on on \(host)
            The last one began at \(last.begun)\(deployer): \(last.endingWords). `propel log \(host)` shows it.
            """
    }

    /// Reports that the run can no longer be followed.
    private func lost(_ outcome: Outcome, _ reporter: any Reporter) -> ExitStatus {
        var outcome = outcome
        outcome.failure?.advice = "The run continues on the machine. `propel attach \(host)` joins it again."
        finish(outcome, reporter)
        return ExitStatus.summing([outcome])
    }

    /// Follows the run that is going on, and reports its events as they arrive.
    private func join(_ reporter: any Reporter) async throws -> (RunReplay, Outcome) {
        let replay = Mutex(RunReplay()), host = host
        let run = OperationRun(session: session, target: await equippedTarget())
        let outcome = try await run.join { progress in
            reporter.report(progress, of: host)
        } receive: { answer in
            if let event = replay.withLock({ $0.add(answer) }) { reporter.report(.event(event), of: host) }
        }
        return (replay.withLock { $0 }, outcome)
    }

    /// The host with the secrets and the files that this repository has for it. Where something is missing, a run can
    /// be joined anyway.
    private func equippedTarget() async -> Target {
        let checkout = session.checkout
        var target = (try? await checkout.withFiles([run.target]))?.first ?? run.target
        if let secrets = try? HostSecrets(of: target, in: checkout.secretStore) { target.secrets = secrets }
        return target
    }

    /// Asks for a run of the past, and reports its events as they arrive.
    private func follow(
        _ question: RunQuestion, limit: Int, _ reporter: any Reporter
    ) async throws -> (RunReplay, Outcome) {
        let replay = Mutex(RunReplay())
        let (host, format) = (host, session.reportFormat)
        let outcome = try await run.perform(question.operation, answerLimit: limit) { answer in
            let (event, record) = replay.withLock { replay in
                let isFirst = replay.record == nil
                let event = replay.add(answer)
                return (event, isFirst ? replay.record : nil)
            }
            if let record { Self.introduce(record, of: host, format) }
            if let event { reporter.report(.event(event), of: host) }
        }
        return (replay.withLock { $0 }, outcome)
    }

    /// Tells which run is shown. No event of it has been reported yet.
    private static func introduce(_ record: RunRecord, of host: String, _ format: ReportFormat) {
        if format.isJSON {
            OutputFormat.json.print(RunsReport(host: host, runs: [record]))
        } else {
            let deployer = record.deployer.map { " by \($0)" } ?? ""
            Terminal.error.print("\(host): run \(record.id), begun at \(record.begun)\(deployer)".oneLine)
        }
    }

    private func finish(_ outcome: Outcome, _ reporter: any Reporter) {
        reporter.finish(outcome)
        reporter.summarize(RunReport(outcomes: [outcome], mode: .enforce, seconds: outcome.seconds))
    }

    private func warnOfDamage(_ replay: RunReplay, _ reporter: any Reporter) {
        guard replay.damagedCount > 0 else { return }
        let lines = replay.damagedCount == 1 ? "1 line" : "\(replay.damagedCount) lines"
        reporter.report(.warning("\(lines) of the journal cannot be read and are left out"), of: host)
    }

    private func requireAnswer(_ outcome: Outcome) throws {
        if session.interruption.isRequested { throw ExitStatus.interrupted }
        try run.requireAnswer(outcome)
    }

    private func unknownRun(_ id: String?, known: [String]) -> UsageError {
        guard let id, !known.isEmpty else {
            return UsageError(description: "\(host) remembers no run")
        }
        return UsageError(
            description: "\(host) remembers no run \(id.oneLine)\nThere is: \(known.joined(separator: ", ")).")
    }
}
