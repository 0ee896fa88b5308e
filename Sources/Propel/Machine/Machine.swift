import Synchronization

/// The machine that is being configured, as properties see it: its files, its programs and facts about it.
public final class Machine: Sendable {
    /// The files of the machine.
    public let files: any FileSystem
    /// Runs programs; ``run(_:_:)`` and ``succeed(_:)`` are shorter.
    public let commands: any CommandRunner
    /// The secrets of the run.
    public let secrets: Secrets
    /// The files of the repository in the run.
    public let repository: RepositoryContents
    /// The user who became root for this run with sudo or doas; nil if it logged in as root.
    public let invoker: String?
    /// The connection through which this run was started; nil if it was not started through ssh.
    public let connection: SSHConnection?
    /// Opens TCP connections from the machine.
    public let dialer: any Dialer
    private let clock: @Sendable () -> Timestamp
    private let stopwatch: @Sendable () -> ContinuousClock.Instant
    private let facts = Mutex<[ObjectIdentifier: any MachineFact]>([:])
    let earlyFacts = EarlyFacts()
    private let observer = Mutex<(@Sendable (String) -> Void)?>(nil)
    private let expectations = Mutex<[ObjectIdentifier: Set<String>]>([:])
    private let guardWatch = Mutex<GuardWatch?>(nil)
    private let together = Mutex(false)
    private let currentRun = Mutex<String?>(nil)
    /// See ``noteFollowUp(_:)``.
    let followUpList = Mutex<[String]>([])
    /// The packages that the survey so far will install, without repetition; nil outside of a survey. See
    /// ``expectPackages(_:)``.
    let packagesToCome = Mutex<[String]?>(nil)

    /// - Parameters:
    ///   - files: its files.
    ///   - commands: runs its programs.
    ///   - secrets: none by default.
    ///   - repository: the files of the repository; none by default.
    ///   - invoker: the user who became root with sudo or doas; none by default.
    ///   - connection: the connection through which the run was started; none by default.
    ///   - dialer: opens TCP connections; those of this machine by default.
    ///   - clock: returns the time; the system clock by default.
    ///   - stopwatch: measures how long something takes; a clock that nobody sets by default.
    public init(
        files: any FileSystem, commands: any CommandRunner, secrets: Secrets = Secrets(),
        repository: RepositoryContents = RepositoryContents(), invoker: String? = nil,
        connection: SSHConnection? = nil, dialer: any Dialer = LocalDialer(),
        clock: @escaping @Sendable () -> Timestamp = { .now },
        stopwatch: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.files = files
        self.commands = commands
        self.secrets = secrets
        self.repository = repository
        self.invoker = invoker
        self.connection = connection
        self.dialer = dialer
        self.clock = clock
        self.stopwatch = stopwatch
    }

    /// The directory with the state of Propel on the machine, readable by root only.
    public static let state: FilePath = "/var/lib/propel"

    /// The time of the machine's clock.
    public var now: Timestamp { clock() }

    /// The present moment, to measure how long something takes. The machine's clock may be set while it does.
    public var instant: ContinuousClock.Instant { stopwatch() }

    /// A fact about the machine, read once and kept until something changes.
    public func fact<Known: MachineFact>(_ type: Known.Type = Known.self) async throws -> Known {
        let key = ObjectIdentifier(type)
        if let known = facts.withLock({ $0[key] as? Known }) { return known }
        let early = try await earlyFacts.take(type)
        let read = if let early { early } else { try await Known.read(from: self) }
        facts.withLock { $0[key] = read }
        return read
    }

    /// Announces that `name` will be looked up in a fact, so that the fact can be read for all names with one command.
    public func expect<Known: MachineFact>(_ name: String, of type: Known.Type) {
        _ = expectations.withLock { $0[ObjectIdentifier(type), default: []].insert(name) }
        if let early = type as? any EarlyFact.Type { earlyFacts.announce(early) }
    }

    /// The names announced for a fact, sorted.
    public func expected<Known: MachineFact>(of type: Known.Type) -> [String] {
        expectations.withLock { $0[ObjectIdentifier(type), default: []].sorted() }
    }

    /// Forgets all facts but those that last for the run. The engine does this after each change; a property does if it
    /// reads again what it has just changed.
    /// - Parameter lasting: whether those that last for the run are forgotten too, as for another run; no by default.
    public func forgetFacts(lasting: Bool = false) {
        earlyFacts.end()
        facts.withLock { facts in facts = lasting ? [:] : facts.filter { $0.value is any LastingFact } }
    }

    /// The progress callback of the property that is being applied; nil if nobody listens. Set by the engine for each
    /// step.
    var progress: (@Sendable (String) -> Void)? {
        get { observer.withLock { $0 } }
        set { observer.withLock { $0 = newValue } }
    }

    /// Sees what a guarded change is about to do; nil while there is no such change. Set by the engine.
    var watch: GuardWatch? {
        get { guardWatch.withLock { $0 } }
        set { guardWatch.withLock { $0 = newValue } }
    }

    /// Whether what a run changes may have to go back, since another host of its wave has failed; see ``Retractable``.
    /// Set by the engine.
    package var isDeployedTogether: Bool {
        get { together.withLock { $0 } }
        set { together.withLock { $0 = newValue } }
    }

    /// The ID of the run that changes the machine; nil in a plan.
    package var runID: String? {
        get { currentRun.withLock { $0 } }
        set { currentRun.withLock { $0 = newValue } }
    }

    /// Tells that what is at a path is about to be changed, so that a guarded change can be put back.
    /// ``Originals/keep(_:)`` and ``Originals/restore(_:)`` do.
    /// - Throws: the error of keeping what is there; then it must not be changed.
    package func willWrite(_ path: FilePath) throws { try watch?.willWrite(path) }

    /// Tells that a program is about to run; see ``GuardWatch``.
    func willRun(_ command: Invocation) async throws { try await watch?.willRun?(command) }

    /// Runs a program, and returns its result whatever the exit status.
    public func run(_ command: Invocation) async throws -> CommandResult {
        try await willRun(command)
        return try await commands.run(command)
    }

    /// Runs a program that must succeed.
    /// - Throws: ``CommandFailure`` if its exit status is not 0.
    @discardableResult
    public func run(_ program: String, _ arguments: String...) async throws -> CommandResult {
        try await succeed(Invocation(program, arguments))
    }

    /// Runs a program that must succeed.
    /// - Throws: ``CommandFailure`` if its exit status is not 0.
    @discardableResult
    public func succeed(_ command: Invocation) async throws -> CommandResult {
        let result = try await run(command)
        guard result.succeeded else { throw CommandFailure(command: command, result: result) }
        return result
    }
}

/// A fact about the whole machine that many properties look at: the installed packages, the accounts, the units.
///
/// It is read once for all of them.
public protocol MachineFact: Sendable {
    static func read(from machine: Machine) async throws -> Self
}

/// A fact that is kept for the whole run, since no property changes it: which registry could not be reached.
public protocol LastingFact: MachineFact {}
