/// How a link that has dropped is taken up again: after pauses that get longer, for ten minutes at the most.
struct Reconnection {
    private static let patience: Duration = .seconds(600)
    private static let longestPause = 15

    private var since = ContinuousClock.now
    private var pause = 1

    /// It has been there, or has brought something: the ten minutes begin anew.
    mutating func begin() { self = Reconnection() }

    /// How long to wait before the next attempt, in seconds; nil where there is to be none.
    mutating func nextPause() -> Int? {
        guard ContinuousClock.now - since < Self.patience else { return nil }
        defer { pause = min(pause * 2, Self.longestPause) }
        return pause
    }
}
