import Propel
import SSHTransport
import Sandbox
import Synchronization
import Vocabulary

/// The wait for a machine that restarts in the middle of a run, over all connections to it until it does.
final class RestartWait: Sendable {
    let restart: Restart
    private let time = Mutex(TimeLimit(RestartWait.limit, pause: Reconnection.usualAttempt))

    /// A server with much memory takes minutes before it starts its boot loader. Time in which this computer slept does
    /// not count.
    private static let limit: Duration = .minutes(10)
    private static let pause: Duration = .seconds(3)

    init(for restart: Restart) { self.restart = restart }

    /// The activity that the report shows.
    var activity: String {
        "restarting for \(restart.reason); waiting up to \(Self.limit.inWords) until it is back"
    }

    /// Connects again when the machine answers, and starts the enforcer.
    ///
    /// While it goes down or comes up, a machine refuses in many ways: it does not answer, answers and hangs up, or
    /// rejects the login (pam_nologin(8)). All of them are tried again.
    /// - Throws: ``StillRestarting`` if it does not within ten minutes; the error of the connection at once if the host
    ///   key is another one.
    func reconnect(
        to target: Target, _ mode: String, _ enforcers: Enforcers, prompter: any Prompter,
        report: @escaping @Sendable (HostRun.Progress) -> Void
    ) async throws -> (Connection, RemoteRun) {
        var last: String?
        while !time.withLock({ $0.hasPassed() }) {
            try await Task.sleep(for: Self.pause)
            do {
                return try await target.start(mode, enforcers, prompter: prompter) { progress in
                    // Every attempt connects; once is enough to read.
                    if case .doing = progress { return }
                    report(progress)
                }
            } catch let error as TransportError where error.mayPassWithRestart {
                last = error.message
            } catch let error as SandboxError {
                // A sandbox that reboots is started again by its supervisor.
                last = "\(error)"
            }
        }
        throw StillRestarting(restart: restart, limit: Self.limit, last: last)
    }
}

/// A machine that has not come back from a restart in the middle of a run.
struct StillRestarting: Error {
    var restart: Restart
    var limit: Duration
    /// The error of the last attempt to connect.
    var last: String?

    func failure(of host: String) -> Failure {
        let reason = last.map { ": \($0)" } ?? ", or has not gone down at all"
        return Failure(
            "not back within \(limit.inWords) after the restart for \(restart.reason)\(reason)",
            advice: "Look at its console. What is declared after \(restart.reason) has not been applied; "
                + "`propel \(host)` goes on from there.")
    }
}

extension TransportError {
    /// Whether a machine that goes down or comes up may give this error. A wrong host key is no such error.
    var mayPassWithRestart: Bool {
        switch self {
        case .configuration, .hostKeyUnknown, .hostKeyChanged, .hostKeyRevoked, .hostCertificateInvalid,
            .hostKeyNotSaved, .hostKeyMalformed, .notRoot, .becomeMissing, .becomeRefused, .wrongPassword, .noSpace,
            .enforcerUnusable, .unsupportedArchitecture, .lineTooLong:
            false
        case .nameNotFound, .timedOut, .unreachable, .proxyFailed, .handshakeFailed, .authenticationFailed, .linkLost,
            .execRefused, .channelClosed, .becomeFailed, .uploadFailed, .enforcerNotExecutable, .startFailed:
            true
        }
    }
}
