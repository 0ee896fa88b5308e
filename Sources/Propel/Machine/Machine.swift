import Synchronization

/// The machine that is being configured, as properties see it: its files, its programs, and what is known of it.
public final class Machine: Sendable {
    /// Its files.
    public let files: any FileSystem
    /// Its programs; ``run(_:_:)`` and ``succeed(_:)`` are shorter.
    public let commands: any CommandRunner
    /// The secrets that its properties put there.
    public let secrets: Secrets
    private let clock: @Sendable () -> Timestamp
    private let facts = Mutex<[ObjectIdentifier: any Fact]>([:])
    private let observer = Mutex<(@Sendable (String) -> Void)?>(nil)
    private let expectations = Mutex<[ObjectIdentifier: Set<String>]>([:])

    /// - Parameters:
    ///   - secrets: none by default.
    ///   - clock: what tells the time; the system's by default.
    public init(
        files: any FileSystem, commands: any CommandRunner, secrets: Secrets = Secrets(),
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.files = files
        self.commands = commands
        self.secrets = secrets
        self.clock = clock
    }

    /// Where Propel keeps what it must remember on the machine, readable by root alone.
    public static let state: FilePath = "/var/lib/propel"

    /// The time by the machine's own clock.
    public var now: Timestamp { clock() }

    /// What is known of the machine, read once and kept until something has changed.
    public func fact<Known: Fact>(_ type: Known.Type = Known.self) async throws -> Known {
        let key = ObjectIdentifier(type)
        if let known = facts.withLock({ $0[key] as? Known }) { return known }
        let read = try await Known.read(from: self)
        facts.withLock { $0[key] = read }
        return read
    }

    /// Says that `name` will be asked for among the facts of a type, so that they can be read with one question for all.
    public func expect<Known: Fact>(_ name: String, of type: Known.Type) {
        _ = expectations.withLock { $0[ObjectIdentifier(type), default: []].insert(name) }
    }

    /// What will be asked for among the facts of a type, sorted.
    public func expected<Known: Fact>(of type: Known.Type) -> [String] {
        expectations.withLock { $0[ObjectIdentifier(type), default: []].sorted() }
    }

    /// Forgets all facts. The engine does so after each change; a property does where it reads again what it has changed.
    public func forgetFacts() { facts.withLock { $0 = [:] } }

    /// Where it is told how far what is being applied has come; nil where nobody watches. The engine sets it for each step.
    var progress: (@Sendable (String) -> Void)? {
        get { observer.withLock { $0 } }
        set { observer.withLock { $0 = newValue } }
    }

    /// Runs a program and answers what it left, whatever its exit status.
    public func run(_ command: Invocation) async throws -> CommandResult { try await commands.run(command) }

    /// Runs a program that must succeed.
    /// - Throws: ``CommandFailure`` where it does not.
    @discardableResult
    public func run(_ program: String, _ arguments: String...) async throws -> CommandResult {
        try await succeed(Invocation(program, arguments))
    }

    /// Runs a program that must succeed.
    /// - Throws: ``CommandFailure`` where it does not.
    @discardableResult
    public func succeed(_ command: Invocation) async throws -> CommandResult {
        let result = try await commands.run(command)
        guard result.succeeded else { throw CommandFailure(command: command, result: result) }
        return result
    }
}

/// Something known of the whole machine that many properties look at: the installed packages, the accounts, the units.
///
/// It is read once for all of them. A new subject brings its own type, beside its properties.
public protocol Fact: Sendable {
    static func read(from machine: Machine) async throws -> Self
}
