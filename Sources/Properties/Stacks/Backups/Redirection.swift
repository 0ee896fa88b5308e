extension Invocation {
    /// The same with its output in a new file that root alone can read, and not in the memory of this program.
    func writing(to file: FilePath) -> Invocation {
        redirected(#"umask 077; file=$1; shift; exec "$@" > "$file""#, file)
    }

    /// The same with a file as its input.
    func reading(_ file: FilePath) -> Invocation { redirected(#"file=$1; shift; exec "$@" < "$file""#, file) }

    private func redirected(_ line: String, _ file: FilePath) -> Invocation {
        Invocation(
            "/bin/sh", ["-c", line, "sh", file.string, program] + arguments, environment: environment, timeout: timeout)
    }
}

extension Failure {
    /// - Parameter command: as it is told, without what redirects it.
    init(_ message: String, of command: Invocation, _ result: CommandResult, advice: String) {
        let lines = CommandFailure(
            command: command, result: CommandResult(ending: result.ending, errors: result.errors)
        ).lastLines
        let isFull = lines.contains { $0.lowercased().firstRange(of: "no space left on device") != nil }
        self.init(
            isFull ? message + ": the disk is full" : message, command: command.description,
            ending: result.ending.description, output: lines,
            advice: isFull ? "Make room (see `df -h`), then run again. " + advice : advice)
    }
}

/// Does what must be done although the run has been interrupted: there is no next run that could do it in time.
func evenIfInterrupted<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await Task.detached(operation: body).value
}
