/// The pace and the clock of whatever waits for containers. Tests replace both.
struct StackTiming: Sendable {
    /// The pause between two looks at the containers.
    var pollInterval: Duration = .seconds(1)
    /// The clock that timeouts are measured by.
    var now: @Sendable () -> ContinuousClock.Instant = { .now }
}
