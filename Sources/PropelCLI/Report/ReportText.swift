import Foundation
import Propel
import SSHTransport

/// The words and the layout of the lines that people read of a run.
struct ReportText {
    let isVerbose: Bool
    /// The width of the host names that begin the lines; 0 for a single host, whose lines have none.
    let hostWidth: Int

    init(isVerbose: Bool, hosts: [String]) {
        self.isVerbose = isVerbose
        hostWidth = hosts.count > 1 ? hosts.map(\.columns).max() ?? 0 : 0
    }

    /// The lines about a property; none if it is unchanged and the report is not verbose.
    func property(_ report: PropertyReport, of host: String) -> [StyledLine] {
        guard isVerbose || report.status != .ok else { return [] }
        let words = PropertyWords(report)
        var title = StyledLine(
            words.verb.padded(to: PropertyWords.verbWidth + 1), words.style,
            indentation: PropertyWords.verbWidth + 1)
        title += StyledLine(words.subject.oneLine)
        if !words.reason.isEmpty {
            let separator = words.subject == report.path ? ": " : "  "
            title += StyledLine("\(separator)\(words.reason.oneLine)", .faint)
        }
        var lines: [StyledLine] = []
        switch report.shownDiff {
        case .none: break
        case .size(let size): title += StyledLine("  \(size.oneLine)", .faint)
        case .newFile(let diff, let size):
            if isVerbose { lines = diff.map(diffLine) } else { title += StyledLine("  \(size)", .faint) }
        case .lines(let diff): lines = diff.map(diffLine)
        }
        if report.isDrift { title += StyledLine("  (not as the last run left it)", .yellow) }
        if report.seconds >= 0.95 { title += StyledLine("  (\(Self.duration(report.seconds)))", .faint) }
        if let failure = report.failure { lines += failureLines(failure, place: report.place) }
        return named(host, [title] + lines)
    }

    func warning(_ text: String, of host: String) -> [StyledLine] {
        named(host, [StyledLine("warning ", .yellow, indentation: 8) + StyledLine(text.oneLine)])
    }

    /// The line about an upload; none if the report is not verbose.
    func sent(_ upload: Upload, to host: String) -> [StyledLine] {
        isVerbose ? named(host, [StyledLine(Self.words(for: upload), .faint)]) : []
    }

    /// The lines about the end of a host's run for a reason that no property tells.
    func failure(_ outcome: Outcome) -> [StyledLine] {
        guard let failure = outcome.failure else { return [] }
        let message = failure.message.printableLines
        let title =
            StyledLine("\(outcome.result.rawValue) ", .red, indentation: 6) + StyledLine(message.first ?? "")
        let rest = message.dropFirst().map { StyledLine("      \($0)", indentation: 6) }
        return named(outcome.host, [title] + rest + failureLines(failure, place: nil, isTitled: true))
    }

    /// With the host's name before each line if there are several hosts.
    private func named(_ host: String, _ lines: [StyledLine]) -> [StyledLine] {
        guard hostWidth > 0 else { return lines }
        return lines.map { line in
            var line = line
            line.prefix = [.init(text: host.oneLine.padded(to: hostWidth), style: .bold), .init(text: "  ")]
            return line
        }
    }

    private func diffLine(_ line: String) -> StyledLine {
        let style: Style =
            switch line.first {
            case "+": .green
            case "-": .red
            case "@": .cyan
            default: .faint
            }
        return StyledLine("      " + line, style, indentation: 9)
    }

    private func failureLines(_ failure: Failure, place: String?, isTitled: Bool = false) -> [StyledLine] {
        var lines: [StyledLine] = []
        func add(_ label: String, _ text: String) {
            for (index, line) in text.printableLines.enumerated() {
                lines.append(
                    StyledLine("      " + (index == 0 ? label : "").padded(to: 10), .faint, indentation: 16)
                        + StyledLine(line))
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

    /// The present activity of a host, for the live line and in verbose output; nil if the event tells of none.
    static func activity(_ progress: HostRun.Progress) -> String? {
        switch progress {
        case .doing(let what): what
        case .uploading(let upload):
            "uploading propel-enforce, \(upload.sent * 100 / max(1, upload.total)) % of \(bytes(upload.total))"
        case .sent(let upload): words(for: upload)
        case .event(.started): "checking"
        case .event(.applying(let path, _)): path
        case .event(.needs(let secrets)): "decrypting \(secrets.joined(separator: ", "))"
        case .event(.progress(let path, let words)): "\(path): \(words)"
        case .event(.ended): "done"
        case .warning, .event: nil
        }
    }

    /// “sent 191 kB: the difference to the enforcer 0123456789ab (xz)”, “sent 4.2 MB (xz)”.
    private static func words(for upload: Upload) -> String {
        let form = upload.compression?.rawValue ?? "uncompressed"
        let base = upload.base.map { ": the difference to the enforcer \($0.prefix(12))" } ?? ""
        return "sent \(upload.size.inBytes)\(base) (\(form))"
    }

    static func duration(_ seconds: Double) -> String {
        if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 100 { return String(format: "%.1f s", seconds) }
        return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    }

    static func bytes(_ count: Int) -> String { String(format: "%.1f MB", Double(count) / 1_000_000) }
}
