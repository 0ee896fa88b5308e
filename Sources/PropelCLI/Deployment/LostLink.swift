import Propel
import SSHTransport

/// The connection to a machine that is restored whenever it is lost: what the user is told, and when it is given up.
struct LostLink {
    /// The name of the host under which it is reported.
    private let host: String
    private let report: @Sendable (HostRun.Progress) -> Void
    private var reconnection: Reconnection
    /// Why it was lost; nil as long as it is not.
    private var loss: TransportError?

    /// - Parameter limit: how long the machine may stay away.
    init(
        to host: String, limit: Duration, now: ContinuousClock.Instant = .now,
        report: @escaping @Sendable (HostRun.Progress) -> Void
    ) {
        self.host = host
        self.report = report
        reconnection = Reconnection(limit: limit, now: now)
    }

    /// Records an error of the connection, or of an attempt to restore it.
    /// - Parameter hasAdvanced: whether something has arrived since the last error: the time begins again.
    /// - Returns: the seconds before the next attempt.
    /// - Throws: the error, as the end of the wait, if the machine has stayed away too long.
    mutating func lose(
        _ error: TransportError, hasAdvanced: Bool, now: ContinuousClock.Instant = .now
    ) throws(TransportError) -> Int {
        if hasAdvanced {
            reconnection.reset(now: now)
            loss = nil
        }
        guard let pause = reconnection.nextPause(now: now) else {
            throw loss.map { error.after($0, limit: reconnection.limit, host: host) } ?? error
        }
        if loss == nil {
            report(
                .warning(
                    "\(error.message.dropHost(host)); connecting again, for at most \(reconnection.limit.inWords)"))
            report(.doing("waiting for the machine"))
            loss = error
        }
        return pause
    }
}

extension TransportError {
    /// The error where a connection was lost, and this is why the last attempt to restore it has failed.
    fileprivate func after(_ loss: TransportError, limit: Duration, host: String) -> TransportError {
        let reason = if case .linkLost(_, let reason) = loss { reason } else { loss.message.dropHost(host) }
        let last = self == loss ? "" : "\n  \(message.dropHost(host))"
        return .linkLost(
            host: host, reason: "\(reason), and the machine was not reached again within \(limit.inWords)\(last)")
    }
}
