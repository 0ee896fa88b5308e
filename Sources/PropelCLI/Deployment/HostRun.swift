import SSHTransport
import Foundation
import HostsConf
import Propel
import Sandbox

/// One run, plan or question on one host, as the laptop sees it.
struct HostRun: Sendable {
    enum Mode: String, Sendable { case enforce, plan, ask }

    let session: Session
    let target: Target
    let mode: Mode
    /// The names of the properties or groups to which the run is restricted; all if empty.
    var only: [String] = []
    /// The operation to perform instead of the description; nil for the description.
    var operation: HostOperation?
    let enforcers: Enforcers
    /// Whether the host was never deployed before: all of its secrets will be needed.
    var isNew = false
    /// The limit of what the host may send, in bytes; nil for a run that is shown while it goes on.
    var answerLimit: Int?
    let report: @Sendable (Progress) -> Void

    /// An event of the run: one of the enforcer, or a step on the way to it.
    enum Progress: Sendable {
        case doing(String)
        case uploading(UploadProgress)
        case warning(String)
        case event(Event)
    }

    /// The silence after which the link or sshd counts as dead. The enforcer sends a heartbeat every two seconds.
    static let silenceLimit: Duration = .seconds(20)

    /// Runs the enforcer and follows it to its end.
    func perform() async -> Outcome {
        let clock = ContinuousClock(), start = clock.now
        var log = EventLog(mode: mode)
        var enforcer: Enforcer?
        let answers = RememberedAnswers(of: session.prompter)
        do {
            if isNew { session.decryption.begin(target.secrets.stored.values.sorted()) }
            var wait: RestartWait?
            repeat {
                let beginning = Task { [wait] in
                    guard let wait else {
                        return try await target.start(
                            mode.rawValue, enforcers, prompter: answers, report: report)
                    }
                    return try await wait.reconnect(
                        to: target, mode.rawValue, enforcers, prompter: answers, report: report)
                }
                // Before its request there is no run to interrupt.
                let registration = session.interruption.register { beginning.cancel() }
                defer { registration.end() }
                let (connection, run) = try await beginning.value
                enforcer = run.enforcer
                try await follow(run, &log, answers)
                await connection.close()
                guard log.awaitsRestart, let restart = log.restarts.last else { break }
                // Another restart has its own time.
                if wait?.restart != restart {
                    let next = RestartWait(for: restart)
                    report(.doing(next.activity))
                    wait = next
                }
                log.goOn()
            } while true
        } catch {
            log.fail(error, on: target.name, isInterrupted: session.interruption.isRequested)
        }
        var outcome = log.outcome(of: target.name, seconds: (clock.now - start).inSeconds)
        outcome.enforcer = enforcer?.sha256
        return outcome
    }

    private func follow(
        _ run: RemoteRun, _ log: inout EventLog, _ answers: RememberedAnswers
    ) async throws {
        guard !session.interruption.isRequested else { throw Interrupted() }
        var request = target.request(only: only, operation: operation)
        request.restarts = log.restarts
        log.begin()
        try await run.send(request.json.description)
        let instructions = Instructions(
            to: run, secrets: target.secrets, files: target.files, decryption: session.decryption)
        // An interruption must not precede the request.
        let registration = session.interruption.register { instructions.interrupt() }
        defer { registration.end() }
        let watchdog = Watchdog(limit: Self.silenceLimit) { await run.cancel() }
        defer { watchdog.stop() }
        var confirming: Task<Void, Never>?
        defer { confirming?.cancel() }
        var size = 0
        for try await line in run.lines {
            watchdog.reset()
            size += line.utf8.count
            if let answerLimit, size > answerLimit {
                throw Failure("the answer is larger than \(answerLimit.inBytes)", advice: "Look at the machine.")
            }
            let event = try Event(JSON(line: line)).explained(by: target.host)
            let isRepetition = log.isRepetition(event)
            log.add(event)
            if !isRepetition { report(.event(event)) }
            // In another task: while gpg-agent waits for a passphrase, the heartbeats are still read.
            if case .needs(let names) = event, mode == .enforce { instructions.send(secrets: names) }
            if case .fetch(let range) = event { instructions.send(range) }
            if case .confirm(let token) = event, mode == .enforce {
                report(.doing("confirming over a new connection"))
                confirming?.cancel()
                confirming = Task { [confirmation = AccessConfirmation(of: target, enforcers, answers: answers)] in
                    if let reason = await confirmation.deliver(token) { instructions.send(reason) }
                }
            }
            if log.isComplete { break }
        }
        if let failure = instructions.deliveryFailure { log.blame(failure) }
        guard log.isComplete else {
            if watchdog.didTimeOut {
                throw TransportError.linkLost(
                    host: target.name, reason: "nothing was heard for \(Self.silenceLimit.inWords)")
            }
            throw Self.error(
                from: target.name, mode: mode, exit: try await run.exitStatus(), said: await run.errorOutput)
        }
    }

    /// The error where the enforcer has ended without a final event.
    ///
    /// Of a run it was only the viewer, which tells of every end of the run before its own: so it was killed, and the
    /// run goes on as after a lost link.
    static func error(from host: String, mode: Mode, exit: RemoteExit?, said: String) -> any Error {
        let how = exit.map { "\($0)" } ?? "no exit status"
        let output = said.nonEmptyLines.suffix(Failure.outputLineLimit).map(String.init)
        if mode == .enforce {
            return TransportError.linkLost(
                host: host,
                reason: (["the program that shows the run ended without its result (\(how))"] + output)
                    .joined(separator: "\n  "))
        }
        return Failure(
            "the enforcer ended without a final event (\(how))", output: output,
            advice: "Run again: nothing was changed.")
    }

    /// The person who runs propel, such as `anna@laptop`.
    static let deployer = "\(NSUserName())@\(ProcessInfo.processInfo.hostName)"
}
