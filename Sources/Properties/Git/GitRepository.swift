/// A directory in which git runs.
struct GitRepository {
    let path: FilePath
    let owner: String

    static let environment = ["GIT_TERMINAL_PROMPT": "0", "HOME": "/nonexistent"]

    @discardableResult
    func run(_ arguments: [String], on machine: Machine) async throws -> CommandResult {
        try await machine.succeed(invocation(arguments))
    }

    /// What git prints; nil if it fails without an error of its own, since there is no such thing.
    func value(_ arguments: [String], on machine: Machine) async throws -> String? {
        let command = invocation(arguments), result = try await machine.run(command)
        // 128 is git's own: a damaged repository, or one that belongs to somebody else. 2 is a missing remote.
        guard [.exited(0), .exited(1), .exited(2)].contains(result.ending) else {
            throw CommandFailure(command: command, result: result)
        }
        return result.succeeded ? result.text.trimmed : nil
    }

    /// As the owner: git refuses a directory of somebody else, and files that it makes belong to who runs it.
    private func invocation(_ arguments: [String]) -> Invocation {
        let words = ["git", "-C", path.string] + arguments
        return owner == "root"
            ? Invocation(words[0], Array(words.dropFirst()), environment: Self.environment, timeout: .minutes(30))
            : Invocation(
                "runuser", ["--user", owner, "--"] + words, environment: Self.environment, timeout: .minutes(30))
    }
}
