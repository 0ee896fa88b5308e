/// The result of one property or action in a run or a plan.
public struct PropertyReport: Sendable, Equatable {
    /// The result. The raw values are those of the wire format and of `--json`.
    public enum Status: String, Sendable, CaseIterable {
        /// It was satisfied already.
        case ok
        /// It was not satisfied, and now is; of an action: it was performed.
        case changed
        /// Its check or its apply failed.
        case failed
        /// It was left alone: a requirement failed, it is for another platform, or the run was interrupted.
        case skipped
        /// It cannot be told before something else has been applied.
        case unknown
        /// It is not satisfied, and a run would change it.
        case wouldChange = "would-change"
    }

    /// The names of the groups around the property and its own, joined with slashes; of an action its name.
    public var path: String
    public var status: Status
    /// How long the check and the apply took.
    public var seconds: Double
    /// The reason in a few words; empty if there is nothing to add.
    public var detail: String
    /// The diff, as ``Diff/text``; nil if no text changes.
    public var diff: String?
    /// Whether it is a drift: the last run left it satisfied, and its description is the same since.
    public var isDrift = false
    /// The cause of a failure; nil unless the status is `failed`.
    public var failure: Failure?
    /// The place of the declaration: `Sources/Hosts/Demo.swift:12`.
    public var place: String?

    /// Creates a report; what is not given is empty.
    public init(
        path: String, status: Status, seconds: Double = 0, detail: String = "", diff: String? = nil,
        failure: Failure? = nil, place: String? = nil
    ) {
        self.path = path
        self.status = status
        self.seconds = seconds
        self.detail = detail
        self.diff = diff
        self.failure = failure
        self.place = place
    }
}

extension PropertyReport {
    init(_ action: any Action, _ status: Status, _ detail: String = "", seconds: Double = 0) {
        self.init(path: action.name, status: status, seconds: seconds, detail: detail)
    }

    /// The report of an action that is not performed because `step` is not satisfied.
    init(_ action: any Action, waitingFor step: Step) {
        self.init(action, .skipped, "waits until \(step.path) holds; it stays pending")
    }

    init(_ action: any Action, failedWith error: any Error, seconds: Double = 0) {
        let failure = Failure(describing: error)
        self.init(path: action.name, status: .failed, seconds: seconds, detail: failure.message, failure: failure)
    }
}
