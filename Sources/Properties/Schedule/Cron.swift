/// A job of cron, in a file of `/etc/cron.d` (crontab(5)).
///
///     Cron("backup", "30 3 * * *", "/usr/local/bin/backup", user: "app", environment: ["MAILTO": "anna@example.com"])
///     Cron("warm-up", "@reboot", "/usr/local/bin/warm-up")
///
/// cron has to be installed, as it is on Debian by default. A `%` in the command is escaped, since cron would take it
/// for a newline. For new jobs a ``Timer`` is the better choice: its runs are logged, and catch up after a power cut.
/// ``Cron/Absent`` removes a job.
public struct Cron: FileBacked {
    public typealias Target = DebianLike

    public let job: String
    public let schedule: String
    public let command: String
    public let user: String
    public let environment: [String: String]

    /// - Parameters:
    ///   - job: the name of the file: letters, digits, `-` and `_`, since cron ignores other files.
    ///   - schedule: five fields, or `@reboot`, `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
    ///   - command: one line for `/bin/sh`.
    ///   - user: the name of the user that it runs as; root by default.
    ///   - environment: variables, such as MAILTO and PATH. Without a PATH cron's has `/usr/bin` and `/bin` alone, so
    ///     by default it is that of a login of root.
    public init(
        _ job: String, _ schedule: String, _ command: String, user: String = "root", environment: [String: String] = [:]
    ) {
        self.job = job
        self.schedule = schedule
        self.command = command
        self.user = user
        self.environment = environment
    }

    public var name: String { "cron job \(job)" }

    public var file: File {
        let variables = ["PATH": Invocation.searchPath].merging(environment) { $1 }
        let lines = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }
        let escaped = Escaping.backslash(before: "%").escape(command)
        return File(Self.path(of: job), lines.joined() + "\(schedule) \(user) \(escaped)\n")
    }

    static func path(of job: String) -> FilePath {
        FilePath("/etc/cron.d").appending(escaping: job)
    }

    /// - Throws: ``Failure`` if cron would ignore a file of the name.
    static func validate(_ job: String) throws {
        guard !job.isEmpty, job.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }) else {
            throw Failure(
                "invalid name of a cron job “\(job.escaped)”",
                advice: "Use letters, digits, “-” and “_”: cron ignores other files.")
        }
    }

    public func validate() throws {
        try Self.validate(job)
        try AccountName.validate(user, of: "user")
        let texts = [schedule, command] + environment.keys + environment.values
        guard !texts.contains(where: { $0.utf8.contains { $0 < 0x20 } }), !command.trimmed.isEmpty else {
            throw Failure(
                "the cron job \(job) has no command, or a control character in it", advice: "A job is one line.")
        }
        let words = ["@reboot", "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"]
        let fields = schedule.split(separator: " ")
        guard words.contains(schedule) || fields.count == 5 && fields.allSatisfy(Self.isField) else {
            throw Failure(
                "invalid schedule “\(schedule.escaped)” of the cron job \(job)",
                advice: "Write minute, hour, day, month and weekday, such as “30 3 * * *”, or one of "
                    + "\(words.joined(separator: ", ")).")
        }
    }

    private static func isField(_ field: Substring) -> Bool {
        field.utf8.allSatisfy { $0.isASCIILetterOrDigit || "*,-/".utf8.contains($0) }
    }
}

extension Cron {
    /// No job of that name in `/etc/cron.d`, also one that Propel has not put there. A revert restores it.
    ///
    ///     Cron.Absent("old-backup")
    ///
    /// Jobs in the crontab of a user stay: `crontab -l` shows them.
    public struct Absent: Revertible {
        public typealias Target = DebianLike

        public let job: String

        /// - Parameter job: the name of the file.
        public init(_ job: String) { self.job = job }

        private var file: File.Absent { File.Absent(Cron.path(of: job)) }

        public var name: String { "no cron job \(job)" }
        public var claims: [Claim] { file.claims }
        public var problems: [String] { problems { try Cron.validate(job) } }

        public func check(on machine: Machine) async throws -> Check {
            try Cron.validate(job)
            return try await file.check(on: machine)
        }

        public func apply(on machine: Machine) async throws {
            try Cron.validate(job)
            try await file.apply(on: machine)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try await file.checkReverted(on: machine)
        }

        public func revert(on machine: Machine) async throws { try await file.revert(on: machine) }
    }
}
