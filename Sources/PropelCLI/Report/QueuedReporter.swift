import Dispatch
import Propel

/// A reporter that writes on a separate thread, in order.
///
/// A reader that pauses (`| less`, Ctrl-S) blocks that thread only. The run goes on, and its host is not taken for
/// silent.
final class QueuedReporter: Reporter {
    private static let queue = DispatchQueue(label: "report")
    private let reporter: any Reporter
    private let looks: Int

    /// - Parameter looks: how often ``pause(_:)`` looks for a screen that is free, 50 ms apart.
    init(_ reporter: any Reporter, looks: Int = 20) {
        self.reporter = reporter
        self.looks = looks
    }

    /// Waits until everything that was reported is written, however long the reader takes.
    static func flush() { queue.sync {} }

    /// Runs `body` on the thread of the reports, and waits without blocking a thread.
    static func perform(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            queue.async {
                body()
                continuation.resume()
            }
        }
    }

    func report(_ progress: HostRun.Progress, of host: String) {
        Self.queue.async { [reporter] in reporter.report(progress, of: host) }
    }

    func finish(_ outcome: Outcome) {
        Self.queue.async { [reporter] in reporter.finish(outcome) }
    }

    func summarize(_ summary: RunReport) {
        Self.queue.async { [reporter] in reporter.summarize(summary) }
    }

    /// Waits until the screen is free, but not for a reader that pauses: a question or an interruption must get
    /// through.
    func pause(_ isPaused: Bool) {
        let done = DispatchSemaphore(value: 0)
        Self.queue.async { [reporter] in
            reporter.pause(isPaused)
            done.signal()
        }
        // Counted: time in which the process did not run is no pause of the reader.
        for _ in 0..<looks where done.wait(timeout: .now() + .milliseconds(50)) == .success { return }
    }
}
