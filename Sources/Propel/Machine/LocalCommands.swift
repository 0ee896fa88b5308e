import CLinux
import Libc
import Subprocess
import Synchronization
import SystemPackage
import Vocabulary

/// Runs programs on the machine that this program runs on.
public struct LocalCommands: CommandRunner {
    private let run: String?
    private let timer: @Sendable (Duration) async throws -> Void

    /// - Parameter run: the ID of the run, by which its orphaned processes are found if it is killed; nil by
    ///   default.
    public init(run: String? = nil) { self.init(run: run) { try await TimeLimit.sleep(for: $0) } }

    /// - Parameter timer: returns when the timeout of a program has passed.
    init(run: String? = nil, timer: @escaping @Sendable (_ timeout: Duration) async throws -> Void) {
        self.run = run
        self.timer = timer
    }

    private static let started = Mutex(0)
    /// The number of programs that were started in this process.
    static var startedCount: Int { started.withLock { $0 } }

    private static let environment = [
        "PATH": Invocation.searchPath,
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        // apt, debconf, needrestart, ucf: no dialogues.
        "DEBIAN_FRONTEND": "noninteractive",
        "DEBCONF_NONINTERACTIVE_SEEN": "true",
        "NEEDRESTART_MODE": "l",
        "NEEDRESTART_SUSPEND": "1",
        "APT_LISTCHANGES_FRONTEND": "none",
        "UCF_FORCE_CONFFOLD": "1",
        "SYSTEMD_PAGER": "",
        "TERM": "dumb",
    ]

    public func run(_ command: Invocation) async throws -> CommandResult {
        try await run(command, collector: try OutputCollector())
    }

    public func run(
        _ command: Invocation, watching: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> CommandResult {
        let collector = try OutputCollector()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.watchInterval)
                    watching(collector.lastOutput(4096))
                }
            }
            // The group also waits for the watching task: nothing is shown after this has returned.
            defer { group.cancelAll() }
            return try await run(command, collector: collector)
        }
    }

    private static let watchInterval = Duration.seconds(2)

    private func run(_ command: Invocation, collector: OutputCollector) async throws -> CommandResult {
        let status: TerminationStatus??
        do {
            try refuseNUL(in: command)
            // A file in memory, not a pipe: a program need not read its input.
            let input = try MemoryFile(command.input)
            status = try await withTimeout(command.timeout) { try await start(command, input, collector) }
        } catch {
            _ = collector.finish()
            throw error
        }
        let ending: CommandResult.Ending =
            switch status {
            case .some(.some(.exited(let status))): .exited(Int(status))
            case .some(.some(.signaled(let signal))): .signaled(Int(signal))
            case .some(.none): .notFound
            case .none: .timedOut(after: command.timeout)
            }
        let (output, errors) = collector.finish()
        return CommandResult(
            ending: ending, output: output.contents, errors: errors.contents, omittedOutput: output.omitted,
            omittedErrors: errors.omitted)
    }

    /// The system would cut an argument off at its first NUL: `rm -r /srv/a\0b`.
    private func refuseNUL(in command: Invocation) throws {
        guard !([command.program] + command.arguments).contains(where: { $0.utf8.contains(0) }) else {
            throw Failure("an argument of \(command.program) contains NUL", command: command.description)
        }
    }

    /// Starts the program and waits for its end.
    /// - Returns: nil if there is no such program.
    /// - Throws: `CancellationError` if the task was cancelled, after the whole process group has ended.
    private func start(
        _ command: Invocation, _ input: MemoryFile, _ collector: OutputCollector
    ) async throws -> TerminationStatus? {
        try Task.checkCancellation()
        var options = PlatformOptions()
        // A new session: no terminal, and one process group that can be terminated as a whole.
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.grace)]
        let orphanVariable = run.map { [OrphanedProcesses.variable: $0] } ?? [:]
        let variables = Self.environment.merging(command.environment) { $1 }.merging(orphanVariable) { $1 }
        do {
            let words = Self.words(of: command)
            let environment = Environment.custom(
                Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) }))
            let named: Executable = words[0].hasPrefix("/") ? .path(FilePath(words[0])) : .name(words[0])
            // Subprocess would start a process for each directory of the search path until one has the program.
            let program = try await named.resolveExecutablePath(in: environment)
            let ended = try await Subprocess.run(
                .path(program),
                arguments: Arguments(Array(words.dropFirst())),
                environment: environment,
                workingDirectory: "/",
                platformOptions: options,
                input: .fileDescriptor(input.descriptor, closeAfterSpawningProcess: false),
                output: .fileDescriptor(collector.outputDescriptor, closeAfterSpawningProcess: false),
                error: .fileDescriptor(collector.errorsDescriptor, closeAfterSpawningProcess: false)
            ) { process in
                Self.started.withLock { $0 += 1 }
                collector.closeWriteEnds()
                return process.processIdentifier.value
            }
            guard !Task.isCancelled else {
                await endGroup(ledBy: ended.closureResult)
                throw CancellationError()
            }
            return ended.terminationStatus
        } catch let error as SubprocessError where error.code == .executableNotFound {
            if command.program.hasPrefix("/"), access(command.program, F_OK) == 0 {
                throw Failure(
                    "\(command.program) exists and cannot be executed", command: command.description,
                    advice: "Look at its mode, at the interpreter in its first line, and at the options of its mount.")
            }
            return nil
        }
    }

    /// The program that is started, and its arguments. Subprocess sets no descriptors beyond the standard ones.
    private static func words(of command: Invocation) -> [String] {
        let words = [command.program] + command.arguments
        return command.hasStatusDescriptor ? ["/bin/sh", "-c", #"exec "$@" 3>&1"#, "sh"] + words : words
    }

    /// How long a program may take to exit after SIGTERM.
    static let grace = Duration.seconds(5)

    /// Terminates what is left of a process group. Processes that outlive the leader get the same time as the leader
    /// had.
    private func endGroup(ledBy leader: pid_t) async {
        // Detached, since the current task is cancelled.
        await Task.detached {
            func waitForEnd(_ time: Duration) async {
                var limit = TimeLimit(time)
                while kill(-leader, 0) == 0, !limit.hasPassed() { try? await Task.sleep(for: .milliseconds(20)) }
            }
            await waitForEnd(Self.grace)
            kill(-leader, SIGKILL)
            // Limited: a zombie whose parent does not reap it stays.
            await waitForEnd(.seconds(1))
        }.value
    }

    /// Returns the result of `body`; nil if it was cancelled after the timeout.
    private func withTimeout<Result: Sendable>(
        _ timeout: Duration, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask { [timer] in
                try await timer(timeout)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}

/// An unnamed file in memory, for the input of a program.
private final class MemoryFile: Sendable {
    let descriptor: FileDescriptor

    init(_ bytes: [UInt8] = []) throws {
        let raw = memfd_create("propel", PROPEL_MFD_CLOEXEC)
        guard raw >= 0 else { throw Self.failure(Errno(rawValue: errno)) }
        descriptor = FileDescriptor(rawValue: raw)
        do { try descriptor.writeAll(toAbsoluteOffset: 0, bytes) } catch let error as Errno {
            throw Self.failure(error)
        }
    }

    deinit { try? descriptor.close() }

    private static func failure(_ cause: Errno) -> Failure {
        Failure(
            "no file in memory for the input and output of a program: \(cause)",
            advice: "Look at the memory and the open files of the machine (`free`, `ulimit -n`), then run again.")
    }
}
