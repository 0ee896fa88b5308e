import SSHTransport
import Foundation
import Propel

/// The outcome of one host, from its events.
struct EventLog {
    private let mode: HostRun.Mode
    /// Whether it is about an operation, which a deployment does not go on with.
    private let isOperation: Bool
    private var ending: RunSummary?
    private var counted: [PropertyReport.Status: Int] = [:]
    private var failed: [String] = []
    private var rolledBack = 0
    /// The number of guarded changes that were put back.
    private var putBack = 0
    private var result: Outcome.Result?
    private var failure: Failure?
    /// Whether any event has come.
    private var hasBegun = false
    /// Whether the run may have begun: it was requested, and neither refused nor locked out.
    private var isUnderway = false
    /// See ``Outcome/goesBack``.
    private var goesBack = false
    /// The restarts of the machine in the middle of the run, oldest first.
    private(set) var restarts: [Restart] = []
    /// The results of the parts before the last restart, which a later part may give again.
    private var earlier: [String: [PropertyReport.Status]] = [:]
    private var seen: [String: [PropertyReport.Status]] = [:]
    private var earlierFollowUps: [String] = []
    /// Whether this part has ended with a restart, or found that the machine has not gone down yet.
    private(set) var awaitsRestart = false

    init(mode: HostRun.Mode, isOperation: Bool = false) {
        self.mode = mode
        self.isOperation = isOperation
    }

    /// Whether the final event has come.
    var isComplete: Bool { result != nil || awaitsRestart }

    /// Records that the request is on its way: from here on the run may have begun, even if no event comes.
    mutating func begin() { isUnderway = true }

    /// Records that the next part of the run is on its way.
    mutating func goOn() {
        awaitsRestart = false
        hasBegun = false
    }

    /// Whether an event repeats what an earlier part of the run has told: a property that still holds.
    func isRepetition(_ event: Event) -> Bool {
        guard !restarts.isEmpty else { return false }
        switch event {
        case .started: return true
        case .property(let report): return report.status == .ok && earlier[report.path]?.isEmpty == false
        default: return false
        }
    }

    mutating func add(_ event: Event) {
        if case .restarting = event {
            awaitsRestart = true
            return
        }
        hasBegun = true
        switch event {
        case .property where isRepetition(event): break
        case .property(let report):
            counted[report.status, default: 0] += 1
            if let former = earlier[report.path]?.popLast() {
                counted[former, default: 0] -= 1
                failed.removeAll { $0 == report.path }
            } else if report.isPutBack, seen[report.path]?.last == .changed {
                counted[.changed, default: 0] -= 1
                seen[report.path]?.removeLast()
            }
            seen[report.path, default: []].append(report.status)
            if report.status == .failed { failed.append(report.path) }
            if report.failure?.isRolledBack == true { rolledBack += 1 }
            if report.failure?.isPutBack == true { putBack += 1 }
        case .locked(let holder):
            isUnderway = false
            result = .locked
            failure = Failure(
                "\(holder.deployer) has been changing this machine since \(holder.since)",
                advice:
                    "Wait until that run ends; `propel attach HOST` shows it. The kernel releases the lock with it, so "
                    + "it cannot be stale.")
        case .refused(let why), .broken(let why):
            if case .refused = event { isUnderway = false }
            result = .failed
            failure = why
        case .ended(let ending) where ending.restart != nil && !ending.isInterrupted:
            if let restart = ending.restart { restarts.append(restart) }
            earlier = seen
            earlierFollowUps += ending.followUps.filter { !earlierFollowUps.contains($0) }
            awaitsRestart = true
        case .ended(var ending):
            if !restarts.isEmpty {
                ending.counts = counted.filter { $0.value > 0 }
                ending.followUps = earlierFollowUps + ending.followUps.filter { !earlierFollowUps.contains($0) }
            }
            self.ending = ending
            result =
                if ending.isInterrupted { .interrupted }
                // A failure apart from these counts more.
                else if ending[.failed] > rolledBack + putBack { .failed } else if rolledBack + putBack > 0 {
                    .rolledBack
                } else if ending[.wouldChange] + ending[.unknown] > 0 { .changesFound } else { .converged }
        case .started, .applying, .progress, .needs, .fetch, .confirm, .ready, .promised, .heartbeat, .answer, .piece,
            .restarting, .begun:
            break
        }
    }

    /// Records why the run was told to stop.
    mutating func blame(_ failure: Failure) {
        awaitsRestart = false
        result = .failed
        self.failure = failure
    }

    /// Records why the run can no longer be followed.
    /// - Parameters:
    ///   - isLeft: whether the user has left it going.
    ///   - wave: what is decided about the hosts that it is deployed together with; nil without such hosts.
    mutating func fail(
        _ error: any Error, on host: String, isInterrupted: Bool, isLeft: Bool = false, in wave: WaveDecision? = nil
    ) {
        guard result == nil else { return }
        if let wave { goesBack = isUnderway && wave != .stay }
        switch error {
        case _ where isLeft && isUnderway:
            result = .interrupted
            failure = Failure("left, and the run goes on", advice: adviceAfterLostLink(on: host, in: wave))
        case _ where isInterrupted || error is Interrupted:
            result = .interrupted
            failure =
                hasBegun
                ? Failure(
                    "before its end was heard",
                    advice:
                        "`propel attach \(host)` joins it if it goes on"
                        + (wave.map { ", but decides nothing: \($0.fate)" } ?? "") + "; "
                        + (isOperation || wave != nil
                            ? "`propel log \(host)` shows how it has ended."
                            : "`propel \(host)` continues from the present state."))
                : Failure("before it began")
        case let error as StillRestarting: (result, failure) = (.unreachable, error.failure(of: host))
        case let error as TransportError:
            result = error.isUnreachable ? .unreachable : .failed
            var advice: [String] = []
            let isLost = if case .linkLost = error { true } else { false }
            if !isLost { advice.append(error.remedy) }
            // Any error, if the connection is one that was to take the place of a lost one.
            if isLost || mode == .enforce && isUnderway { advice.append(adviceAfterLostLink(on: host, in: wave)) }
            failure = Failure(error.message.dropHost(host), advice: advice.joined(separator: "\n"))
        default: (result, failure) = (.failed, Failure(describing: error))
        }
    }

    private func adviceAfterLostLink(on host: String, in wave: WaveDecision?) -> String {
        if let wave, mode == .enforce, hasBegun {
            return "The run continues on the machine; \(wave.fate). `propel attach \(host)` joins it, but decides "
                + "nothing; once it has ended, `propel log \(host)` shows what has become of it. \(wave.remedy)"
        }
        return switch mode {
        case .enforce where hasBegun && isOperation:
            "The run continues on the machine. `propel attach \(host)` joins it; once it has ended, "
                + "`propel log \(host)` shows it. Do not begin a second one before."
        case .enforce where hasBegun:
            "The run continues on the machine. `propel attach \(host)` joins it; once it has ended, "
                + "`propel log \(host)` shows it, and `propel \(host)` continues from its result."
        case .enforce where isUnderway:
            "The run may have begun; it continues without the connection then, and `propel attach \(host)` joins it"
                + (wave.map { ", but decides nothing: \($0.fate)." } ?? ".")
        case .enforce:
            "Nothing was started on the machine. Run \(isOperation ? "" : "`propel \(host)` ")again."
        case .plan, .ask: "Nothing was changed on the machine. Run again."
        }
    }

    func outcome(of host: String, seconds: Double) -> Outcome {
        Outcome(
            host: host, result: result ?? .failed, counts: ending ?? RunSummary(counts: counted), seconds: seconds,
            failure: failure, failed: failed, isRolledBack: rolledBack > 0, hasBegun: isUnderway, goesBack: goesBack)
    }
}

extension PropertyReport {
    /// Whether it tells that a change, which may have been reported before, was put back or rolled back.
    fileprivate var isPutBack: Bool { failure.map { $0.isPutBack || $0.isRolledBack } ?? false }
}

extension String {
    /// Removes the name of the host, which reports print themselves.
    func dropHost(_ host: String) -> String {
        hasPrefix("\(host): ") ? String(dropFirst(host.count + 2)) : self
    }
}
