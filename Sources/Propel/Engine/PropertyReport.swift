/// What became, or would become, of one property or action.
public struct PropertyReport: Sendable, Equatable {
    /// What became of it. The raw values are those of the messages and of `--json`.
    public enum Status: String, Sendable, CaseIterable {
        /// It held already.
        case ok
        /// It did not hold, and now does.
        case changed
        /// It was not possible to make it hold, or to look.
        case failed
        /// It was left alone: what it requires failed, it is for another system, or the run was interrupted.
        case skipped
        /// A plan cannot tell before something else has been applied.
        case unknown
        /// A plan found that it does not hold.
        case wouldChange = "would-change"
    }

    /// The names of the groups around it and its own, with slashes between; of an action its name.
    public var path: String
    public var status: Status
    /// How long its check and its apply took.
    public var seconds: Double
    /// Why, in a few words; empty where there is nothing to say.
    public var detail: String
    /// How a text changes, as ``Diff/text`` has it; nil where none does.
    public var diff: String?
    /// Why; nil unless it failed.
    public var failure: Failure?
    /// Where it is declared.
    public var place: String?

    /// A report with these values; what is not given is empty.
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
