import Synchronization

/// A program to run, with its arguments, input, environment and timeout.
public struct Invocation: Sendable, Hashable {
    /// A name that is looked up in ``searchPath``, or an absolute path.
    public var program: String
    /// The arguments. Anybody on the machine can read them while the program runs: never a secret.
    public var arguments: [String]
    /// Environment variables beyond the fixed ones; see ``CommandRunner``.
    public var environment: [String: String]
    /// The standard input; empty by default.
    public var input: [UInt8]
    /// The time after which the whole process group is terminated; ten minutes by default.
    public var timeout: Duration
    /// Whether file descriptor 3 is a copy of the standard output; no by default.
    ///
    /// For programs that close the descriptor of their progress reports to their own children, such as apt: standard
    /// output itself must stay open for them.
    public var hasStatusDescriptor = false

    /// - Parameters:
    ///   - program: a name that is looked up in ``searchPath``, or an absolute path.
    ///   - arguments: passed as they are, without a shell.
    ///   - environment: variables beyond the fixed ones; none by default.
    ///   - input: the standard input; empty by default.
    ///   - timeout: the time after which it is terminated; ten minutes by default.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
        timeout: Duration = .minutes(10)
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.timeout = timeout
    }

    /// The `PATH` in which programs are looked up.
    public static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

extension Invocation: CustomStringConvertible {
    /// The command as it would be typed into a shell.
    public var description: String { ShellQuoting.quote([program] + arguments) }
}

/// The result of a program.
public struct CommandResult: Sendable, Equatable {
    /// How a program ended.
    public enum Ending: Sendable, Equatable, CustomStringConvertible {
        case exited(Int)
        case signaled(Int)
        case timedOut(after: Duration)
        /// The program does not exist.
        case notFound

        public var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .signaled(let signal): "ended by signal \(signal)"
            case .timedOut(let limit): "terminated after a timeout of \(limit.inWords)"
            case .notFound: "no such program"
            }
        }
    }

    public var ending: Ending
    /// The standard output: all of it up to 16 MiB, else the first and the last 8 MiB, with a line between them that
    /// tells how much was left out.
    public var output: [UInt8]
    /// The standard error, with the same limits.
    public var errors: [UInt8]
    /// The number of bytes that were left out of ``output``; 0 if it is complete.
    public var omittedOutput: Int
    /// The number of bytes that were left out of ``errors``; 0 if they are complete.
    public var omittedErrors: Int

    public init(
        ending: Ending, output: [UInt8] = [], errors: [UInt8] = [], omittedOutput: Int = 0, omittedErrors: Int = 0
    ) {
        self.ending = ending
        self.output = output
        self.errors = errors
        self.omittedOutput = omittedOutput
        self.omittedErrors = omittedErrors
    }

    /// Whether the exit status is 0.
    public var succeeded: Bool { ending == .exited(0) }
    /// The standard output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
}

/// A program that failed.
public struct CommandFailure: Error, Equatable {
    public var command: Invocation
    public var result: CommandResult

    public init(command: Invocation, result: CommandResult) {
        self.command = command
        self.result = result
    }

    /// The last lines of standard error, or of standard output if that is empty. If not all of it was kept, also the
    /// first lines, and how much was left out.
    public var lastLines: [String] {
        let isInErrors = result.errors.contains { $0 > 0x20 }
        let bytes = isInErrors ? result.errors : result.output
        let omitted = isInErrors ? result.omittedErrors : result.omittedOutput
        guard omitted > 0 else { return Failure.lastLines(of: bytes) }
        let first = Failure.firstLines(of: bytes, count: 5)
        return first + [BoundedOutput.words(forOmitted: omitted)]
            + Failure.lastLines(of: bytes).suffix(Failure.outputLineLimit - first.count - 1)
    }
}

/// Runs programs on a machine.
///
/// A program gets a fixed environment (`PATH`, `HOME`, `LC_ALL=C.UTF-8`, `DEBIAN_FRONTEND=noninteractive` …) rather
/// than that of the login, an empty standard input unless it is given one, no terminal, and a process group, which is
/// terminated when the run is interrupted or the timeout has passed.
public protocol CommandRunner: Sendable {
    /// Runs a program, and returns its result whatever the exit status.
    /// - Throws: ``Failure`` if the program exists and cannot be started, `CancellationError` if the run was
    ///   interrupted.
    func run(_ command: Invocation) async throws -> CommandResult

    /// Runs a program, and passes the end of its standard output so far, at most 4 KiB, to `watching` every few
    /// seconds.
    func run(_ command: Invocation, watching: @escaping @Sendable ([UInt8]) -> Void) async throws -> CommandResult
}

extension CommandRunner {
    public func run(
        _ command: Invocation, watching: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> CommandResult {
        try await run(command)
    }
}

extension Machine {
    /// Shows the progress of the property that is being applied, in a few words: “waiting for db”.
    public func showProgress(_ words: String) { progress?(words) }

    /// Runs a program that takes long, and shows its progress.
    /// - Parameters:
    ///   - command: the program.
    ///   - progress: returns the progress in a few words, given the end of the output; nil if that says nothing.
    ///     Called every few seconds.
    public func run(
        _ command: Invocation, progress: @escaping @Sendable (String) -> String?
    ) async throws -> CommandResult {
        guard let report = self.progress else { return try await run(command) }
        try await willRun(command)
        let shown = Mutex("")
        return try await commands.run(command) { output in
            guard let words = progress(String(decoding: output, as: UTF8.self)) else { return }
            let isNew = shown.withLock { last in
                defer { last = words }
                return last != words
            }
            if isNew { report(words) }
        }
    }
}
