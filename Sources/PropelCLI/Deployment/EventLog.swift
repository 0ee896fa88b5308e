import SSHTransport
import Foundation
import Propel

/// The outcome of one host, from its events.
struct EventLog {
    private let mode: HostRun.Mode
    private var ending: RunSummary?
    private var counted: [PropertyReport.Status: Int] = [:]
    private var failed: [String] = []
    private var rolledBack = 0
    private var result: Outcome.Result?
    private var failure: Failure?
    /// Whether any event has come.
    private var hasBegun = false
    /// Whether the run may have begun: it was requested, and neither refused nor locked out.
    private var isUnderway = false

    init(mode: HostRun.Mode) { self.mode = mode }

    /// Whether the final event has come.
    var isComplete: Bool { result != nil }

    /// Records that the request is on its way: from here on the run may have begun, even if no event comes.
    mutating func begin() { isUnderway = true }

    mutating func add(_ event: Event) {
        hasBegun = true
        switch event {
        case .property(let report):
            counted[report.status, default: 0] += 1
            if report.status == .failed { failed.append(report.path) }
            if report.failure?.isRolledBack == true { rolledBack += 1 }
        case .locked(let holder):
            isUnderway = false
            result = .locked
            failure = Failure(
                "\(holder.deployer) has been changing this machine since \(holder.since)",
                advice: "Wait until that run ends. The kernel releases the lock with it, so it cannot be stale.")
        case .refused(let why), .broken(let why):
            if case .refused = event { isUnderway = false }
            result = .failed
            failure = why
        case .ended(let ending):
            self.ending = ending
            result =
                if ending.isInterrupted { .interrupted }
                // A failure apart from the rolled-back ones counts more.
                else if ending[.failed] > rolledBack { .failed } else if rolledBack > 0 {
                    .rolledBack
                } else if ending[.wouldChange] + ending[.unknown] > 0 { .changesFound } else { .converged }
        case .started, .applying, .progress, .needs, .heartbeat, .answer, .piece: break
        }
    }

    /// Records why the run was told to stop.
    mutating func blame(_ failure: Failure) {
        result = .failed
        self.failure = failure
    }

    /// Records why the run can no longer be followed.
    mutating func fail(_ error: any Error, on host: String, isInterrupted: Bool) {
        guard result == nil else { return }
        switch error {
        case _ where isInterrupted || error is Interrupted:
            result = .interrupted
            failure =
                hasBegun
                ? Failure("before its end was heard", advice: "`propel \(host)` continues from the present state.")
                : Failure("before it began")
        case let error as TransportError:
            result = error.isUnreachable ? .unreachable : .failed
            let isLost = if case .linkLost = error { true } else { false }
            failure = Failure(
                error.message.dropHost(host), advice: isLost ? adviceAfterLostLink(on: host) : error.remedy)
        default: (result, failure) = (.failed, Failure(describing: error))
        }
    }

    private func adviceAfterLostLink(on host: String) -> String {
        switch mode {
        case .enforce where hasBegun:
            "The run continues on the machine and writes its journal there. Run `propel \(host)` again: it says so "
                + "while that run is going on, and continues from its result afterwards."
        case .enforce where isUnderway:
            "The run may have begun; it continues without the connection then. Run `propel \(host)` again."
        case .enforce: "Nothing was started on the machine. Run `propel \(host)` again."
        case .plan, .ask: "Nothing was changed on the machine. Run again."
        }
    }

    func outcome(of host: String, seconds: Double) -> Outcome {
        Outcome(
            host: host, result: result ?? .failed, counts: ending ?? RunSummary(counts: counted), seconds: seconds,
            failure: failure, failed: failed, isRolledBack: rolledBack > 0, hasBegun: isUnderway)
    }
}

extension String {
    /// Removes the name of the host, which reports print themselves.
    fileprivate func dropHost(_ host: String) -> String {
        hasPrefix("\(host): ") ? String(dropFirst(host.count + 2)) : self
    }
}
