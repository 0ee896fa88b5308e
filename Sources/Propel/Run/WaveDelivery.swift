import Synchronization
import Vocabulary

/// Waits until the laptop has decided about the changes of a run, whose other hosts may still be busy.
///
/// The laptop must still be there: without a word of it for the time limit the changes go back. Time in which this
/// machine did not run is no silence.
///
/// Before the laptop lets the changes stay, each run promises to wait for the time limit from then on: one that has put
/// its changes back already promises nothing.
package final class WaveDelivery: Sendable {
    private struct State {
        var decision = WaveDecision.open
        /// The limit of the time since the last word; after an interruption, of the time since that.
        var silence: TimeLimit
        var isAwaited = false
        /// The promise that was asked for before the run waited.
        var asked: Int?
        var hasPromised = false
        var isInterrupted = false

        /// Decides that the changes go back, unless it was decided before.
        mutating func decide(_ reason: String) {
            if decision == .open { decision = .putBack(because: reason) }
        }
    }

    private let state: Mutex<State>
    private let limit: Duration
    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let announce: @Sendable () -> Void
    private let promise: @Sendable (_ round: Int) -> Void

    /// The time without a word after which the changes go back: longer than `propel` waits for a lost link by default.
    package static let limit: Duration = .minutes(15)
    /// How often the laptop tells that it has not decided yet.
    package static let pulse: Duration = .seconds(20)
    /// The time in which the promises of all hosts must arrive, so that each has most of its limit left when it is
    /// told the decision.
    package static let promiseLimit: Duration = .seconds(30)
    private static let interruption = "the run was interrupted"

    /// - Parameters:
    ///   - limit: the time without a word after which the changes go back; 15 minutes by default.
    ///   - interval: how often the decision is looked at; ten times a second by default.
    ///   - now: the present time; that of the continuous clock by default.
    ///   - announce: tells those who have joined the run that it waits from now on; nobody by default.
    ///   - promise: tells the laptop that the run waits, for the limit from now on; nobody by default. Must not call
    ///     back.
    package init(
        limit: Duration = WaveDelivery.limit, interval: Duration = .milliseconds(100),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        announce: @escaping @Sendable () -> Void = {}, promise: @escaping @Sendable (_ round: Int) -> Void = { _ in }
    ) {
        self.limit = limit
        self.interval = interval
        self.now = now
        self.announce = announce
        self.promise = promise
        state = Mutex(State(silence: TimeLimit(limit, pause: interval, now: now())))
    }

    /// The limit, from now on.
    private func newSilence() -> TimeLimit { TimeLimit(limit, pause: interval, now: now()) }

    /// Whether the run waits for the decision now.
    var isAwaited: Bool { state.withLock(\.isAwaited) }

    /// Waits for the decision. An interruption after it changes nothing: it counts on all hosts. One after a promise
    /// waits for it for a minute.
    /// - Returns: why the changes go back; nil if they stay.
    package func wait() async -> String? {
        await withTaskCancellationHandler {
            state.withLock { state in
                (state.silence, state.isAwaited) = (newSilence(), true)
                if let round = state.asked { give(round, &state) }
            }
            announce()
            // In another task: one that was cancelled cannot pause.
            return await Task { await self.look() }.value
        } onCancel: {
            interrupt()
        }
    }

    private func look() async -> String? {
        while true {
            let decision = state.withLock { state in
                if state.silence.hasPassed(at: now()) {
                    state.decide(
                        state.isInterrupted
                            ? Self.interruption
                            : "nothing was heard about the other hosts of its wave for \(limit.inWords)")
                }
                state.isAwaited = state.decision == .open
                return state.decision
            }
            switch decision {
            case .stay: return nil
            case .putBack(let reason): return reason
            case .open, .promise: break
            }
            try? await Task.sleep(for: interval)
        }
    }

    private func interrupt() {
        state.withLock { state in
            guard state.hasPromised else { return state.decide(Self.interruption) }
            // The other hosts may have been told by now that their changes stay.
            state.isInterrupted = true
            state.silence = TimeLimit(Self.promiseLimit * 2, pause: interval, now: now())
        }
    }

    /// Gives a promise, as long as nothing is decided. Under the lock: it comes before everything that the run reports
    /// after the wait.
    private func give(_ round: Int, _ state: inout State) {
        guard state.decision == .open, !state.isInterrupted else { return }
        state.hasPromised = true
        promise(round)
    }

    /// Takes a word of the laptop. The first decision counts.
    package func take(_ word: WaveDecision) {
        state.withLock { state in
            if !state.isInterrupted { state.silence = newSilence() }
            switch word {
            case .open: break
            case .promise(let round):
                if state.isAwaited { give(round, &state) } else { state.asked = round }
            case .stay, .putBack: if state.decision == .open { state.decision = word }
            }
        }
    }

    /// Ends the wait, since nobody can bring a decision.
    func close() { state.withLock { $0.decide("the connection was lost before it was decided about its wave") } }
}
