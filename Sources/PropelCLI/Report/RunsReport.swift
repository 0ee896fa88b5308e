import Propel

/// The answer of `propel runs`: the runs that a host remembers, the newest first.
struct RunsReport: Report {
    var host: String
    var runs: [RunRecord]

    var text: TextOutput {
        guard !runs.isEmpty else {
            return TextOutput(notes: [StyledLine("\(host) remembers no run: `propel \(host)` makes one".oneLine)])
        }
        let rows = runs.map { run in
            [
                run.id, run.begun, run.deployer ?? "-", run.endingWords + run.part,
                run.seconds.map(ReportText.duration) ?? "-", String(run.counts[.changed]), String(run.counts[.failed]),
            ]
        }
        return TextOutput(
            lines: Table([["RUN", "BEGUN", "BY", "RESULT", "TIME", "CHANGED", "FAILED"]] + rows).lines)
    }

    var json: [JSON] {
        runs.map { run in
            .line(
                "run",
                [
                    "host": .string(host), "run": .string(run.id), "begun": .string(run.begun),
                    "deployer": run.deployer.map(JSON.string) ?? .null, "result": .string(run.ending.rawValue),
                    "seconds": run.seconds.map { .number($0.rounded(toPlaces: 3)) } ?? .null,
                    "counts": run.counts.json, "operation": run.operation.map(JSON.string) ?? .null,
                    "only": .array(run.only.map(JSON.string)),
                ])
        }
    }
}

extension RunRecord {
    /// How it ended, for people.
    var endingWords: String {
        switch ending {
        case .running: "still going on"
        case .converged: counts[.changed] > 0 ? "converged" : "converged, nothing changed"
        case .failed: "failed"
        case .rolledBack: "rolled back"
        case .putBack: "put back"
        case .interrupted: "interrupted"
        case .locked: "locked"
        case .refused: "refused"
        case .restarted: "restarted the machine"
        case .killed: "killed"
        }
    }

    /// The part of the host that it was about; empty for all of it.
    fileprivate var part: String {
        if let operation { return " (\(operation))" }
        return only.isEmpty ? "" : " (only \(only.joined(separator: ", ")))"
    }
}
