/// The pauses between attempts to restore a lost connection: longer each time, until the machine has stayed away too
/// long.
///
/// Time in which this process did not run, since the computer slept, does not count: nobody could have reached the
/// machine then.
struct Reconnection {
    /// How long the machine is waited for; ten minutes by default.
    let limit: Duration
    private static let longestPause = 15
    /// The most that one attempt counts, with the pause before it. A longer one was no attempt but sleep.
    private static let longestAttempt: Duration = .seconds(90)

    private var waited: Duration = .zero
    private var last: ContinuousClock.Instant
    private var pause = 1

    init(limit: Duration = .minutes(10), now: ContinuousClock.Instant = .now) {
        self.limit = limit
        last = now
    }

    /// Begins the time again, after something has arrived.
    mutating func reset(now: ContinuousClock.Instant = .now) { self = Reconnection(limit: limit, now: now) }

    /// The seconds to wait before the next attempt; nil if there is no further attempt.
    mutating func nextPause(now: ContinuousClock.Instant = .now) -> Int? {
        waited += min(now - last, Self.longestAttempt)
        last = now
        guard waited < limit else { return nil }
        defer { pause = min(pause * 2, Self.longestPause) }
        // The last attempt is at the end of the limit.
        return min(pause, max(1, Int((limit - waited).inSeconds.rounded(.up))))
    }
}
