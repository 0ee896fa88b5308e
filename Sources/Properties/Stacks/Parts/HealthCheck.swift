/// How a container is asked whether it does its work.
///
/// A deployment waits until it succeeds, and what depends on the container starts then. A container without one counts as well when it
/// has run for ten seconds without a restart.
public struct HealthCheck: ContainerPart, Hashable {
    /// As compose writes it: `CMD-SHELL` and a line, or `CMD` and words.
    let test: [String]
    let interval: Duration
    let timeout: Duration
    let retries: Int
    let startPeriod: Duration

    /// A line for the container's own shell. It must exit with 0.
    /// - Parameters:
    ///   - interval: how long is waited between two checks; five seconds by default.
    ///   - timeout: how long one may take; five seconds by default.
    ///   - retries: how many must fail in a row before the container is unhealthy; 5 by default.
    ///   - startPeriod: how long failures do not count after a start; none by default.
    public init(
        _ line: String, every interval: Duration = .seconds(5), timeout: Duration = .seconds(5), retries: Int = 5,
        startPeriod: Duration = .zero
    ) {
        self.init(
            test: ["CMD-SHELL", line], every: interval, timeout: timeout, retries: retries, startPeriod: startPeriod)
    }

    /// A program and its arguments, for images without a shell; see ``init(_:every:timeout:retries:startPeriod:)``.
    public init(
        program: String, _ arguments: [String] = [], every interval: Duration = .seconds(5),
        timeout: Duration = .seconds(5), retries: Int = 5,
        startPeriod: Duration = .zero
    ) {
        self.init(
            test: ["CMD", program] + arguments, every: interval, timeout: timeout, retries: retries,
            startPeriod: startPeriod)
    }

    private init(test: [String], every interval: Duration, timeout: Duration, retries: Int, startPeriod: Duration) {
        self.test = test
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
        self.startPeriod = startPeriod
    }

    public func add(to container: inout Container) { container.healthCheck = self }
}
