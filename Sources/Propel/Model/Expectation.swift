import Vocabulary

/// Something that must hold after a run, and that no apply brings about: a page answers, a port is open.
///
/// It is looked at after each run, when all properties and actions have had their turns, also if nothing had to be
/// changed. If it does not hold in time, the run has failed. A plan that finds no change looks once; any other says
/// that it will be looked at. What requires it does not wait for it.
public protocol Expectation: Property {
    /// The time that it may take after the run until it holds.
    var timeout: Duration { get }
    /// The pause between two looks.
    var interval: Duration { get }
}

extension Expectation {
    public var interval: Duration { .seconds(1) }

    /// Does nothing: it is never applied.
    public func apply(on machine: Machine) async throws {}

    /// Looks until it holds, at least once.
    /// - Parameters:
    ///   - machine: the machine that is looked at.
    ///   - now: returns the time; the clock of the system by default.
    ///   - waiting: called before each pause, with what does not hold yet.
    /// - Returns: the reason why it does not hold; nil if it does.
    /// - Throws: the errors of the check, at once: they do not pass.
    public func reasonNotToHold(
        on machine: Machine, now: () -> ContinuousClock.Instant = { .now }, waiting: (String) -> Void = { _ in }
    ) async throws -> String? {
        // A look may take long by itself: at a page that does not answer.
        var limit = TimeLimit(timeout, pause: interval + .seconds(10), now: now())
        while true {
            // Each look is at the machine as it is then.
            machine.forgetFacts()
            switch try await evaluate(on: machine) {
            case .satisfied: return nil
            case .unmet(let change):
                guard !limit.hasPassed(at: now()) else { return change.reason }
                waiting(change.reason)
            case .unknown(let until):
                guard !limit.hasPassed(at: now()) else { return "cannot tell until \(until)" }
                waiting("until \(until)")
            }
            try await Task.sleep(for: interval)
        }
    }
}
