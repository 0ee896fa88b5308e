import Propel
import SSHTransport

/// The connection to a machine that is restored whenever it is lost: what the user is told, and when it is given up.
struct LostLink {
    /// The name of the host under which it is reported; nil if what is told must name the host.
    private let host: String?
    private let report: @Sendable (HostRun.Progress) -> Void
    private var reconnection: Reconnection
    /// Why it was lost; nil as long as it is not.
    private var loss: TransportError?

    /// - Parameters:
    ///   - host: the name of the host under which it is reported; nil if the link may be that of another one.
    ///   - limit: how long the machine may stay away.
    init(
        to host: String?, limit: Duration, now: ContinuousClock.Instant = .now,
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
                    "\(error.words(under: host)); connecting again, for at most \(reconnection.limit.inWords)"))
            report(.doing("waiting for the machine"))
            loss = error
        }
        return pause
    }
}

extension TransportError {
    /// The error where a connection was lost, and this is why the last attempt to restore it has failed.
    fileprivate func after(_ loss: TransportError, limit: Duration, host: String?) -> TransportError {
        let lost: String, reason: String
        if case .linkLost(let name, let why) = loss {
            lost = host ?? name
            reason = why
        } else {
            // Without a name for both, the last error says of which host it is.
            guard let host else { return self }
            lost = host
            reason = loss.words(under: host)
        }
        let last = self == loss ? "" : "\n  \(words(under: host))"
        return .linkLost(
            host: lost, reason: "\(reason), and the machine was not reached again within \(limit.inWords)\(last)")
    }

    /// The message, without the name of a host under which it is reported.
    fileprivate func words(under host: String?) -> String { host.map { message.dropHost($0) } ?? message }
}
