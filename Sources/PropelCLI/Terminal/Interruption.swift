import Dispatch
import Foundation
import Synchronization

/// The person does not want to go on: Ctrl-C, or Ctrl-D at a question.
struct Interrupted: Error {}

/// What happens at Ctrl-C, and at SIGTERM.
///
/// The first asks the runs to stop: the program that is running on the target is ended, the rest left out, and the machine
/// unlocked. The second ends `propel` at once; a run that is still going on then goes on by itself.
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

    /// Begins to listen for the signals.
    /// - Parameter pause: called with true before something is said of them on the screen, and with false after it.
    func listen(pause: @escaping @Sendable (Bool) -> Void) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in request(pause) }
            source.resume()
            sources.append(source)
        }
    }

    /// Listens no more: another one may, and a signal is for one of them.
    func end() {
        for source in sources { source.cancel() }
        sources = []
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }

    private func request(_ pause: (Bool) -> Void) {
        let (again, handlers) = state.withLock { state in
            defer { state.isRequested = true }
            return (state.isRequested, Array(state.handlers.values))
        }
        if again || handlers.isEmpty {
            Echo.restore()
            pause(true)
            // Without the libraries' own ends: connections are still at work on their threads.
            _exit(ExitStatus.interrupted.rawValue)
        }
        pause(true)
        Terminal.error.print(
            "\nStopping: what is running on the machines is ended. Press Ctrl-C again to leave at once.")
        pause(false)
        for handler in handlers { handler() }
    }

    /// Calls `handler` at the first signal, until the answer's ``Registration/end()``; at once where it has come already.
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
