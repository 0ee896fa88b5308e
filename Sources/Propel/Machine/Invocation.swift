import PlainText
import Synchronization

/// A program to run, and how.
public struct Invocation: Sendable, Hashable {
    /// The program: a name that is looked for in ``searchPath``, or an absolute path.
    public var program: String
    /// What it is given. Anybody on the machine can read these while it runs: never a secret.
    public var arguments: [String]
    /// Variables beyond the fixed ones; see ``CommandRunner``.
    public var environment: [String: String]
    /// What it reads on standard input; nothing by default.
    public var input: [UInt8]
    /// How long it may take before its whole process group is ended. Ten minutes by default.
    public var timeout: Duration

    /// - Parameters:
    ///   - program: a name that is looked for in ``searchPath``, or an absolute path.
    ///   - environment: variables beyond the fixed ones; none by default.
    ///   - input: what it reads on standard input; nothing by default.
    ///   - timeout: how long it may take; ten minutes by default.
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

    /// The directories in which a program is looked for.
    public static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

extension Invocation: CustomStringConvertible {
    /// As one would type it into a shell.
    public var description: String { ([program] + arguments).map(ShellQuoting.quote).joined(separator: " ") }
}

/// What a program left when it ended.
public struct CommandResult: Sendable, Equatable {
    /// How it ended.
    public enum Ending: Sendable, Equatable, CustomStringConvertible {
        case exited(Int)
        case signaled(Int)
        case timedOut(after: Duration)
        /// There is no such program.
        case notFound

        public var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .signaled(let signal): "ended by signal \(signal)"
            case .timedOut(let limit): "ended because it took longer than \(limit.inWords)"
            case .notFound: "there is no such program"
            }
        }
    }

    public var ending: Ending
    /// What it wrote to standard output: the last 16 MiB.
    public var output: [UInt8]
    /// What it wrote to standard error: the last 16 MiB.
    public var errors: [UInt8]

    public init(ending: Ending, output: [UInt8] = [], errors: [UInt8] = []) {
        self.ending = ending
        self.output = output
        self.errors = errors
    }

    /// Whether it exited with 0.
    public var succeeded: Bool { ending == .exited(0) }
    /// What it wrote to standard output, as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
}

/// A program that did not end as it should.
public struct CommandFailure: Error, Equatable {
    public var command: Invocation
    public var result: CommandResult

    public init(command: Invocation, result: CommandResult) {
        self.command = command
        self.result = result
    }

    /// The last lines that it wrote, standard error first where there is any: that is where programs say why.
    public var lastLines: [String] {
        let bytes = result.errors.contains { $0 > 0x20 } ? result.errors : result.output
        return String(decoding: bytes.suffix(16 * 1024), as: UTF8.self)
            .split(whereSeparator: \.isNewline).suffix(Failure.outputLineLimit).map(String.init)
    }
}

/// What runs programs on a machine.
///
/// A program sees a fixed environment (`PATH`, `HOME`, `LC_ALL=C.UTF-8`, `DEBIAN_FRONTEND=noninteractive` …) and not that
/// of whoever connected, has nothing on standard input unless it is given something, no terminal to ask at, and a process
/// group of its own, which is ended when the run is interrupted or the time is over.
public protocol CommandRunner: Sendable {
    /// Runs a program and answers what it left, whatever its exit status.
    /// - Throws: ``Failure`` where it is there and cannot be started, `CancellationError` where the run was interrupted.
    func run(_ command: Invocation) async throws -> CommandResult

    /// Does the same, and shows from time to time the last of what the program has written to standard output by then, 4 KiB
    /// at the most.
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
    /// Tells the run how far what is being applied has come, in a few words: “waiting for db”.
    public func tell(_ words: String) { progress?(words) }

    /// Runs a program that takes long, and tells the run how far it is.
    /// - Parameter progress: what the last output says of that, in a few words; nil where it says nothing. Asked every few
    ///   seconds, and told where the words are other ones than before.
    public func run(
        _ command: Invocation, progress: @escaping @Sendable (String) -> String?
    ) async throws -> CommandResult {
        guard let report = self.progress else { return try await run(command) }
        let told = Mutex("")
        return try await commands.run(command) { output in
            guard let words = progress(String(decoding: output, as: UTF8.self)) else { return }
            let isNew = told.withLock { last in
                defer { last = words }
                return last != words
            }
            if isNew { report(words) }
        }
    }
}
