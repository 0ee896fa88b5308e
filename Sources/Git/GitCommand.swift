import Foundation
import Subprocess
import SystemPackage

/// Runs the `git` program.
///
/// It gets the environment of this process, so that the user's keys, agents and configuration work as on the command
/// line, without the variables that point git to another directory, translate its messages, or let it wait for an
/// answer.
struct GitCommand: Sendable {
    var directory: String
    /// Variables that are set in addition to the environment of this process.
    var environment: [String: String]

    struct Output: Sendable {
        /// The exit status, or 128 plus the signal that ended git, as in a shell.
        var status: Int32
        var stdout: [UInt8]
        var stderr: String

        var text: String { String(decoding: stdout, as: UTF8.self) }

        /// The text without the newline at its end.
        var line: String {
            stdout.last == UInt8(ascii: "\n") ? String(decoding: stdout.dropLast(), as: UTF8.self) : text
        }
    }

    /// Runs `git arguments…` and returns its output, whatever its exit status is.
    ///
    /// - Parameters:
    ///   - input: Git's standard input; empty by default.
    ///   - remote: How to run it if it talks to another computer.
    /// - Throws: ``GitError`` if git could not be started or took too long.
    func run(_ arguments: [String], input: [UInt8]? = nil, remote: RemoteAccess? = nil) async throws -> Output {
        let stderr = try UnnamedFile()
        defer { stderr.close() }
        guard let remote else { return try await execute(arguments, input: input, stderr: stderr) }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
        return try await withThrowingTaskGroup(of: Output?.self) { [options] group in
            group.addTask { try await execute(arguments, input: input, stderr: stderr, options: options) }
            group.addTask {
                try await remote.watch(stderr)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let output = first else {
                throw GitError.timedOut(command: ["git"] + arguments, after: remote.timeout ?? .zero)
            }
            return output
        }
    }

    /// Runs git and requires that it succeeds.
    ///
    /// - Throws: ``GitError`` with git's message if its exit status is not 0.
    func output(of arguments: [String], input: [UInt8]? = nil) async throws -> Output {
        let output = try await run(arguments, input: input)
        guard output.status == 0 else { throw GitError(running: arguments, output, in: directory) }
        return output
    }

    private func execute(
        _ arguments: [String], input: [UInt8]?, stderr: UnnamedFile, options: PlatformOptions = PlatformOptions()
    ) async throws -> Output {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw GitError.noSuchDirectory(directory)
        }
        let environment = gitEnvironment()
        // Files, not pipes. A process that a hook leaves in the background holds its outputs open, so a pipe would
        // reach its end only with that process. And git may exit before it has read its input: writing to a pipe would
        // then end this process with SIGPIPE.
        let stdin = try UnnamedFile(holding: input ?? [])
        defer { stdin.close() }
        let stdout = try UnnamedFile()
        defer { stdout.close() }
        do {
            // Subprocess would start a process for each directory of PATH until one has git.
            let program = try await Executable.name("git").resolveExecutablePath(in: environment)
            let configuration = Configuration(
                executable: .path(program), arguments: Arguments(arguments), environment: environment,
                workingDirectory: FilePath(directory), platformOptions: options)
            let result = try await Subprocess.run(
                configuration,
                input: .fileDescriptor(stdin.descriptor, closeAfterSpawningProcess: false),
                output: .fileDescriptor(stdout.descriptor, closeAfterSpawningProcess: false),
                error: .fileDescriptor(stderr.descriptor, closeAfterSpawningProcess: false))
            let status: Int32 =
                switch result.terminationStatus {
                case .exited(let code): code
                case .signaled(let signal): 128 + signal
                }
            return Output(
                status: status, stdout: try stdout.contents(),
                stderr: String(decoding: try stderr.contents(), as: UTF8.self))
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw GitError.notInstalled
        }
    }

    private func gitEnvironment() -> Environment {
        // A git hook sets these (`git rev-parse --local-env-vars`): only the directory decides about the repository.
        var changes: [Environment.Key: String?] = [
            "GIT_DIR": nil, "GIT_WORK_TREE": nil, "GIT_COMMON_DIR": nil, "GIT_INDEX_FILE": nil, "GIT_PREFIX": nil,
            "GIT_OBJECT_DIRECTORY": nil, "GIT_ALTERNATE_OBJECT_DIRECTORIES": nil, "GIT_NAMESPACE": nil,
            "GIT_NOTES_REF": nil, "GIT_QUARANTINE_PATH": nil, "GIT_GLOB_PATHSPECS": nil, "GIT_NOGLOB_PATHSPECS": nil,
            "GIT_ICASE_PATHSPECS": nil, "GIT_SHALLOW_FILE": nil, "GIT_REPLACE_REF_BASE": nil,
            // This code reads the messages.
            "LC_ALL": "C", "LANGUAGE": nil,
            // A `*` or a leading `:` in a path is part of its name.
            "GIT_LITERAL_PATHSPECS": "1",
            // Never wait for an answer. An empty askpass program is not started.
            "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never", "GIT_PAGER": "cat",
            "GIT_EDITOR": "true",
        ]
        for (key, value) in environment {
            if let key = Environment.Key(rawValue: key) { changes[key] = value }
        }
        return .inherit.updating(changes)
    }
}
