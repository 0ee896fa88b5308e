import Propel
import Synchronization

/// Prints ``ProgressLines`` on standard error while runs go on.
final class ProgressTicker: Sendable {
    private let lines: Mutex<ProgressLines>
    private let ticking = Mutex<Task<Void, Never>?>(nil)

    init(hosts: [String]) {
        lines = Mutex(ProgressLines(hosts: hosts, now: .now))
        let ticks = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                guard !Task.isCancelled, let self else { return }
                await QueuedReporter.perform {
                    for line in self.lines.withLock({ $0.due(at: .now) }) { Terminal.error.print(line) }
                }
            }
        }
        ticking.withLock { $0 = ticks }
    }

    func report(_ progress: HostRun.Progress, of host: String) {
        lines.withLock { $0.report(progress, of: host, now: .now) }
    }

    func finish(_ host: String) { lines.withLock { $0.finish(host) } }

    func end() { ticking.withLock { $0?.cancel() } }
}
