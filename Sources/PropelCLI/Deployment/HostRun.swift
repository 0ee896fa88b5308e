import SSHTransport
import Foundation
import HostsConf
import Propel
import Sandbox

/// One run, or one plan, on one host.
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
    let report: @Sendable (Progress) -> Void

    /// What happens to a host, besides what its enforcer tells.
    enum Progress: Sendable {
        case doing(String)
        case uploading(UploadProgress)
        case warning(String)
        case event(Event)
    }

    /// The enforcer says something every two seconds. Where it does not for so long, the link is dead, or sshd is.
    static let silenceLimit: Duration = .seconds(20)

    func perform() async -> Outcome {
        let clock = ContinuousClock(), start = clock.now
        var log = EventLog(mode: mode)
        var enforcer: Enforcer?
        do {
            if isNew { session.decryption.begin(target.secrets.stored.values.sorted()) }
            let beginning = Task {
                try await target.start(mode.rawValue, enforcers, prompter: session.prompter, report: report)
            }
            // Until a run is asked for, there is none that could be told to stop.
            let registration = session.interruption.register { beginning.cancel() }
            defer { registration.end() }
            let (connection, run) = try await beginning.value
            enforcer = run.enforcer
            try await follow(run, &log)
            await connection.close()
        } catch {
            log.fail(error, on: target.name, isInterrupted: session.interruption.isRequested)
        }
        var outcome = log.outcome(of: target.name, seconds: (clock.now - start).inSeconds)
        outcome.enforcer = enforcer?.sha256
        return outcome
    }

    private func follow(_ run: RemoteRun, _ log: inout EventLog) async throws {
        guard !session.interruption.isRequested else { throw Interrupted() }
        let request = Request(
            entry: target.machine.entry, only: only, deployer: Self.deployer, secrets: target.secrets.versions,
            operation: operation)
        log.begin()
        try await run.send(request.json.description)
        let instructions = Instructions(to: run, secrets: target.secrets, decryption: session.decryption)
        // Only now: an interruption that comes before its request would not be understood.
        let registration = session.interruption.register { instructions.interrupt() }
        defer { registration.end() }
        let watchdog = Watchdog(limit: Self.silenceLimit) { await run.cancel() }
        defer { watchdog.stop() }
        for try await line in run.lines {
            watchdog.reset()
            let event = try Event(JSON(parsing: line))
            log.add(event)
            report(.event(event))
            // Beside this loop: while a passphrase is waited for, the enforcer's signs of life are heard.
            if case .needs(let names) = event, mode == .enforce { instructions.send(secrets: names) }
            if log.isComplete { break }
        }
        if let failure = instructions.deliveryFailure { log.blame(failure) }
        guard log.isComplete else {
            if watchdog.didTimeOut {
                throw TransportError.linkLost(
                    host: target.name, reason: "nothing was heard for \(Self.silenceLimit.inWords)")
            }
            throw Failure(
                "the enforcer ended before its end",
                output: await run.errorOutput.split(separator: "\n").suffix(Failure.outputLineLimit).map(String.init),
                advice: "Run again: it goes on from there.")
        }
    }

    /// Who runs this: `anna@laptop`.
    static let deployer = "\(NSUserName())@\(ProcessInfo.processInfo.hostName)"
}
