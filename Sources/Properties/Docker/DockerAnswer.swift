extension Machine {
    /// The answer of the docker engine.
    /// - Throws: ``Undetermined`` if there is no engine yet, ``CommandFailure`` if it refuses.
    func answer(of question: Invocation) async throws -> String {
        let result = try await run(question)
        if result.succeeded { return result.text }
        throw DockerCommand.missingEngine(result) ?? CommandFailure(command: question, result: result)
    }

    /// The lines of docker's answer: names or IDs.
    /// - Throws: see ``answer(of:)``.
    func lines(of question: Invocation) async throws -> [String] {
        try await answer(of: question).nonEmptyLines.map(String.init)
    }

    /// The lines of docker's answer about several images or containers. Those that no longer exist are left out.
    /// - Throws: ``Undetermined`` if there is no engine yet, ``CommandFailure`` for any other error.
    func linesIgnoringMissing(of question: Invocation) async throws -> [String] {
        let result = try await run(question)
        if !result.succeeded {
            let errors = String(decoding: result.errors, as: UTF8.self).nonEmptyLines
            let areMissing = errors.allSatisfy { line in
                ["No such image", "No such container", "no such object"].contains { line.firstRange(of: $0) != nil }
            }
            guard areMissing, !errors.isEmpty else {
                throw DockerCommand.missingEngine(result) ?? CommandFailure(command: question, result: result)
            }
        }
        return result.text.nonEmptyLines.map(String.init)
    }

    /// The last lines that a container wrote; none if docker has no log of it.
    func lastLines(ofContainer container: String) async throws -> [String] {
        let result = try await run(DockerCommand.logs(container))
        // Docker passes the standard error of the container on as its own.
        let text = result.text + String(decoding: result.errors, as: UTF8.self)
        return text.nonEmptyLines.suffix(Failure.outputLineLimit).map(String.init)
    }
}

extension DockerCommand {
    /// The error of a command that failed only because there is no engine yet, which says what has to happen first;
    /// nil if it failed for another reason.
    static func missingEngine(_ result: CommandResult) -> (any Error)? {
        if result.ending == .notFound { return Undetermined(until: "docker is installed") }
        let errors = String(decoding: result.errors, as: UTF8.self)
        return errors.firstRange(of: "Cannot connect to the Docker daemon") == nil
            ? nil : Undetermined(until: "docker.service runs")
    }
}

/// Answers of docker about containers and volumes, in a format that Propel asked for.
enum DockerAnswer {
    /// The fields of each line of an answer whose format has tabs between them.
    /// - Throws: ``Failure`` if a line has another number of fields.
    static func rows(_ answer: String, columns: Int) throws -> [[String]] {
        try answer.nonEmptyLines.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == columns else { throw unexpected(line) }
            return fields
        }
    }

    /// - Throws: ``Failure`` if it is not JSON.
    static func json(_ text: String) throws -> JSON {
        guard let json = try? JSON(parsing: text) else { throw unexpected(text[...]) }
        return json
    }

    private static func unexpected(_ text: Substring) -> Failure {
        Failure("unexpected answer from docker: “\(String(text.prefix(200)).escaped)”")
    }
}
