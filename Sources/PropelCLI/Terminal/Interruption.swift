import Dispatch
import Foundation
import Synchronization

/// The user stopped the command: Ctrl-C, or Ctrl-D at a question.
struct Interrupted: Error {}

/// The handling of Ctrl-C (SIGINT) and SIGTERM.
///
/// The first signal asks the runs to stop: the program that is running on the machine is terminated, the rest is
/// skipped, and the lock is released. The second exits `propel` at once; a run that has not stopped by then continues
/// by itself.
final class Interruption: Sendable {
    private struct State {
        var isRequested = false
        var handlers: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())
    // Written by `listen()`, before anything runs in parallel, and by `end()`, after it.
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []

    var isRequested: Bool { state.withLock(\.isRequested) }

    /// The message of an interruption that stops the runs.
    private static let stopping = "Stopping: terminating what is running on the machines."

    /// Begins to handle the signals.
    /// - Parameters:
    ///   - message: the message that is printed at the first one.
    ///   - pause: called with true before a message about them is printed, and with false after it.
    func listen(saying message: String = stopping, pause: @escaping @Sendable (Bool) -> Void) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in request(message, pause) }
            source.resume()
            sources.append(source)
        }
    }

    /// Stops handling the signals, so that another instance may.
    func end() {
        for source in sources { source.cancel() }
        sources = []
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }

    private func request(_ message: String, _ pause: (Bool) -> Void) {
        let (again, handlers) = state.withLock { state in
            defer { state.isRequested = true }
            return (state.isRequested, Array(state.handlers.values))
        }
        if again || handlers.isEmpty {
            Echo.restore()
            pause(true)
            // Without the exit handlers of libraries: connections still use them on their threads.
            _exit(ExitStatus.interrupted.rawValue)
        }
        // First of all: a reader that pauses may hold the screen.
        for handler in handlers { handler() }
        pause(true)
        Terminal.error.print("\n\(message) Press Ctrl-C again to exit at once.")
        pause(false)
    }

    /// Calls `handler` at the first signal, or now if that came already, until ``Registration/end()``.
    func register(_ handler: @escaping @Sendable () -> Void) -> Registration {
        let (number, isRequested) = state.withLock { state in
            state.next += 1
            state.handlers[state.next] = handler
            return (state.next, state.isRequested)
        }
        if isRequested { handler() }
        return Registration(interruption: self, number: number)
    }

    struct Registration: Sendable {
        fileprivate let interruption: Interruption
        fileprivate let number: Int

        func end() { interruption.state.withLock { $0.handlers[number] = nil } }
    }
}
