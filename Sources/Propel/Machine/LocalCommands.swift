import CLinux
import Libc
import Subprocess
import SystemPackage

/// Runs programs on the machine that this program runs on.
public struct LocalCommands: CommandRunner {
    private let run: String?

    /// - Parameter run: the run that they belong to, by which what it leaves at work is found where it is killed; nil, the default, for
    ///   none.
    public init(run: String? = nil) { self.run = run }

    private static let environment = [
        "PATH": Invocation.searchPath,
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        // apt, debconf, needrestart, ucf: nobody is there to answer a dialogue.
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
        try await run(command, output: try MemoryFile())
    }

    public func run(
        _ command: Invocation, watching: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> CommandResult {
        let output = try MemoryFile()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.watchInterval)
                    watching(try output.contents(limit: 4096))
                }
            }
            // Waits for it too: nothing is shown when this has returned.
            defer { group.cancelAll() }
            return try await run(command, output: output)
        }
    }

    private static let watchInterval = Duration.seconds(2)

    private func run(_ command: Invocation, output: MemoryFile) async throws -> CommandResult {
        // What the system would cut off at its first NUL is no argument: `rm -r /srv/a\0b`.
        guard !([command.program] + command.arguments).contains(where: { $0.utf8.contains(0) }) else {
            throw Failure("\(command.program) cannot be given a NUL byte", command: command.description)
        }
        // Files in memory, not pipes: a daemon that the program leaves behind may hold them open for ever, and a program need
        // not read what it is given.
        let input = try MemoryFile(command.input), errors = try MemoryFile()
        let status = try await withTimeout(command.timeout) { try await start(command, input, output, errors) }
        let ending: CommandResult.Ending =
            switch status {
            case .some(.some(.exited(let status))): .exited(Int(status))
            case .some(.some(.signaled(let signal))): .signaled(Int(signal))
            case .some(.none): .notFound
            case .none: .timedOut(after: command.timeout)
            }
        return CommandResult(ending: ending, output: try output.contents(), errors: try errors.contents())
    }

    /// How the program ended; nil where there is no such program.
    /// - Throws: `CancellationError` where the task was cancelled, once the whole process group has ended.
    private func start(
        _ command: Invocation, _ input: MemoryFile, _ output: MemoryFile, _ errors: MemoryFile
    ) async throws -> TerminationStatus? {
        try Task.checkCancellation()
        var options = PlatformOptions()
        // A session of its own: no terminal to open, and one group that ends as a whole.
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.grace)]
        let mark = run.map { [LeftPrograms.variable: $0] } ?? [:]
        let variables = Self.environment.merging(command.environment) { $1 }.merging(mark) { $1 }
        do {
            let ended = try await Subprocess.run(
                command.program.hasPrefix("/") ? .path(FilePath(command.program)) : .name(command.program),
                arguments: Arguments(command.arguments),
                environment: .custom(
                    Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })),
                workingDirectory: "/",
                platformOptions: options,
                input: .fileDescriptor(input.descriptor, closeAfterSpawningProcess: false),
                output: .fileDescriptor(output.descriptor, closeAfterSpawningProcess: false),
                error: .fileDescriptor(errors.descriptor, closeAfterSpawningProcess: false)
            ) { $0.processIdentifier.value }
            guard !Task.isCancelled else {
                await endGroup(ledBy: ended.closureResult)
                throw CancellationError()
            }
            return ended.terminationStatus
        } catch let error as SubprocessError where error.code == .executableNotFound {
            if command.program.hasPrefix("/"), access(command.program, F_OK) == 0 {
                throw Failure(
                    "\(command.program) is there and cannot be executed", command: command.description,
                    advice: "Look at its mode, at the interpreter in its first line, and at the options of its mount.")
            }
            return nil
        }
    }

    /// How long a program may take to end after it was asked to.
    static let grace = Duration.seconds(5)

    /// Ends what is left of a process group: whoever outlives the leader has once more as long as the leader had.
    private func endGroup(ledBy leader: pid_t) async {
        // Detached: it is done because this task was cancelled.
        await Task.detached {
            let clock = ContinuousClock(), end = clock.now + Self.grace
            while kill(-leader, 0) == 0, clock.now < end { try? await Task.sleep(for: .milliseconds(20)) }
            // However late it is by then. And not waited for for ever: a zombie that its parent does not look after stays.
            kill(-leader, SIGKILL)
            while kill(-leader, 0) == 0, clock.now < end + .seconds(1) { try? await Task.sleep(for: .milliseconds(20)) }
        }.value
    }

    /// The result of `body`; nil where it took too long, in which case it was cancelled first.
    private func withTimeout<Result: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}

/// An unnamed file in memory, for what a program reads or writes.
private final class MemoryFile: Sendable {
    let descriptor: FileDescriptor

    init(_ bytes: [UInt8] = []) throws {
        let raw = memfd_create("propel", PROPEL_MFD_CLOEXEC)
        guard raw >= 0 else { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(rawValue: raw)
        try descriptor.writeAll(toAbsoluteOffset: 0, bytes)
    }

    deinit { try? descriptor.close() }

    /// The last of it.
    /// - Parameter limit: in bytes. More than 16 MiB nobody reads, and the end is what tells of a failure.
    func contents(limit: Int = 16 << 20) throws -> [UInt8] {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
        let size = min(Int(status.st_size), limit), start = Int64(status.st_size) - Int64(size)
        return try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            filled = try descriptor.read(fromAbsoluteOffset: start, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
