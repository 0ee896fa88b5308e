import struct Foundation.Date
import Propel

/// How it ended for one host.
struct Outcome: Sendable {
    enum Result: String, Sendable {
        case converged
        /// A plan found that something would change.
        case changesFound = "changes-found"
        case failed
        /// What was there before has been put back, and does its work.
        case rolledBack = "rolled-back"
        case unreachable
        case locked
        case interrupted
    }

    var host: String
    var result: Result
    var counts: RunSummary
    /// From the first packet to the last event.
    var seconds: Double
    /// When it was over for this host.
    var ended = Date()
    /// Why, where no property tells.
    var failure: Failure?
    /// SHA-256 of the program that ran there; nil where none was started.
    var enforcer: String?
    /// The paths of the properties that failed.
    var failed: [String] = []
    /// Whether something was put back, also where something else failed.
    var isRolledBack = false
    /// Whether anything may have been changed: the enforcer had begun, and was not refused.
    var hasBegun = true
}

extension ExitStatus {
    /// The one status for all hosts: the worst.
    static func summing(_ outcomes: [Outcome]) -> ExitStatus {
        let order: [(Outcome.Result, ExitStatus)] = [
            (.interrupted, .interrupted), (.failed, .failed), (.rolledBack, .rolledBack), (.unreachable, .unreachable),
            (.locked, .locked),
            (.changesFound, .changesFound),
        ]
        return order.first { result, _ in outcomes.contains { $0.result == result } }?.1 ?? .converged
    }
}
