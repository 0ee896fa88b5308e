import Propel
import Synchronization

/// Shows runs as lines of text, for logs and pipes.
final class PlainReporter: Reporter {
    private let text: ReportText
    private let output = Mutex(Terminal.output)
    private let ticker: ProgressTicker

    init(isVerbose: Bool, hosts: [String]) {
        text = ReportText(isVerbose: isVerbose, hosts: hosts)
        ticker = ProgressTicker(hosts: hosts)
    }

    func report(_ progress: HostRun.Progress, of host: String) {
        ticker.report(progress, of: host)
        switch progress {
        case .event(.property(let report)): print(text.property(report, of: host))
        case .warning(let warning): Terminal.error.print(text.warning(warning, of: host))
        case .doing(let what) where what != "connecting": Terminal.error.print("\(host): \(what.oneLine)")
        // A log has its beginning, and what was sent.
        case .uploading(let upload) where upload.sent > upload.start: break
        default:
            if text.isVerbose, let activity = ReportText.activity(progress) {
                Terminal.error.print("\(host): \(activity.oneLine)")
            }
        }
    }

    func finish(_ outcome: Outcome) {
        ticker.finish(outcome.host)
        print(text.failure(outcome))
    }

    func summarize(_ summary: RunReport) {
        ticker.end()
        OutputFormat.text.print(summary)
    }

    func pause(_ isPaused: Bool) {}

    private func print(_ lines: [StyledLine]) { output.withLock { $0.print(lines) } }
}
