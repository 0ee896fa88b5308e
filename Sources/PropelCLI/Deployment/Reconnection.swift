/// The pauses between attempts to restore a lost connection: longer each time, for ten minutes at most.
struct Reconnection {
    private static let timeout: Duration = .seconds(600)
    private static let longestPause = 15

    private var start = ContinuousClock.now
    private var pause = 1

    /// Begins the ten minutes again, after something has arrived.
    mutating func reset() { self = Reconnection() }

    /// The seconds to wait before the next attempt; nil if there is no further attempt.
    mutating func nextPause() -> Int? {
        guard ContinuousClock.now - start < Self.timeout else { return nil }
        defer { pause = min(pause * 2, Self.longestPause) }
        return pause
    }
}
