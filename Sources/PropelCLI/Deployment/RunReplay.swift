import Propel

/// The answer of a host about one of its runs, as it arrives.
struct RunReplay {
    /// The run; nil before anything has come.
    private(set) var record: RunRecord?
    /// The IDs of the runs there are, if the one that was asked for is not among them.
    private(set) var known: [String]?
    /// The number of lines that could not be read.
    private(set) var damagedCount = 0
    /// The restart of the machine with which this part of the run has ended.
    private(set) var restart: Restart?
    private var log = EventLog(mode: .enforce)

    /// Whether the end of the run has come.
    var isComplete: Bool { log.isComplete }

    /// Adds a part of the answer.
    /// - Returns: the event to show; nil if there is none in it.
    mutating func add(_ answer: JSON) -> Event? {
        switch try? RunAnswer(answer) {
        case .record(let record):
            if self.record == nil { self.record = record }
        case .unknown(let known): self.known = known
        // ``HostRun`` answers it.
        case .open: break
        case .event(.ended(var summary)):
            // What comes after the restart is another record.
            if !summary.isInterrupted { restart = summary.restart }
            summary.restart = nil
            log.add(.ended(summary))
            return .ended(summary)
        case .event(let event):
            log.add(event)
            return event
        // Another version of Propel may know more events.
        case .damaged, nil: damagedCount += 1
        }
        return nil
    }

    /// The outcome of the run, as far as it was told.
    func outcome(of host: String) -> Outcome {
        var log = log
        if !log.isComplete {
            log.fail(
                Failure(
                    "it was killed, or the machine went down, before its end",
                    advice: "`propel \(host)` continues from the present state."), on: host, isInterrupted: false)
        }
        return log.outcome(of: host, seconds: record?.seconds ?? 0)
    }
}
