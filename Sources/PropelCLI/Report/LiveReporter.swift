import Foundation
import Propel
import Synchronization

/// For a terminal: what has changed scrolls by above a line for each host, which tells what it is doing now.
final class LiveReporter: Reporter {
    private struct Line {
        var activity = "waiting"
        var since = ContinuousClock.now
        var done = 0
        var total = 0
        var isFinished = false
    }

    private struct Screen {
        var lines: [String: Line] = [:]
        /// How many lines are drawn at the bottom at this moment.
        var drawn = 0
        var frame = 0
        var isPaused = false
    }

    private static let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
    /// More hosts than this are counted, not drawn.
    private static let lineLimit = 12

    private let hosts: [String]
    private let text: ReportText
    private let terminal = Terminal.output
    private let screen: Mutex<Screen>
    private let ticking = Mutex<Task<Void, Never>?>(nil)

    init(hosts: [String], isVerbose: Bool) {
        self.hosts = hosts
        text = ReportText(terminal: .output, isVerbose: isVerbose, hosts: hosts)
        screen = Mutex(Screen(lines: Dictionary(uniqueKeysWithValues: hosts.map { ($0, Line()) })))
        let ticks = Task { [weak self] in
            while !Task.isCancelled {
                // A run that changes nothing is over before this: then nothing flickers.
                try? await Task.sleep(for: .milliseconds(150))
                guard !Task.isCancelled, let self else { return }
                self.draw()
            }
        }
        ticking.withLock { $0 = ticks }
    }

    func report(_ progress: HostRun.Progress, of host: String) {
        screen.withLock { screen in
            switch progress {
            case .event(.started(_, _, _, let steps)): screen.lines[host]?.total = steps
            case .event(.property(let report)):
                screen.lines[host]?.done += 1
                if let line = text.property(report, of: host) { insert(line, &screen) }
            case .warning(let warning): insert(text.warning(warning, of: host), &screen)
            default: break
            }
            if let activity = text.activity(progress), screen.lines[host]?.activity != activity {
                screen.lines[host]?.activity = activity
                if case .uploading = progress {} else { screen.lines[host]?.since = .now }
            }
        }
    }

    func finish(_ outcome: Outcome) {
        screen.withLock { screen in
            screen.lines[outcome.host]?.isFinished = true
            if let line = text.failure(outcome) { insert(line, &screen) }
        }
    }

    func summarize(_ outcomes: [Outcome], mode: HostRun.Mode, seconds: Double) {
        ticking.withLock { $0?.cancel() }
        screen.withLock { screen in
            terminal.write(erase(&screen) + "\u{1B}[?25h" + text.recap(outcomes, mode: mode, seconds: seconds) + "\n")
            screen.isPaused = true
        }
    }

    func pause(_ isPaused: Bool) {
        screen.withLock { screen in
            screen.isPaused = isPaused
            if isPaused { terminal.write(erase(&screen) + "\u{1B}[?25h") }
        }
    }

    /// Puts text above the live lines.
    private func insert(_ text: String, _ screen: inout Screen) {
        let erased = erase(&screen)
        terminal.write(erased + text + "\n" + live(&screen))
    }

    private func draw() {
        screen.withLock { screen in
            guard !screen.isPaused else { return }
            screen.frame += 1
            let erased = erase(&screen)
            terminal.write(erased + live(&screen))
        }
    }

    /// Takes the live lines off the screen.
    private func erase(_ screen: inout Screen) -> String {
        defer { screen.drawn = 0 }
        return screen.drawn == 0 ? "" : "\u{1B}[\(screen.drawn)F\u{1B}[J"
    }

    private func live(_ screen: inout Screen) -> String {
        guard !screen.isPaused else { return "" }
        let width = terminal.width
        let open = hosts.filter { screen.lines[$0]?.isFinished == false }
        let name = open.map(\.count).max() ?? 0
        let frame = Self.frames[screen.frame % Self.frames.count]
        var drawn = open.prefix(Self.lineLimit).compactMap { host in
            screen.lines[host].map { line in
                let seconds = (ContinuousClock.now - line.since).inSeconds
                let count = line.total == 0 ? "" : " \(line.done)/\(line.total)"
                let waited = seconds < 3 ? "" : " (\(ReportText.duration(seconds.rounded())))"
                return "\(frame) \(host.padded(to: name))\(count)  \(line.activity.printable)\(waited)".clipped(
                    to: width - 1)
            }
        }
        if open.count > drawn.count { drawn.append("  and \(open.count - drawn.count) more".clipped(to: width - 1)) }
        screen.drawn = drawn.count
        return drawn.isEmpty ? "" : "\u{1B}[?25l" + drawn.map { $0 + "\n" }.joined()
    }
}
