extension Failure {
    /// A failure of a program whose output was redirected.
    /// - Parameter command: the invocation without the redirection.
    init(_ message: String, of command: Invocation, _ result: CommandResult, advice: String) {
        let lines = CommandFailure(
            command: command, result: CommandResult(ending: result.ending, errors: result.errors)
        ).lastLines
        let isFull = lines.contains { $0.lowercased().firstRange(of: "no space left on device") != nil }
        self.init(
            isFull ? message + ": the disk is full" : message, command: command.description,
            ending: result.ending.description, output: lines,
            advice: isFull ? "Make room (see `df -h` and `df -i`), then run again. " + advice : advice)
    }
}

extension Error {
    /// Cleans up after this error, also if the run is interrupted.
    /// - Returns: this error; if the cleanup fails too, a ``Failure`` that tells of both.
    func after(_ cleanup: @escaping @Sendable () async throws -> Void) async -> any Error {
        do {
            try await evenIfInterrupted(cleanup)
            return self
        } catch let second {
            var failure = Failure(describing: self)
            failure.message += "; and then: \(Failure(describing: second).message)"
            failure.advice = Failure(describing: second).advice ?? failure.advice
            return failure
        }
    }
}

/// Does what must be done although the run has been interrupted: no later run could do it in time.
func evenIfInterrupted<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await Task.detached(operation: body).value
}
