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
        let limit = 64 << 20
        do {
            if let input {
                // A file, not a pipe: git may end before it has read everything, and a write to it would end this
                // process with SIGPIPE.
                let file = try Self.unnamedFile(holding: input)
                let result = try await Subprocess.run(
                    configuration, input: .fileDescriptor(file, closeAfterSpawningProcess: true),
                    output: .bytes(limit: limit), error: .string(limit: limit))
                return Output(result.terminationStatus, result.standardOutput, result.standardError)
            }
            let result = try await Subprocess.run(
                configuration, input: .none, output: .bytes(limit: limit), error: .string(limit: limit))
            return Output(result.terminationStatus, result.standardOutput, result.standardError)
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

    /// An open file without a name, to read from its start.
    private static func unnamedFile(holding bytes: [UInt8]) throws -> FileDescriptor {
        let path = FilePath(FileManager.default.temporaryDirectory.appending(path: "propel-\(UUID().uuidString)").path)
        let file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec], permissions: .ownerReadWrite)
        do {
            try FileManager.default.removeItem(atPath: path.string)
            try file.writeAll(bytes)
            try file.seek(offset: 0, from: .start)
        } catch {
            try? file.close()
            throw error
        }
        return file
    }
}

extension GitCommand.Output {
    fileprivate init(_ status: TerminationStatus, _ stdout: [UInt8], _ stderr: String) {
        switch status {
        case .exited(let code): self.status = code
        case .signaled(let signal): self.status = 128 + signal
        }
        self.stdout = stdout
        self.stderr = stderr
    }
}
