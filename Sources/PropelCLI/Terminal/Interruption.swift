import Dispatch
import Foundation
import Synchronization

/// The user stopped the command: Ctrl-C, or Ctrl-D at a question.
struct Interrupted: Error {}

/// The handling of Ctrl-C (SIGINT) and SIGTERM.
///
/// At a terminal Ctrl-C asks what to do with runs that have begun. Without one, and for anything else, the first signal
/// asks the runs to stop: the program that is running on the machine is terminated, the rest is skipped, and the lock
/// is released. The second exits `propel` at once; a run that has not stopped by then continues by itself.
final class Interruption: Sendable {
    /// The fate of the runs.
    enum Choice: String, Sendable, CaseIterable {
        case stop, leave
        /// Nothing: it was pressed in error.
        case back
    }

    /// Asks the user.
    typealias Asking = @Sendable () async throws -> Choice

    /// The way in which a command is interrupted.
    struct Listener: Sendable {
        static let stopping = "Stopping: terminating what is running on the machines."

        /// The meaning of a signal where nobody is asked.
        var unasked: Choice = .stop
        /// The message that is printed where the runs are left going.
        var leaving = "Left: what has begun on the machines goes on."
        /// The message that is printed where the runs are stopped.
        var stopping = Listener.stopping
        /// How the user can be asked now; nil if that is not possible.
        var asking: @Sendable () -> Asking? = { nil }
        /// Called with true before a message is printed, and with false after it.
        var pause: @Sendable (Bool) -> Void
    }

    private struct Handler {
        var stop: @Sendable () -> Void
        /// Nil if there is no run that could go on without this process.
        var leave: (@Sendable () -> Void)?

        func callAsFunction(_ choice: Choice) { if choice == .leave, let leave { leave() } else { stop() } }
    }

    private struct State {
        var choice: Choice?
        var question: Task<Void, Never>?
        var listener: Listener?
        var handlers: [Int: Handler] = [:]
        var next = 0
    }

    private enum Reaction {
        case exit, ask
        case act(Choice)
    }

    private let state = Mutex(State())
    private let exit: @Sendable () -> Void
    // Written by `listen()`, before anything runs in parallel, and by `end()`, after it.
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []

    /// - Parameter exit: ends the process. Without the exit handlers of libraries: connections still use them on their
    ///   threads.
    init(exit: @escaping @Sendable () -> Void = { _exit(ExitStatus.interrupted.rawValue) }) { self.exit = exit }

    var isRequested: Bool { state.withLock { $0.choice != nil } }
    /// Whether the runs are left going.
    var isLeaving: Bool { state.withLock { $0.choice == .leave } }

    /// Whether the user is being asked.
    var isAsking: Bool { state.withLock { $0.question != nil } }

    /// Begins to handle the signals.
    func listen(_ listener: Listener) {
        prepare(listener)
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in receive(number) }
            source.resume()
            sources.append(source)
        }
    }

    /// Begins to handle the signals. Nobody is asked.
    func listen(pause: @escaping @Sendable (Bool) -> Void) { listen(Listener(pause: pause)) }

    func prepare(_ listener: Listener) { state.withLock { $0.listener = listener } }

    /// Stops handling the signals, so that another instance may. An open question is withdrawn.
    func end() {
        for source in sources { source.cancel() }
        sources = []
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        withdraw()
    }

    /// Withdraws the question: what it is about has ended.
    func withdraw() {
        let question = state.withLock { state in
            state.listener = nil
            return state.question
        }
        question?.cancel()
    }

    /// Handles a signal.
    func receive(_ signal: Int32) {
        guard let listener = state.withLock(\.listener) else { return }
        // Before the lock: it looks whether the terminal is free.
        let asking = signal == SIGINT ? listener.asking() : nil
        let reaction = state.withLock { state -> Reaction in
            if state.choice != nil || state.question != nil || state.handlers.isEmpty { return .exit }
            if let asking, state.handlers.values.contains(where: { $0.leave != nil }) {
                // Before another signal is handled.
                state.question = Task { await self.ask(asking, listener) }
                return .ask
            }
            return .act(listener.unasked)
        }
        switch reaction {
        case .exit:
            Echo.restore()
            listener.pause(true)
            exit()
        case .act(let choice): act(choice, listener)
        case .ask: break
        }
    }

    private func ask(_ asking: Asking, _ listener: Listener) async {
        // Ctrl-D takes the question back too.
        let choice = (try? await asking()) ?? .back
        state.withLock { $0.question = nil }
        if choice != .back, !Task.isCancelled { act(choice, listener) }
    }

    private func act(_ choice: Choice, _ listener: Listener) {
        let handlers = state.withLock { state in
            state.choice = choice
            return Array(state.handlers.values)
        }
        // First of all: a reader that pauses may hold the screen.
        for handler in handlers { handler(choice) }
        let hasRuns = handlers.contains { $0.leave != nil }
        let stopping = hasRuns ? listener.stopping : "Stopping."
        listener.pause(true)
        Terminal.error.print(
            choice == .leave ? "\n\(listener.leaving)" : "\n\(stopping) Press Ctrl-C again to exit at once.")
        listener.pause(false)
    }

    /// Calls one of the handlers at the first signal, or now if that came already, until ``Registration/end()``.
    /// - Parameters:
    ///   - leave: stops following a run that goes on; nil if nothing would go on.
    ///   - stop: tells the run to stop.
    func register(
        leaving leave: (@Sendable () -> Void)? = nil, _ stop: @escaping @Sendable () -> Void
    ) -> Registration {
        let handler = Handler(stop: stop, leave: leave)
        let (number, choice) = state.withLock { state in
            state.next += 1
            state.handlers[state.next] = handler
            return (state.next, state.choice)
        }
        if let choice { handler(choice) }
        return Registration(interruption: self, number: number)
    }

    struct Registration: Sendable {
        fileprivate let interruption: Interruption
        fileprivate let number: Int

        func end() { interruption.state.withLock { $0.handlers[number] = nil } }
    }
}
