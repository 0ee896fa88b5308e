/// The limit of a wait that looks again and again.
///
/// A late look counts as little as one in time: if much more time has passed since the last one, this process was
/// stopped or had no processor, or the computer slept. Nobody could have noticed anything then, and on the same
/// computer what is waited for did not run either. For the same reason a late look is not the last one.
package struct TimeLimit: Sendable {
    private static let parts = 10

    private let limit: Duration
    /// The most that counts between two looks.
    package let longestStep: Duration
    private var last: ContinuousClock.Instant
    private var hasBeenLate = false
    /// The time that counts so far.
    package private(set) var spent: Duration

    /// - Parameters:
    ///   - limit: the time for all looks together.
    ///   - spent: what counts from the beginning; nothing by default.
    ///   - pause: the usual time between two looks; none by default. At most twice as much counts, or a tenth of the
    ///     limit if that is more.
    ///   - now: the time at which it begins.
    package init(
        _ limit: Duration, spent: Duration = .zero, pause: Duration = .zero, now: ContinuousClock.Instant = .now
    ) {
        self.limit = limit
        self.spent = spent
        longestStep = max(limit / Self.parts, pause + pause)
        last = now
    }

    /// Counts the time since the last look.
    /// - Returns: the time that is left; none once the limit has passed.
    package mutating func left(at now: ContinuousClock.Instant = .now) -> Duration {
        let step = now - last
        last = now
        if step > longestStep + longestStep, spent + longestStep >= limit, !hasBeenLate {
            hasBeenLate = true
        } else {
            spent += min(step, longestStep)
        }
        return max(.zero, limit - spent)
    }

    /// Counts the time since the last look.
    /// - Returns: whether the limit has passed.
    package mutating func hasPassed(at now: ContinuousClock.Instant = .now) -> Bool { left(at: now) == .zero }

    /// Sleeps as long as the limit says.
    /// - Throws: `CancellationError`.
    package static func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        var limit = TimeLimit(duration)
        while case let left = limit.left(), left > .zero {
            try await Task.sleep(for: min(left, limit.longestStep))
        }
    }
}
