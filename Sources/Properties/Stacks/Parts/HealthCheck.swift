/// The probe that decides whether a container is healthy.
///
/// A deployment waits until it succeeds, and then starts what depends on the container. A container without one
/// counts as healthy when it has run for ten seconds without a restart.
public struct HealthCheck: ContainerPart, Hashable {
    /// The value in the compose file: `CMD-SHELL` and a line, or `CMD` and a program with its arguments.
    let test: [String]
    let interval: Duration
    let timeout: Duration
    let retries: Int
    let startPeriod: Duration

    /// A command line for the shell of the container. It must exit with 0.
    /// - Parameters:
    ///   - line: the command line.
    ///   - interval: the pause between two checks; five seconds by default.
    ///   - timeout: the time that one may take; five seconds by default.
    ///   - retries: the number of consecutive failures after which the container is unhealthy; 5 by default.
    ///   - startPeriod: the time after a start in which failures do not count; zero by default.
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

    /// No health check, not even that of the image: for one that fails where the container does its job.
    public static let none = HealthCheck(
        test: ["NONE"], every: .seconds(5), timeout: .seconds(5), retries: 5, startPeriod: .zero)

    public func add(to container: inout Container) {
        container.ignoresImageHealthCheck = self == .none
        container.healthCheck = self == .none ? nil : self
    }
}
