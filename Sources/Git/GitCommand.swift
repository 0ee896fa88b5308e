import Foundation
import Subprocess
import SystemPackage

/// Runs the `git` program.
///
/// The environment is kept, so that a user's keys, agents and configuration work as on the command line, but for what would
/// point git elsewhere than to the directory, translate its messages, or let it wait for an answer.
struct GitCommand: Sendable {
    var directory: String
    /// Laid over the environment of this process.
    var environment: [String: String]

    struct Output: Sendable {
        /// The exit status, or 128 and the signal that ended git, as in a shell.
        var status: Int32
        var stdout: [UInt8]
        var stderr: String

        var text: String { String(decoding: stdout, as: UTF8.self) }

        /// The text without the end of its last line.
        var line: String { text.hasSuffix("\n") ? String(text.dropLast()) : text }
    }

    /// Runs `git arguments…` and gives back what came of it, whatever its status.
    ///
    /// - Parameters:
    ///   - input: What git reads on its standard input; nil: nothing.
    ///   - timeLimit: How long git may take. It is then in a session of its own, so that neither ssh nor gpg finds a
    ///     terminal to ask on, and is ended with all its children when the time is over. nil: as long as it wants.
    /// - Throws: ``GitError`` where git could not be started, or took longer.
    func run(_ arguments: [String], input: [UInt8]? = nil, timeLimit: Duration? = nil) async throws -> Output {
        guard let timeLimit else { return try await runToTheEnd(arguments, input: input, options: PlatformOptions()) }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
        return try await withThrowingTaskGroup(of: Output?.self) { [options] group in
            group.addTask { try await runToTheEnd(arguments, input: input, options: options) }
            group.addTask {
                try await Task.sleep(for: timeLimit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let output = first else {
                throw GitError.tookTooLong(command: ["git"] + arguments, limit: timeLimit)
            }
            return output
        }
    }

    /// Runs git and demands that it succeeds.
    ///
    /// - Throws: ``GitError`` with git's words where its status is not 0.
    func output(of arguments: [String], input: [UInt8]? = nil) async throws -> Output {
        let output = try await run(arguments, input: input)
        guard output.status == 0 else { throw GitError(running: arguments, output, in: directory) }
        return output
    }

    private func runToTheEnd(_ arguments: [String], input: [UInt8]?, options: PlatformOptions) async throws -> Output {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw GitError.noSuchDirectory(directory)
        }
        let configuration = Configuration(
            executable: .name("git"), arguments: Arguments(arguments), environment: gitEnvironment(),
            workingDirectory: FilePath(directory), platformOptions: options)
        // Files, not pipes. What a hook leaves running in the background holds its outputs open, and the end of a pipe would
        // have to be waited for as long; and git may end before it has read its input, where a write to a pipe would end this
        // process with SIGPIPE.
        let stdin = try UnnamedFile(holding: input ?? [])
        defer { stdin.close() }
        let stdout = try UnnamedFile()
        defer { stdout.close() }
        let stderr = try UnnamedFile()
        defer { stderr.close() }
        do {
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
        // What `git rev-parse --local-env-vars` lists and a git hook sets: the directory alone says which repository.
        var changes: [Environment.Key: String?] = [
            "GIT_DIR": nil, "GIT_WORK_TREE": nil, "GIT_COMMON_DIR": nil, "GIT_INDEX_FILE": nil, "GIT_PREFIX": nil,
            "GIT_OBJECT_DIRECTORY": nil, "GIT_ALTERNATE_OBJECT_DIRECTORIES": nil, "GIT_NAMESPACE": nil,
            "GIT_NOTES_REF": nil, "GIT_QUARANTINE_PATH": nil, "GIT_GLOB_PATHSPECS": nil, "GIT_NOGLOB_PATHSPECS": nil,
            "GIT_ICASE_PATHSPECS": nil, "GIT_SHALLOW_FILE": nil, "GIT_REPLACE_REF_BASE": nil,
            // Messages that this code understands.
            "LC_ALL": "C", "LANGUAGE": nil,
            // A `*` or a leading `:` in a path is part of its name.
            "GIT_LITERAL_PATHSPECS": "1",
            // Never wait for an answer. An askpass program that is set and empty is none.
            "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never", "GIT_PAGER": "cat",
            "GIT_EDITOR": "true",
        ]
        for (key, value) in environment {
            if let key = Environment.Key(rawValue: key) { changes[key] = value }
        }
        return .inherit.updating(changes)
    }
}
