import Propel

/// The end of a run or a plan: what happened to each host, as a table or as a line of JSON.
struct RunReport: Report {
    var outcomes: [Outcome]
    var mode: HostRun.Mode
    var seconds: Double
    /// The width that the table has on a terminal; nil if its lines stay whole.
    var width: Int?

    var text: TextOutput {
        let hostWidth = max(4, outcomes.map(\.host.columns).max() ?? 0)
        let header =
            "host".padded(to: hostWidth) + columns.map { "  " + $0.title.leftPadded(to: 7) }.joined()
            + "        time  result"
        var lines = [StyledLine(header, .faint)]
        for outcome in outcomes {
            let cells = columns.map { column in
                "  " + String(outcome.counts[column.status]).leftPadded(to: max(7, column.title.count))
            }
            let row =
                StyledLine(outcome.host.oneLine.padded(to: hostWidth), .bold)
                + StyledLine(cells.joined() + ReportText.duration(outcome.seconds).leftPadded(to: 12) + "  ")
            let (result, style) = (outcome.resultWords(in: mode), outcome.result.style)
            let reason = outcome.failedPaths
            let whole = row + StyledLine(reason.isEmpty ? result : "\(result): \(reason)", style)
            if let width, !reason.isEmpty, whole.columns > width {
                lines += [row + StyledLine(result, style), StyledLine("      \(reason)", style, indentation: 6)]
            } else {
                lines.append(whole)
            }
        }
        if outcomes.count > 1 {
            lines.append(StyledLine("\(outcomes.count) hosts in \(ReportText.duration(seconds))", .faint))
        }
        return TextOutput(lines: lines + followUps + forgotten)
    }

    /// The things that are left for a person to do.
    private var followUps: [StyledLine] {
        let lines = outcomes.flatMap { outcome in
            outcome.counts.followUps.map { StyledLine("  \(outcome.host): \($0)".oneLine, indentation: 6) }
        }
        return lines.isEmpty ? [] : [StyledLine("left to do:", .yellow)] + lines
    }

    /// The things on the machines that are no longer declared.
    private var forgotten: [StyledLine] {
        let lines = outcomes.flatMap { outcome in
            outcome.counts.forgotten.map { one in
                StyledLine("  \(outcome.host): \(one.name)".oneLine, indentation: 6)
                    + StyledLine("  \(one.removal)".oneLine, .faint)
            }
        }
        guard let first = outcomes.first(where: { !$0.counts.forgotten.isEmpty }) else { return [] }
        return [StyledLine("no longer declared, and still there:", .yellow)] + lines + [
            StyledLine(
                "  Declare the line that removes it, or remove it with `propel \(first.host) --remove NAME`.".oneLine,
                .faint, indentation: 6)
        ]
    }

    private var columns: [(title: String, status: PropertyReport.Status)] {
        switch mode {
        case .enforce: [("ok", .ok), ("changed", .changed), ("failed", .failed), ("skipped", .skipped)]
        case .plan, .ask:
            [
                ("ok", .ok), ("would change", .wouldChange), ("later", .unknown), ("failed", .failed),
                ("skipped", .skipped),
            ]
        }
    }

    var json: [JSON] {
        let counts = PropertyReport.Status.allCases.map { status in
            (status.rawValue, JSON.integer(outcomes.reduce(0) { $0 + $1.counts[status] }))
        }
        let results = outcomes.map { ($0.host, JSON.string($0.result.rawValue)) }
        return [
            .line(
                "summary",
                [
                    "mode": .string(mode.rawValue), "counts": .object(Dictionary(uniqueKeysWithValues: counts)),
                    "hosts": .object(Dictionary(uniqueKeysWithValues: results)),
                    "seconds": .number(seconds.rounded(toPlaces: 3)),
                    "exit": .integer(Int(ExitStatus.summing(outcomes).rawValue)),
                ])
        ]
    }
}

extension Outcome {
    fileprivate func resultWords(in mode: HostRun.Mode) -> String {
        switch result {
        case .converged where counts[.changed] > 0: "converged"
        case .converged: mode == .plan ? "converged, nothing to change" : "converged, nothing changed"
        case .changesFound: "would change"
        case .failed: "failed"
        case .rolledBack: isRolledBack ? "rolled back" : "put back"
        case .unreachable: "unreachable"
        case .locked: "locked"
        case .interrupted: "interrupted"
        case .notTried: "not tried: other hosts failed first"
        }
    }

    /// The properties that failed; empty where another reason is told.
    fileprivate var failedPaths: String {
        switch result {
        case .failed, .rolledBack: failed.map(\.oneLine).joined(separator: ", ")
        case .converged, .changesFound, .unreachable, .locked, .interrupted, .notTried: ""
        }
    }
}

extension Outcome.Result {
    fileprivate var style: Style {
        switch self {
        case .converged: .green
        case .changesFound, .locked, .interrupted, .notTried: .yellow
        case .failed, .rolledBack, .unreachable: .red
        }
    }
}

extension Double {
    func rounded(toPlaces places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return (self * scale).rounded() / scale
    }
}
