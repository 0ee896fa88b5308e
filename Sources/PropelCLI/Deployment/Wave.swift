import Propel
import Synchronization

/// The hosts of a wave that are deployed together: the changes of all stay, or go back.
///
/// A run that has applied everything waits on its machine. Once all hosts wait, or have converged without a change,
/// each is asked to promise that it goes on waiting. With the promises of all, the changes stay; once one host has
/// failed, those of the others go back. A machine that hears nothing for ``WaveDelivery/limit`` puts its changes back
/// by itself, so a lost link or a laptop that is gone never lets one stay.
///
/// This process may be stopped for longer than that, or its computer may sleep. So a host that waited before may no
/// longer wait, and what counts are promises that arrive soon after they were asked for, by a clock that does not stop.
final class Wave: Sendable {
    typealias Tell = @Sendable (WaveDecision) -> Void

    /// The promises that are asked of all hosts.
    private struct Round {
        var number: Int
        var begin: ContinuousClock.Instant
        /// The hosts that have not promised yet.
        var awaited: Set<String>
    }

    private struct State {
        /// The hosts that are not done yet.
        var open: Set<String>
        /// Tells the runs that wait what is decided, by their hosts.
        var ready: [String: Tell] = [:]
        var round: Round?
        var roundCount = 0
        var decision = WaveDecision.open

        /// The word for the runs that wait.
        var word: WaveDecision {
            if decision == .open, let round { return .promise(round: round.number) }
            return decision
        }

        /// Goes on towards the decision, as far as that is possible now.
        mutating func advance(at now: ContinuousClock.Instant) {
            guard decision == .open, open.allSatisfy({ ready[$0] != nil }) else {
                round = nil
                return
            }
            round?.awaited.formIntersection(open)
            // The last one agrees with itself.
            if open.count < 2 {
                decision = .stay
            } else if let round, !round.awaited.isEmpty {
                return
            } else if let round, now - round.begin <= WaveDelivery.promiseLimit {
                decision = .stay
            } else {
                roundCount += 1
                round = Round(number: roundCount, begin: now, awaited: open)
            }
        }
    }

    private let state: Mutex<State>
    private let pulse: Duration
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - hosts: the names of its hosts.
    ///   - pulse: how often a run that waits is told that nothing is decided yet; 20 seconds by default.
    ///   - now: the present time; that of the continuous clock by default.
    init(
        _ hosts: [String], pulse: Duration = WaveDelivery.pulse,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        state = Mutex(State(open: Set(hosts)))
        self.pulse = pulse
        self.now = now
    }

    var decision: WaveDecision { state.withLock(\.decision) }

    /// Notes how a host has ended.
    func finish(_ outcome: Outcome) {
        change { state in
            state.open.remove(outcome.host)
            state.ready[outcome.host] = nil
            if outcome.result != .converged, state.decision == .open {
                state.decision = .putBack(because: "\(outcome.host) \(outcome.resultInWave)")
            }
        }
    }

    /// Decides that the changes go back, before the first run is stopped or left: it puts its changes back, and the
    /// others must not be told after that that theirs stay.
    func giveUp(because reason: String) {
        change { state in
            if state.decision == .open { state.decision = .putBack(because: reason) }
        }
    }

    /// The follow-up about a host that has ended, where it may not have been told that its changes stay; nil if
    /// there is nothing to do.
    func followUp(of outcome: Outcome) -> String? {
        guard decision == .stay else { return nil }
        switch outcome.result {
        case .converged: return nil
        case .rolledBack:
            return "deploy it again: it went back alone, not told in time that the changes of its wave stay"
        case .changesFound, .failed, .unreachable, .locked, .interrupted, .notTried:
            return "look at `propel log \(outcome.host)`: the changes of its wave stay, and its own went back "
                + "unless it was told that"
        }
    }

    /// The place of a host in the wave, for one connection to it.
    /// - Parameter tell: tells its run what is decided.
    func seat(of host: String, tell: @escaping Tell) -> Seat { Seat(wave: self, host: host, tell: tell) }

    fileprivate func beReady(_ host: String, _ tell: @escaping Tell) {
        // Otherwise the others have been told before.
        if !change({ $0.ready[host] = tell }) { tell(state.withLock(\.word)) }
    }

    fileprivate func promise(_ number: Int, _ host: String) {
        change { if $0.round?.number == number { $0.round?.awaited.remove(host) } }
    }

    /// A host whose link is lost may not hear of the decision: the others wait for it.
    fileprivate func leave(_ host: String) { change { $0.ready[host] = nil } }

    /// Changes the state, goes on towards the decision, and then tells all that wait, if there is something to tell.
    @discardableResult
    private func change(_ body: (inout State) -> Void) -> Bool {
        let (told, word, isNews) = state.withLock { state -> ([Tell], WaveDecision, Bool) in
            let former = state.word
            body(&state)
            state.advance(at: now())
            let isNews = former != state.word
            return (isNews ? Array(state.ready.values) : [], state.word, isNews)
        }
        for tell in told { tell(word) }
        return isNews
    }

    /// The place of a host in the wave, over one connection.
    final class Seat: Sendable {
        private let wave: Wave
        private let host: String
        private let tell: Tell
        private let pulse = Mutex<Task<Void, Never>?>(nil)

        fileprivate init(wave: Wave, host: String, tell: @escaping Tell) {
            self.wave = wave
            self.host = host
            self.tell = tell
        }

        /// Notes that the run waits, and from here on tells it what is decided. Only the first call has an effect.
        func beReady() {
            let isFirst = pulse.withLock { pulse in
                guard pulse == nil else { return false }
                pulse = Task { [wave, tell] in
                    while (try? await Task.sleep(for: wave.pulse)) != nil { tell(wave.state.withLock(\.word)) }
                }
                return true
            }
            if isFirst { wave.beReady(host, tell) }
        }

        /// Notes that the run has promised to go on waiting.
        func promise(_ round: Int) { wave.promise(round, host) }

        /// Ends the connection.
        func leave() {
            pulse.withLock(\.self)?.cancel()
            wave.leave(host)
        }
    }
}

extension Outcome {
    /// The result in the words that the other hosts of its wave are told.
    fileprivate var resultInWave: String {
        switch result {
        case .converged: "has converged"
        case .changesFound, .failed: "failed"
        case .rolledBack: isRolledBack ? "was rolled back" : "put its changes back"
        case .unreachable: "cannot be reached"
        case .locked: "is locked by another run"
        case .interrupted: "was interrupted"
        case .notTried: "was not tried"
        }
    }
}
