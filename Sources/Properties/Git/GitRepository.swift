/// A directory in which git runs.
struct GitRepository {
    let path: FilePath
    let owner: String

    static let environment = ["GIT_TERMINAL_PROMPT": "0", "HOME": "/nonexistent"]

    /// The commit that is checked out, if there is one. Without a program, if it is in git's file itself.
    func head(on machine: Machine) async throws -> String? {
        if let bytes = try machine.files.readIfPresent(path.appending(".git/HEAD")) {
            let text = String(decoding: bytes, as: UTF8.self).trimmed
            if Self.isObjectName(text) { return text }
        }
        return try await value(["rev-parse", "--verify", "--quiet", "HEAD"], on: machine)
    }

    /// Whether a string is a full object name, of SHA-1 or SHA-256.
    static func isObjectName(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy(\.isLowercaseHexadecimalDigit)
    }

    /// The address of the remote, if there is one. Without a program, if git's file says it plainly.
    func origin(on machine: Machine) async throws -> String? {
        if let bytes = try machine.files.readIfPresent(path.appending(".git/config")),
            let url = Self.origin(in: String(decoding: bytes, as: UTF8.self))
        {
            return url
        }
        return try await value(["remote", "get-url", "origin"], on: machine)
    }

    /// The address of the remote in a configuration that git wrote; nil if something else could decide about it.
    static func origin(in text: String) -> String? {
        let lines = text.lines.map { String($0).trimmed }
        guard !lines.contains(where: { $0.lowercased().hasPrefix("[include") || $0.lowercased().hasPrefix("[url") }),
            lines.count(where: { $0 == "[remote \"origin\"]" }) == 1,
            let start = lines.firstIndex(of: "[remote \"origin\"]")
        else { return nil }
        let section = lines[(start + 1)...].prefix { !$0.hasPrefix("[") }
        let values = section.filter { $0.hasPrefix("url = ") }.map { String($0.dropFirst("url = ".count)) }
        guard let url = values.first, values.count == 1, !section.contains(where: { $0.hasPrefix("pushurl") }),
            !url.utf8.contains(where: { "\"\\#;".utf8.contains($0) })
        else { return nil }
        return url
    }

    @discardableResult
    func run(_ arguments: [String], on machine: Machine) async throws -> CommandResult {
        try await machine.succeed(invocation(arguments))
    }

    /// The output of git; nil if it fails since there is no such thing, and not by an error.
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
