extension Command {
    /// How a command runs.
    public struct Options: Sendable, Hashable {
        public var user: String
        public var directory: FilePath?
        public var environment: [String: String]
        public var input: Content
        public var exitStatuses: Set<Int>
        public var timeout: Duration

        /// - Parameters:
        ///   - user: the name of the user that it runs as; root by default. Another user gets HOME, USER, LOGNAME and
        ///     XDG_RUNTIME_DIR as a login would, and the groups of the user.
        ///   - directory: the working directory; `/` by default.
        ///   - environment: variables; none by default. Others cannot read them, but they are in the description of
        ///     the host: secrets belong in `input`.
        ///   - input: the standard input, with secrets in it; empty by default.
        ///   - exitStatuses: those that count as success; 0 by default.
        ///   - timeout: the time after which it is terminated with all processes that it started; ten minutes by
        ///     default.
        public init(
            user: String = "root", directory: FilePath? = nil, environment: [String: String] = [:],
            input: Content = "", exitStatuses: Set<Int> = [0], timeout: Duration = .minutes(10)
        ) {
            self.user = user
            self.directory = directory
            self.environment = environment
            self.input = input
            self.exitStatuses = exitStatuses
            self.timeout = timeout
        }
    }
}

extension Command.Options {
    /// Runs a line that changes something.
    /// - Throws: ``CommandFailure`` for another exit status, ``Failure`` without the output if a secret was passed.
    @discardableResult
    func run(_ line: String, on machine: Machine) async throws -> CommandResult {
        let command = try await invocation(of: line, on: machine)
        let result = try await input.withBytes(on: machine) { bytes in
            var command = command
            command.input = bytes
            return try await machine.run(command)
        }
        if case .exited(let status) = result.ending, exitStatuses.contains(status) { return result }
        guard input.secrets.isEmpty else {
            throw Failure(
                "the command failed; its output is not shown, since it was given secrets",
                command: command.description, ending: result.ending.description,
                advice: "Run it on the machine by hand.")
        }
        throw CommandFailure(command: command, result: result)
    }

    /// Identifies what runs with these options, without the plaintexts of the input.
    func identity(of line: String) -> String {
        let variables = environment.keys.sorted().map { "\($0)=\(environment[$0] ?? "")" }
        let parts = [line, user, directory?.string ?? "/", input.form] + variables
        return SHA256.hash(parts: parts)
    }

    /// As who and where it runs, if that is unusual.
    var words: String {
        (user == "root" ? "" : " as \(user)") + (directory.map { " in \($0)" } ?? "")
    }

    /// Runs a line that only reads.
    func look(_ line: String, on machine: Machine) async throws -> CommandResult {
        let command = try await invocation(of: line, on: machine)
        let result = try await machine.run(command)
        if case .timedOut = result.ending { throw CommandFailure(command: command, result: result) }
        return result
    }

    /// - Throws: ``Undetermined`` if the user or the directory does not exist yet.
    private func invocation(of line: String, on machine: Machine) async throws -> Invocation {
        var words = ["bash", "-o", "pipefail", "-ec", line]
        if let directory {
            guard try machine.files.status(of: directory) != nil else {
                throw Undetermined(until: "something before it makes the directory \(directory)")
            }
            words = ["env", "--chdir=\(directory)", "--"] + words
        }
        let command = Invocation(words[0], Array(words.dropFirst()), environment: environment, timeout: timeout)
        guard user != "root" else { return command }
        guard let account = try await machine.user(user) else {
            throw Undetermined(until: "the user \(user) exists")
        }
        return command.asUser(account)
    }

    func validate(_ line: String) throws {
        guard !line.trimmed.isEmpty, !line.utf8.contains(0) else {
            throw Failure("a command is empty or has a NUL in it", advice: "Write a line for bash.")
        }
        if user != "root" { try AccountName.validate(user, of: "user") }
        if let directory {
            guard directory.isAbsolute else {
                throw Failure(
                    "“\(directory.string.escaped)” is not an absolute path", advice: "Write it from the root on.")
            }
        }
        for name in environment.keys.sorted() {
            guard let first = name.utf8.first, !first.isASCIIDigit,
                name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") })
            else {
                throw Failure(
                    "invalid name of a variable “\(name.escaped)”",
                    advice: "Use letters, digits and “_”, and begin with no digit.")
            }
        }
        guard !exitStatuses.isEmpty, timeout > .zero else {
            throw Failure(
                "“\(line.escaped)” can never succeed", advice: "Name an exit status, and a timeout above zero.")
        }
    }
}
