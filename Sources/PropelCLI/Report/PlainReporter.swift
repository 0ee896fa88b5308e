import Propel
import Synchronization

/// Lines of text, for logs and pipes.
final class PlainReporter: Reporter {
    private let text: ReportText
    private let output = Mutex(Terminal.output)

    init(isVerbose: Bool, hosts: [String]) {
        text = ReportText(terminal: .output, isVerbose: isVerbose, hosts: hosts)
    }

    func report(_ progress: HostRun.Progress, of host: String) {
        switch progress {
        case .event(.property(let report)):
            if let line = text.property(report, of: host) { print(line) }
        case .warning(let warning): Terminal.error.print(text.warning(warning, of: host))
        case .doing(let what) where what != "connecting": Terminal.error.print("\(host): \(what.printable)")
        default:
            if text.isVerbose, let activity = text.activity(progress) {
                Terminal.error.print("\(host): \(activity.printable)")
            }
        }
    }

    func finish(_ outcome: Outcome) {
        if let line = text.failure(outcome) { print(line) }
    }

    func summarize(_ outcomes: [Outcome], mode: HostRun.Mode, seconds: Double) {
        print(text.recap(outcomes, mode: mode, seconds: seconds))
    }

    func pause(_ isPaused: Bool) {}

    private func print(_ line: String) { output.withLock { $0.print(line) } }
}
