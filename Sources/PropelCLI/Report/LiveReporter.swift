import Propel
import Synchronization

/// Shows runs on a terminal: changes scroll by above a live line for each host.
final class LiveReporter: Reporter {
    private struct State {
        var live: LiveState
        var screen = LiveScreen()
        var isPaused = false
    }

    private let text: ReportText
    private let terminal = Terminal.output
    private let state: Mutex<State>
    private let ticking = Mutex<Task<Void, Never>?>(nil)

    init(hosts: [String], isVerbose: Bool) {
        text = ReportText(isVerbose: isVerbose, hosts: hosts)
        state = Mutex(State(live: LiveState(hosts: hosts, now: .now)))
        let ticks = Task { [weak self] in
            while !Task.isCancelled {
                // A run that changes nothing ends before the first frame: nothing flickers.
                try? await Task.sleep(for: .milliseconds(150))
                guard !Task.isCancelled, let self else { return }
                await QueuedReporter.perform {
                    self.state.withLock { state in
                        state.live.tick += 1
                        self.show([], &state)
                    }
                }
            }
        }
        ticking.withLock { $0 = ticks }
    }

    func report(_ progress: HostRun.Progress, of host: String) {
        state.withLock { state in
            state.live.report(progress, of: host, now: .now)
            switch progress {
            case .event(.property(let report)): insert(text.property(report, of: host), &state)
            case .warning(let warning): insert(text.warning(warning, of: host), &state)
            case .sent(let upload): insert(text.sent(upload, to: host), &state)
            case .doing, .uploading, .event: break
            }
        }
    }

    func finish(_ outcome: Outcome) {
        state.withLock { state in
            state.live.update(outcome.host) { $0.isFinished = true }
            insert(text.failure(outcome), &state)
        }
    }

    func summarize(_ summary: RunReport) {
        ticking.withLock { $0?.cancel() }
        state.withLock { state in
            terminal.write(state.screen.clear(width: terminal.size.width))
            state.isPaused = true
        }
        var summary = summary
        summary.width = terminal.lineWidth
        OutputFormat.text.print(summary)
    }

    func pause(_ isPaused: Bool) {
        state.withLock { state in
            state.isPaused = isPaused
            if isPaused { terminal.write(state.screen.clear(width: terminal.size.width)) }
        }
    }

    private func insert(_ lines: [StyledLine], _ state: inout State) { if !lines.isEmpty { show(lines, &state) } }

    /// Draws the live lines, below new lines of the report.
    private func show(_ lines: [StyledLine], _ state: inout State) {
        guard !state.isPaused || !lines.isEmpty else { return }
        let size = terminal.size
        state.live.now = .now
        let report = lines.flatMap { $0.wrapped(to: size.width) }.map { $0.text(isColored: terminal.hasColor) + "\n" }
        let frame = state.isPaused ? [] : LiveFrame(state.live).lines(width: size.width, height: size.height)
        terminal.write(state.screen.draw(frame, below: report.joined(), width: size.width))
    }
}
