/// Counts what became of the properties while they are reported.
struct Tally {
    private let emit: @Sendable (Event) -> Void
    private(set) var counts: [PropertyReport.Status: Int] = [:]

    init(emit: @escaping @Sendable (Event) -> Void) { self.emit = emit }

    mutating func add(_ report: PropertyReport) {
        counts[report.status, default: 0] += 1
        emit(.property(report))
    }

    var ending: RunEnding { RunEnding(counts: counts, isInterrupted: Task.isCancelled) }
}

/// How a run, or a plan, ended.
public struct RunEnding: Sendable, Equatable {
    /// Of those that occurred.
    public var counts: [PropertyReport.Status: Int]
    /// Whether it was stopped before its end; what was left out is counted as skipped.
    public var isInterrupted: Bool
    /// The most memory that the enforcer had at any time, in bytes; nil where nobody looked.
    public var peakMemory: Int?

    /// - Parameter peakMemory: in bytes.
    public init(counts: [PropertyReport.Status: Int], isInterrupted: Bool = false, peakMemory: Int? = nil) {
        self.counts = counts.filter { $0.value != 0 }
        self.isInterrupted = isInterrupted
        self.peakMemory = peakMemory
    }

    /// How many there are of a status; 0 where none.
    public subscript(status: PropertyReport.Status) -> Int { counts[status, default: 0] }
}
