import Propel
import Synchronization

/// The hosts of a wave that are deployed together: the changes of all stay, or go back.
///
/// A run that has applied everything waits on its machine. Once all hosts wait, or have converged without a change,
/// their changes stay; once one has failed, those of the others go back. A machine that hears nothing for
/// ``WaveDelivery/limit`` puts its changes back by itself, so a lost link or a laptop that is gone never lets one stay.
final class Wave: Sendable {
    private struct State {
        /// The hosts that are not done yet.
        var open: Set<String>
        /// Tells the runs that wait what is decided, by their hosts.
        var ready: [String: @Sendable (WaveDecision) -> Void] = [:]
        var decision = WaveDecision.open
    }

    private let state: Mutex<State>
    private let pulse: Duration

    /// - Parameters:
    ///   - hosts: the names of its hosts.
    ///   - pulse: how often a run that waits is told that nothing is decided yet; 20 seconds by default.
    init(_ hosts: [String], pulse: Duration = WaveDelivery.pulse) {
        state = Mutex(State(open: Set(hosts)))
        self.pulse = pulse
    }

    var decision: WaveDecision { state.withLock(\.decision) }

    /// Notes how a host has ended.
    func finish(_ outcome: Outcome) {
        change { state in
            state.open.remove(outcome.host)
            state.ready[outcome.host] = nil
            if outcome.result != .converged, state.decision == .open {
                state.decision = .putBack(because: "\(outcome.host) \(outcome.result.inWave)")
            }
        }
    }

    /// The place of a host in the wave, for one connection to it.
    /// - Parameter tell: tells its run what is decided.
    func seat(of host: String, tell: @escaping @Sendable (WaveDecision) -> Void) -> Seat {
        Seat(wave: self, host: host, tell: tell)
    }

    fileprivate func beReady(_ host: String, _ tell: @escaping @Sendable (WaveDecision) -> Void) {
        change { $0.ready[host] = tell }
        // Otherwise those that have decided before are told once more, which changes nothing.
        tell(decision)
    }

    /// A host whose link is lost may not hear of the decision: the others wait for it.
    fileprivate func leave(_ host: String) { state.withLock { $0.ready[host] = nil } }

    /// Changes the state, decides if that is possible now, and then tells all that wait.
    private func change(_ body: (inout State) -> Void) {
        let (told, decision) = state.withLock { state -> ([@Sendable (WaveDecision) -> Void], WaveDecision) in
            let former = state.decision
            body(&state)
            if state.decision == .open, state.open.allSatisfy({ state.ready[$0] != nil }) { state.decision = .stay }
            return (former == state.decision ? [] : Array(state.ready.values), state.decision)
        }
        for tell in told { tell(decision) }
    }

    /// The place of a host in the wave, over one connection.
    final class Seat: Sendable {
        private let wave: Wave
        private let host: String
        private let tell: @Sendable (WaveDecision) -> Void
        private let pulse = Mutex<Task<Void, Never>?>(nil)

        fileprivate init(wave: Wave, host: String, tell: @escaping @Sendable (WaveDecision) -> Void) {
            self.wave = wave
            self.host = host
            self.tell = tell
        }

        /// Notes that the run waits, and from here on tells it what is decided. Only the first call has an effect.
        func beReady() {
            let isFirst = pulse.withLock { pulse in
                guard pulse == nil else { return false }
                pulse = Task { [wave, tell] in
                    while (try? await Task.sleep(for: wave.pulse)) != nil { tell(wave.decision) }
                }
                return true
            }
            if isFirst { wave.beReady(host, tell) }
        }

        /// Ends the connection.
        func leave() {
            pulse.withLock(\.self)?.cancel()
            wave.leave(host)
        }
    }
}

extension Outcome.Result {
    /// The result in the words that the other hosts of its wave are told.
    fileprivate var inWave: String {
        switch self {
        case .converged: "has converged"
        case .changesFound, .failed: "failed"
        case .rolledBack: "was rolled back"
        case .unreachable: "cannot be reached"
        case .locked: "is locked by another run"
        case .interrupted: "was interrupted"
        case .notTried: "was not tried"
        }
    }
}
