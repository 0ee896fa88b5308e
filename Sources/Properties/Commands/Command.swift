/// A command whose effect another command, or a file, shows: for what no property describes.
///
///     Command("occ maintenance:install", unless: "occ status | grep -q 'installed: true'", user: "www-data")
///     Command("make install", creates: "/usr/local/bin/tool-1.4", directory: "/usr/src/tool-1.4")
///     Command("a2dismod status", removes: "/etc/apache2/mods-enabled/status.load")
///     Command("ceph config set mgr mgr/prometheus/server_port 9283", .once)
///
/// The check decides, as for every property: if it still fails after the command, the property has failed, whatever
/// the exit status was. A plan runs the check, so the check must only read. Both are lines for bash with `-e` and
/// `pipefail`. What is done only after a change of something else is an action: ``Command/Run``.
///
/// It has no opposite of its kind: declare the command that takes it back, with the opposite check.
public struct Command: Property {
    public typealias Target = UnixLike

    public let line: String
    public let label: String?
    public let condition: Condition
    public let options: Options

    /// The state that the command brings about.
    public enum Condition: Sendable, Hashable {
        /// The line exits with 0.
        case unless(String)
        /// The line exits with 0 and prints this text.
        case unlessPrinted(String, by: String)
        /// Something exists at the path. With a version in it, another version is another command.
        case creates(FilePath)
        /// Nothing exists at the path.
        case removes(FilePath)
        /// The command has succeeded on this machine before, as it is declared now: with another line, user, directory,
        /// variable or input it runs again. For what nothing else shows. That somebody has undone its effect since is
        /// not seen, and neither is another value of a secret in its input; so a check is better where there is one.
        case once
    }

    /// - Parameters:
    ///   - line: the command, for bash.
    ///   - label: its name in reports and for `--only`; the line by default.
    ///   - check: a command that exits with 0 if there is nothing to do.
    ///   - user: see ``Options/init(user:directory:environment:input:exitStatuses:timeout:)``, like those that follow.
    ///   - directory: the working directory.
    ///   - environment: variables.
    ///   - input: the standard input.
    ///   - exitStatuses: those that count as success.
    ///   - timeout: the time after which it is terminated.
    public init(
        _ line: String, as label: String? = nil, unless check: String, user: String = "root",
        directory: FilePath? = nil, environment: [String: String] = [:], input: Content = "",
        exitStatuses: Set<Int> = [0], timeout: Duration = .minutes(10)
    ) {
        self.init(
            line, as: label, .unless(check),
            Options(
                user: user, directory: directory, environment: environment, input: input, exitStatuses: exitStatuses,
                timeout: timeout))
    }

    /// - Parameters:
    ///   - line: the command, for bash.
    ///   - label: its name in reports and for `--only`; the line by default.
    ///   - path: the path that exists afterwards.
    ///   - user: see ``Options/init(user:directory:environment:input:exitStatuses:timeout:)``, like those that follow.
    ///   - directory: the working directory.
    ///   - environment: variables.
    ///   - input: the standard input.
    ///   - exitStatuses: those that count as success.
    ///   - timeout: the time after which it is terminated.
    public init(
        _ line: String, as label: String? = nil, creates path: FilePath, user: String = "root",
        directory: FilePath? = nil, environment: [String: String] = [:], input: Content = "",
        exitStatuses: Set<Int> = [0], timeout: Duration = .minutes(10)
    ) {
        self.init(
            line, as: label, .creates(path),
            Options(
                user: user, directory: directory, environment: environment, input: input, exitStatuses: exitStatuses,
                timeout: timeout))
    }

    /// - Parameters:
    ///   - line: the command, for bash.
    ///   - label: its name in reports and for `--only`; the line by default.
    ///   - path: the path that is gone afterwards.
    ///   - user: see ``Options/init(user:directory:environment:input:exitStatuses:timeout:)``, like those that follow.
    ///   - directory: the working directory.
    ///   - environment: variables.
    ///   - input: the standard input.
    ///   - exitStatuses: those that count as success.
    ///   - timeout: the time after which it is terminated.
    public init(
        _ line: String, as label: String? = nil, removes path: FilePath, user: String = "root",
        directory: FilePath? = nil, environment: [String: String] = [:], input: Content = "",
        exitStatuses: Set<Int> = [0], timeout: Duration = .minutes(10)
    ) {
        self.init(
            line, as: label, .removes(path),
            Options(
                user: user, directory: directory, environment: environment, input: input, exitStatuses: exitStatuses,
                timeout: timeout))
    }

    /// - Parameters:
    ///   - line: the command, for bash.
    ///   - label: its name in reports and for `--only`; the line by default.
    ///   - condition: the state that it brings about.
    ///   - options: how it runs; as root in `/` by default.
    public init(_ line: String, as label: String? = nil, _ condition: Condition, _ options: Options = Options()) {
        self.line = line
        self.label = label
        self.condition = condition
        self.options = options
    }

    public var name: String { label ?? "command “\(line.onOneLine)”\(options.words)" }
    public var secrets: [Secret] { options.input.secrets }
    public var problems: [String] { problems(in: validate) }

    public var claims: [Claim] {
        switch condition {
        case .creates(let path): [Claim("what makes \(path)", is: line)]
        case .removes(let path): [Claim("what removes \(path)", is: line)]
        // The name alone may be shortened, and be that of another command.
        case .unless(let check), .unlessPrinted(_, by: let check):
            [Claim("the command “\(line)”\(options.words) until “\(check)”", is: "done")]
        // Several may have one line, and different input.
        case .once: [Claim("the command “\(line)”\(options.words) with \(identity)", is: "done once")]
        }
    }

    /// - Throws: ``Undetermined`` if the user or the directory does not exist yet.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard try await !isSatisfied(on: machine) else { return .satisfied }
        return .unmet("run \(line.onOneLine)\(condition == .once ? ", once" : "")", secrets: secrets)
    }

    public func apply(on machine: Machine) async throws {
        try await options.run(line, on: machine)
        // A run that is killed in between runs it again.
        if condition == .once { try machine.files.replacePrivate(record, with: Array("\(line.onOneLine)\n".utf8)) }
    }

    private var identity: String { options.identity(of: line) }

    private var record: FilePath {
        Machine.state.appending("commands").appending(escaping: identity)
    }

    private func isSatisfied(on machine: Machine) async throws -> Bool {
        switch condition {
        case .creates(let path): return try machine.files.status(of: path) != nil
        case .removes(let path): return try machine.files.status(of: path) == nil
        case .once: return try machine.files.status(of: record) != nil
        case .unless(let check): return try await options.look(check, on: machine).succeeded
        case .unlessPrinted(let text, let check):
            let result = try await options.look(check, on: machine)
            return result.succeeded && result.text.contains(text)
        }
    }

    private func validate() throws {
        try options.validate(line)
        switch condition {
        case .once: break
        case .creates(let path), .removes(let path): try validateAbsolute(path)
        case .unless(let check), .unlessPrinted(_, by: let check):
            guard !check.trimmed.isEmpty, !check.utf8.contains(0) else {
                throw Failure(
                    "“\(line.onOneLine)” has no check", advice: "Give a command that exits with 0 when it is done.")
            }
        }
    }
}

extension Command {
    /// Runs a command after a change, or at intervals.
    ///
    ///     File("/etc/aliases", "root: anna\n").onChange(Command.Run("newaliases"))
    public struct Run: Action {
        public typealias Target = UnixLike

        public let line: String
        public let label: String?
        public let options: Options

        /// - Parameters:
        ///   - line: the command, for bash.
        ///   - label: its name in reports; the line by default.
        ///   - options: how it runs; as root in `/` by default.
        public init(_ line: String, as label: String? = nil, _ options: Options = Options()) {
            self.line = line
            self.label = label
            self.options = options
        }

        public var name: String { label ?? "run “\(line.onOneLine)”\(options.words)" }
        public var secrets: [Secret] { options.input.secrets }

        public func perform(on machine: Machine) async throws {
            try options.validate(line)
            try await options.run(line, on: machine)
        }
    }
}

extension String {
    /// The text for a report: without newlines, and shortened.
    fileprivate var onOneLine: String {
        let words = trimmed.lines.map { String($0).trimmed }.joined(separator: " ⏎ ").escaped
        // Two lines that begin alike are two commands: their names must not be one.
        return words.count > 80 ? "\(words.prefix(72))… \(SHA256.hash(Array(utf8)).prefix(6))" : words
    }
}
