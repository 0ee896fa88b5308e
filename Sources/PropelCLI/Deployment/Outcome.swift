import struct Foundation.Date
import Propel
import struct SSHTransport.Upload

/// The outcome of a run for one host.
struct Outcome: Sendable {
    enum Result: String, Sendable {
        case converged
        /// A plan found changes.
        case changesFound = "changes-found"
        case failed
        /// The previous version was restored and is healthy, or guarded changes that nobody confirmed were put back.
        case rolledBack = "rolled-back"
        case unreachable
        case locked
        case interrupted
        /// The deployment was stopped before its turn, since other hosts had failed.
        case notTried = "not-tried"
    }

    var host: String
    var result: Result
    var counts: RunSummary
    /// The time from connecting to the last event.
    var seconds: Double
    /// The time of its end.
    var ended = Date()
    /// The reason, if no property reports it.
    var failure: Failure?
    /// The SHA-256 of the enforcer that ran there; nil if none was started.
    var enforcer: String?
    /// The upload of it; nil if the machine had it.
    var upload: Upload?
    /// The paths of the properties that failed.
    var failed: [String] = []
    /// Whether something was rolled back, even if something else failed too.
    var isRolledBack = false
    /// Whether anything may have been changed: the run was requested and not refused.
    var hasBegun = true
    /// Whether its run was not followed to its end, and puts its changes back by itself: nobody tells it that those of
    /// its wave stay.
    var goesBack = false
}

extension Outcome {
    /// The outcome of a host that a deployment did not get to.
    init(notTried host: String) {
        self.init(host: host, result: .notTried, counts: RunSummary(counts: [:]), seconds: 0, hasBegun: false)
    }
}

extension ExitStatus {
    /// The status for all hosts: that of the worst outcome.
    static func summing(_ outcomes: [Outcome]) -> ExitStatus {
        let order: [(Outcome.Result, ExitStatus)] = [
            (.interrupted, .interrupted), (.failed, .failed), (.rolledBack, .rolledBack), (.unreachable, .unreachable),
            (.locked, .locked), (.notTried, .failed), (.changesFound, .changesFound),
        ]
        return order.first { result, _ in outcomes.contains { $0.result == result } }?.1 ?? .converged
    }
}
