import SSHTransport
import Foundation
import Propel

/// What the events of one host come to.
struct EventLog {
    private let mode: HostRun.Mode
    private var ending: RunSummary?
    private var counted: [PropertyReport.Status: Int] = [:]
    private var failed: [String] = []
    private var rolledBack = 0
    private var result: Outcome.Result?
    private var failure: Failure?
    /// Whether the machine has said anything.
    private var hasBegun = false
    /// Whether the run may have begun there: it was asked for, and neither refused nor locked out.
    private var isUnderway = false

    init(mode: HostRun.Mode) { self.mode = mode }

    /// Whether the last event has come.
    var isComplete: Bool { result != nil }

    /// The request is on its way: from here on it may be at work, whether that is heard or not.
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
                advice: "Wait until that run is over. The lock is the kernel's: it cannot be left behind.")
        case .refused(let why), .broken(let why):
            if case .refused = event { isUnderway = false }
            result = .failed
            failure = why
        case .ended(let ending):
            self.ending = ending
            result =
                if ending.isInterrupted { .interrupted }
                // A failure beside it is not healed by it.
                else if ending[.failed] > rolledBack { .failed } else if rolledBack > 0 {
                    .rolledBack
                } else if ending[.wouldChange] + ending[.unknown] > 0 { .changesFound } else { .converged }
        case .started, .applying, .progress, .needs, .heartbeat, .answer, .piece: break
        }
    }

    /// The run was told to stop, for this reason.
    mutating func blame(_ failure: Failure) {
        result = .failed
        self.failure = failure
    }

    /// The run cannot be followed any more, for this reason.
    mutating func fail(_ error: any Error, on host: String, isInterrupted: Bool) {
        guard result == nil else { return }
        switch error {
        case _ where isInterrupted || error is Interrupted:
            result = .interrupted
            failure =
                hasBegun
                ? Failure("and its end was not heard", advice: "`propel \(host)` goes on from where it is.")
                : Failure("before it had begun")
        case let error as TransportError:
            result = error.isUnreachable ? .unreachable : .failed
            failure = Failure(error.message.dropHost(host), advice: error.remedy)
            if mode == .enforce, hasBegun, case .linkLost = error {
                failure?.advice =
                    "The run goes on at the machine, and keeps its journal there. Run `propel \(host)` again: as long as the run is at "
                    + "work that says so, and after it goes on from there."
            }
        default: (result, failure) = (.failed, Failure(describing: error))
        }
    }

    func outcome(of host: String, seconds: Double) -> Outcome {
        Outcome(
            host: host, result: result ?? .failed, counts: ending ?? RunSummary(counts: counted), seconds: seconds,
            failure: failure, failed: failed, isRolledBack: rolledBack > 0, hasBegun: isUnderway)
    }
}

extension String {
    /// Reports name the host themselves.
    fileprivate func dropHost(_ host: String) -> String {
        hasPrefix("\(host): ") ? String(dropFirst(host.count + 2)) : self
    }
}
