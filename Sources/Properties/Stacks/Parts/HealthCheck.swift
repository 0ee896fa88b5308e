/// The probe that decides whether a container is healthy.
///
/// A deployment waits until it succeeds, and then starts what depends on the container. A container without one
/// counts as healthy when it has run for ten seconds without a restart.
public struct HealthCheck: ContainerPart, Hashable {
    /// The value in the compose file: `CMD-SHELL` and a line, or `CMD` and a program with its arguments.
    let test: [String]
    /// The same if there are secrets in it; empty otherwise.
    let secretTest: [Content]
    let interval: Duration
    let timeout: Duration
    let retries: Int
    let startPeriod: Duration
    let startInterval: Duration?

    /// A command line for the shell of the container. It must exit with 0.
    /// - Parameters:
    ///   - line: the command line.
    ///   - interval: the pause between two checks; five seconds by default.
    ///   - timeout: the time that one may take; five seconds by default.
    ///   - retries: the number of consecutive failures after which the container is unhealthy; 5 by default.
    ///   - startPeriod: the time after a start in which failures do not count; zero by default.
    ///   - startInterval: the pause between two checks within `startPeriod`; docker's, five seconds, by default. It
    ///     needs compose 2 and an engine since 25: docker-compose 1.29 of Debian 12 does not know it.
    public init(
        _ line: String, every interval: Duration = .seconds(5), timeout: Duration = .seconds(5), retries: Int = 5,
        startPeriod: Duration = .zero, startInterval: Duration? = nil
    ) {
        self.init(
            test: ["CMD-SHELL", line], every: interval, timeout: timeout, retries: retries, startPeriod: startPeriod,
            startInterval: startInterval)
    }

    /// A program and its arguments, for images without a shell; see
    /// ``init(_:every:timeout:retries:startPeriod:startInterval:)``.
    public init(
        program: String, _ arguments: [String] = [], every interval: Duration = .seconds(5),
        timeout: Duration = .seconds(5), retries: Int = 5,
        startPeriod: Duration = .zero, startInterval: Duration? = nil
    ) {
        self.init(
            test: ["CMD", program] + arguments, every: interval, timeout: timeout, retries: retries,
            startPeriod: startPeriod, startInterval: startInterval)
    }

    /// A program with secrets in its arguments. Everybody who may ask docker sees them, and while it runs everybody on
    /// the machine: prefer a command line that reads a variable of the container.
    ///
    ///     HealthCheck(revealing: "redis-cli", ["--pass", "\(Secret("redis-password"))", "ping"])
    ///
    /// They are not in the compose file, but in another beside it that only root can read; see
    /// ``init(_:every:timeout:retries:startPeriod:startInterval:)``.
    public init(
        revealing program: Content, _ arguments: [Content] = [], every interval: Duration = .seconds(5),
        timeout: Duration = .seconds(5), retries: Int = 5,
        startPeriod: Duration = .zero, startInterval: Duration? = nil
    ) {
        let words: [Content] = ["CMD", program] + arguments
        self.init(
            test: words.map(\.described), words.hasSecrets || words.problem != nil ? words : [], every: interval,
            timeout: timeout, retries: retries, startPeriod: startPeriod, startInterval: startInterval)
    }

    private init(
        test: [String], _ secretTest: [Content] = [], every interval: Duration, timeout: Duration, retries: Int,
        startPeriod: Duration, startInterval: Duration?
    ) {
        self.test = test
        self.secretTest = secretTest
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
        self.startPeriod = startPeriod
        self.startInterval = startInterval
    }

    /// No health check, not even that of the image: for one that fails where the container does its job.
    public static let none = HealthCheck(
        test: ["NONE"], every: .seconds(5), timeout: .seconds(5), retries: 5, startPeriod: .zero,
        startInterval: nil)

    public func add(to container: inout Container) {
        if startInterval != nil, startPeriod == .zero {
            container.addProblem("“startInterval” is for the time of “startPeriod”: give that too", of: "HealthCheck")
        }
        container.addProblem(secretTest.problem, of: "HealthCheck")
        container.ignoresImageHealthCheck = self == .none
        container.healthCheck = self == .none ? nil : self
    }
}
