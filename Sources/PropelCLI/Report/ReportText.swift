import Foundation
import Propel

/// The words and the layout in which people read reports.
struct ReportText {
    let terminal: Terminal
    let isVerbose: Bool
    /// Set before each line where there are several hosts.
    let hostWidth: Int

    init(terminal: Terminal, isVerbose: Bool, hosts: [String]) {
        self.terminal = terminal
        self.isVerbose = isVerbose
        hostWidth = hosts.count > 1 ? hosts.map(\.count).max() ?? 0 : 0
    }

    private func prefix(_ host: String) -> String {
        hostWidth == 0 ? "" : terminal.styled(host.padded(to: hostWidth), .bold) + "  "
    }

    /// What is shown of a property; nil where it is unchanged and nobody asked for that.
    func property(_ report: PropertyReport, of host: String) -> String? {
        guard isVerbose || report.status != .ok else { return nil }
        var lines = [
            "\(prefix(host))\(badge(report.status)) \(report.path.printable)\(detail(report))\(time(report.seconds))"
        ]
        if let diff = report.diff, !diff.isEmpty {
            lines += diff.printable.split(separator: "\n", omittingEmptySubsequences: false).map(diffLine)
        }
        if let failure = report.failure { lines += failureLines(failure, place: report.place) }
        return lines.joined(separator: "\n")
    }

    func warning(_ text: String, of host: String) -> String {
        "\(prefix(host))\(terminal.styled("warning", .yellow)) \(text.printable)"
    }

    /// What is shown when a host is done for without any property telling why.
    func failure(_ outcome: Outcome) -> String? {
        guard let failure = outcome.failure else { return nil }
        let title =
            "\(prefix(outcome.host))\(terminal.styled(outcome.result.rawValue, .red)) \(failure.message.printable)"
        return ([title] + failureLines(failure, place: nil, isTitled: true)).joined(separator: "\n")
    }

    private func badge(_ status: PropertyReport.Status) -> String {
        let (word, style): (String, Style) =
            switch status {
            case .ok: ("ok", .faint)
            case .changed: ("changed", .green)
            case .failed: ("FAILED", .red)
            case .skipped: ("skipped", .yellow)
            case .unknown: ("unknown", .cyan)
            case .wouldChange: ("would change", .yellow)
            }
        return terminal.styled(word.padded(to: 12), style)
    }

    private func detail(_ report: PropertyReport) -> String {
        report.detail.isEmpty || report.failure != nil ? "" : terminal.styled(": " + report.detail.printable, .faint)
    }

    private func time(_ seconds: Double) -> String {
        seconds < 0.95 ? "" : terminal.styled("  (\(Self.duration(seconds)))", .faint)
    }

    private func diffLine(_ line: Substring) -> String {
        let text = "      " + line
        return switch line.first {
        case "+": terminal.styled(text, .green)
        case "-": terminal.styled(text, .red)
        case "@": terminal.styled(text, .cyan)
        default: terminal.styled(text, .faint)
        }
    }

    private func failureLines(_ failure: Failure, place: String?, isTitled: Bool = false) -> [String] {
        var lines: [String] = []
        func add(_ label: String, _ text: String) {
            for (index, line) in text.printable.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                lines.append("      " + terminal.styled((index == 0 ? label : "").padded(to: 10), .faint) + line)
            }
        }
        if !isTitled { add("why", failure.message) }
        if let place { add("declared", place) }
        if let command = failure.command { add("command", command) }
        if let ending = failure.ending { add("ended", ending) }
        if !failure.output.isEmpty { add("output", failure.output.joined(separator: "\n")) }
        if let advice = failure.advice { add("next", advice) }
        return lines
    }

    /// What a host is doing, for the live line and in verbose output.
    func activity(_ progress: HostRun.Progress) -> String? {
        switch progress {
        case .doing(let what): what
        case .uploading(let upload):
            "uploading propel-enforce, \(upload.sent * 100 / max(1, upload.total)) % of \(Self.bytes(upload.total))"
        case .event(.started): "checking"
        case .event(.applying(let path)): path
        case .event(.needs(let secrets)): "decrypting \(secrets.joined(separator: ", "))"
        case .event(.progress(let path, let words)): "\(path): \(words)"
        case .event(.ended): "done"
        case .warning, .event: nil
        }
    }

    /// The table at the end.
    func recap(_ outcomes: [Outcome], mode: HostRun.Mode, seconds: Double) -> String {
        let columns: [(String, PropertyReport.Status)] =
            mode == .enforce
            ? [("ok", .ok), ("changed", .changed), ("failed", .failed), ("skipped", .skipped)]
            : [
                ("ok", .ok), ("would change", .wouldChange), ("unknown", .unknown), ("failed", .failed),
                ("skipped", .skipped),
            ]
        let width = max(4, outcomes.map(\.host.count).max() ?? 0)
        let header =
            "host".padded(to: width) + columns.map { "  " + $0.0.leftPadded(to: 7) }.joined() + "        time  result"
        var lines = [terminal.styled(header, .faint)]
        for outcome in outcomes {
            let cells = columns.map { title, status in
                "  " + String(outcome.counts[status]).leftPadded(to: max(7, title.count))
            }
            lines.append(
                terminal.styled(outcome.host.padded(to: width), .bold) + cells.joined()
                    + Self.duration(outcome.seconds).leftPadded(to: 12) + "  " + result(outcome))
        }
        if outcomes.count > 1 {
            lines.append(terminal.styled("\(outcomes.count) hosts in \(Self.duration(seconds))", .faint))
        }
        return lines.joined(separator: "\n")
    }

    private func result(_ outcome: Outcome) -> String {
        switch outcome.result {
        case .converged:
            terminal.styled(outcome.counts[.changed] > 0 ? "converged" : "converged, nothing changed", .green)
        case .changesFound: terminal.styled("would change", .yellow)
        case .failed:
            terminal.styled(
                outcome.failed.isEmpty ? "failed" : "failed: " + outcome.failed.joined(separator: ", ").printable, .red)
        case .rolledBack: terminal.styled("rolled back: " + outcome.failed.joined(separator: ", ").printable, .red)
        case .unreachable: terminal.styled("unreachable", .red)
        case .locked: terminal.styled("locked", .yellow)
        case .interrupted: terminal.styled("interrupted", .yellow)
        }
    }

    static func duration(_ seconds: Double) -> String {
        if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 100 { return String(format: "%.1f s", seconds) }
        return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    }

    static func bytes(_ count: Int) -> String { String(format: "%.1f MB", Double(count) / 1_000_000) }
}
