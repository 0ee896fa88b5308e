/// The time since it was made, by a clock that nobody sets.
struct Stopwatch {
    private let start = ContinuousClock.now

    var seconds: Double { start.duration(to: .now).inSeconds }
}
