/// The result of a run or a plan.
public struct RunSummary: Sendable, Equatable {
    /// How many properties and actions have each status; only statuses that occur.
    public var counts: [PropertyReport.Status: Int]
    /// Whether the run was interrupted; what was left out counts as skipped.
    public var isInterrupted: Bool
    /// The peak memory of the enforcer in bytes; nil if it was not measured.
    public var peakMemory: Int?
    /// The number of programs that the enforcer started; nil if they were not counted.
    public var programs: Int?
    /// The things that are left for a person to do; see ``Machine/noteFollowUp(_:)``.
    public var followUps: [String] = []
    /// The things on the machine that are no longer declared.
    public var forgotten: [Forgotten] = []
    /// The restart after which the run goes on; nil if it is over.
    package var restart: Restart?

    /// - Parameters:
    ///   - counts: the number of properties with each status; statuses without one are left out.
    ///   - isInterrupted: whether the run was stopped before its end; no by default.
    ///   - peakMemory: in bytes; unknown by default.
    public init(counts: [PropertyReport.Status: Int], isInterrupted: Bool = false, peakMemory: Int? = nil) {
        self.counts = counts.filter { $0.value != 0 }
        self.isInterrupted = isInterrupted
        self.peakMemory = peakMemory
    }

    /// The number of properties and actions with a status.
    public subscript(status: PropertyReport.Status) -> Int { counts[status, default: 0] }
}

/// Emits reports and counts them by status.
struct ReportCollector {
    private let emit: @Sendable (Event) -> Void
    private var counts: [PropertyReport.Status: Int] = [:]
    /// The path of the first property or action that has failed; nil if there is none.
    private(set) var firstFailed: String?

    init(emit: @escaping @Sendable (Event) -> Void) { self.emit = emit }

    mutating func add(_ report: PropertyReport) {
        counts[report.status, default: 0] += 1
        if report.status == .failed { firstFailed = firstFailed ?? report.path }
        emit(.property(report))
    }

    /// Emits a report that takes the place of one that a change was made.
    mutating func retract(with report: PropertyReport) {
        counts[.changed, default: 0] -= 1
        add(report)
    }

    var summary: RunSummary { RunSummary(counts: counts, isInterrupted: Task.isCancelled) }
}
