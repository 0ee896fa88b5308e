import Synchronization
import Vocabulary

/// Waits until the laptop has decided about the changes of a run, whose other hosts may still be busy.
///
/// The laptop must still be there: without a word of it for the time limit the changes go back. Time in which this
/// machine did not run is no silence.
package final class WaveDelivery: Sendable {
    private struct State {
        var decision = WaveDecision.open
        /// The limit of the time since the last word.
        var silence: TimeLimit
        var isAwaited = false

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

    /// The time without a word after which the changes go back: longer than `propel` waits for a lost link by default.
    package static let limit: Duration = .minutes(15)
    /// How often the laptop tells that it has not decided yet.
    package static let pulse: Duration = .seconds(20)

    /// - Parameters:
    ///   - limit: the time without a word after which the changes go back; 15 minutes by default.
    ///   - interval: how often the decision is looked at; ten times a second by default.
    ///   - now: the present time; that of the continuous clock by default.
    ///   - announce: tells those who have joined the run that it waits from now on; nobody by default.
    package init(
        limit: Duration = WaveDelivery.limit, interval: Duration = .milliseconds(100),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        announce: @escaping @Sendable () -> Void = {}
    ) {
        self.limit = limit
        self.interval = interval
        self.now = now
        self.announce = announce
        state = Mutex(State(silence: TimeLimit(limit, pause: interval, now: now())))
    }

    /// The limit, from now on.
    private func newSilence() -> TimeLimit { TimeLimit(limit, pause: interval, now: now()) }

    /// Whether the run waits for the decision now.
    var isAwaited: Bool { state.withLock(\.isAwaited) }

    /// Waits for the decision. An interruption after it changes nothing: it counts on all hosts.
    /// - Returns: why the changes go back; nil if they stay.
    package func wait() async -> String? {
        state.withLock { ($0.silence, $0.isAwaited) = (newSilence(), true) }
        announce()
        while true {
            let decision = state.withLock { state in
                if state.silence.hasPassed(at: now()) {
                    state.decide("nothing was heard about the other hosts of its wave for \(limit.inWords)")
                }
                if Task.isCancelled { state.decide("the run was interrupted") }
                state.isAwaited = state.decision == .open
                return state.decision
            }
            switch decision {
            case .stay: return nil
            case .putBack(let reason): return reason
            case .open: break
            }
            // Where it was interrupted the next look decides.
            try? await Task.sleep(for: interval)
        }
    }

    /// Takes a word of the laptop. The first decision counts.
    package func take(_ decision: WaveDecision) {
        state.withLock { state in
            state.silence = newSilence()
            if state.decision == .open { state.decision = decision }
        }
    }

    /// Ends the wait, since nobody can bring a decision.
    func close() { state.withLock { $0.decide("the connection was lost before it was decided about its wave") } }
}
