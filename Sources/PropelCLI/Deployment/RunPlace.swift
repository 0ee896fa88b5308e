import Propel

/// How much of a run has been heard, so that another connection can go on from there.
struct RunPlace: Equatable {
    /// The ID of the run; nil before the machine has told it.
    private(set) var run: String?
    /// The number of lines of its journal that have been heard.
    private(set) var count = 0

    /// The question for the rest; nil before the run is known.
    var question: RunQuestion? { run.map { .attach(run: $0, after: count) } }

    /// Adds an event that the run's own viewer sends.
    mutating func add(_ event: Event) {
        switch event {
        // These are the viewer's own; they are not in the journal.
        case .heartbeat, .broken, .answer, .piece: return
        case .begun(let run):
            if RunRecord.isID(run) { self = RunPlace(run: run) }
            return
        case .started(let run, _, _, _) where RunRecord.isID(run): self.run = run
        default: break
        }
        count += 1
    }

    /// Adds a part of the answer of a machine that tells of the run.
    mutating func add(_ answer: RunAnswer) {
        switch answer {
        case .record(let record): if run == nil, record.ending == .running { run = record.id }
        case .event, .damaged: count += 1
        case .unknown, .open: break
        }
    }
}
