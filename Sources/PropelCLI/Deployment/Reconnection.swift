import Vocabulary

/// The pauses between attempts to restore a lost connection: longer each time, until the machine has stayed away too
/// long.
///
/// Time in which this process did not run, since the computer slept, does not count: nobody could have reached the
/// machine then.
struct Reconnection {
    /// How long the machine is waited for; ten minutes by default.
    let limit: Duration
    private static let longestPause = 15
    /// The usual time between two attempts. One that takes more than twice as long was no attempt but sleep.
    static let usualAttempt: Duration = .seconds(45)

    private var time: TimeLimit
    private var pause = 1

    init(limit: Duration = .minutes(10), now: ContinuousClock.Instant = .now) {
        self.limit = limit
        time = TimeLimit(limit, pause: Self.usualAttempt, now: now)
    }

    /// Begins the time again, after something has arrived.
    mutating func reset(now: ContinuousClock.Instant = .now) { self = Reconnection(limit: limit, now: now) }

    /// The seconds to wait before the next attempt; nil if there is no further attempt.
    mutating func nextPause(now: ContinuousClock.Instant = .now) -> Int? {
        let left = time.left(at: now)
        guard left > .zero else { return nil }
        defer { pause = min(pause * 2, Self.longestPause) }
        // The last attempt is at the end of the limit.
        return min(pause, max(1, Int(left.inSeconds.rounded(.up))))
    }
}
