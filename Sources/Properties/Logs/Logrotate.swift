/// The rotation of log files (logrotate(8)), in a file of `/etc/logrotate.d`.
///
///     Logrotate("app", "/var/log/app/*.log", every: .day, keep: 14, create: "0640 app adm",
///         after: "systemctl kill --signal=HUP app.service")
///
/// Rotated files are compressed, except for the last one. Missing and empty files are passed over. logrotate must
/// accept the file before it is put in place.
public struct Logrotate: FileBacked {
    public typealias Target = DebianLike

    /// How often files are rotated.
    public enum Interval: String, Sendable {
        case hour = "hourly"
        case day = "daily"
        case week = "weekly"
        case month = "monthly"
        case year = "yearly"
    }

    public let id: String
    public let paths: [String]
    public let interval: Interval
    public let count: Int
    public let maximumSize: ByteSize?
    public let compresses: Bool
    public let copiesAndTruncates: Bool
    public let create: String?
    public let user: String?
    public let script: String?

    /// - Parameters:
    ///   - id: the name of the file: letters, digits, `-` and `_`.
    ///   - paths: absolute paths of log files, with `*` and `?` for any characters.
    ///   - interval: how often they are rotated; weekly by default. Hourly needs a timer that starts logrotate so
    ///     often.
    ///   - count: how many rotated files are kept; 4 by default.
    ///   - size: the size beyond which a file is rotated before its time; none by default.
    ///   - compresses: whether rotated files are compressed; yes by default.
    ///   - copiesAndTruncates: whether a file is copied and emptied rather than renamed, for programs that cannot open
    ///     another; lines may be lost between the two. No by default.
    ///   - create: mode, owner and group of the new file, such as `0640 app adm`; by default those of the old one.
    ///   - user: `USER GROUP` whose rights are used, for directories that others than root can write to; root by
    ///     default.
    ///   - script: what a shell runs after files were rotated, once for all of them; nothing by default.
    public init(
        _ id: String, _ paths: String..., every interval: Interval = .week, keep count: Int = 4,
        maximumSize size: ByteSize? = nil, compresses: Bool = true, copiesAndTruncates: Bool = false,
        create: String? = nil, as user: String? = nil, after script: String? = nil
    ) {
        self.id = id
        self.paths = paths
        self.interval = interval
        self.count = count
        maximumSize = size
        self.compresses = compresses
        self.copiesAndTruncates = copiesAndTruncates
        self.create = create
        self.user = user
        self.script = script
    }

    public var name: String { "log rotation \(id)" }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("logrotate")])
    }

    public var file: File {
        var settings = [interval.rawValue, "rotate \(count)", "missingok", "notifempty"]
        if let maximumSize { settings.append("maxsize \(maximumSize.bytes)") }
        if compresses { settings += ["compress", "delaycompress"] }
        if copiesAndTruncates { settings.append("copytruncate") }
        if let create { settings.append("create \(create)") }
        if let user { settings.append("su \(user)") }
        if let script {
            settings += ["sharedscripts", "postrotate"] + script.trimmed.lines.map { "    \($0)" } + ["endscript"]
        }
        let text = paths.map { "\"\($0)\"\n" }.joined() + "{\n" + settings.map { "    \($0)\n" }.joined() + "}\n"
        return File(FilePath("/etc/logrotate.d/\(id)"), text) {
            // It rotates nothing, and tells of errors by its exit status.
            Invocation("logrotate", ["--debug", "--state=/dev/null", $0.string])
        }
    }

    public func validate() throws {
        try PlainName.validate(id, of: "a log rotation")
        guard !paths.isEmpty, paths.allSatisfy({ $0.hasPrefix("/") && !$0.utf8.contains { $0 < 0x20 || $0 == 0x22 } })
        else {
            throw Failure(
                "the log rotation \(id) has no path, or one that is not absolute",
                advice: "Write paths from the root on, without quotes: /var/log/app/*.log")
        }
        guard count >= 0 else {
            throw Failure("the log rotation \(id) keeps \(count) files", advice: "Keep 0 or more.")
        }
        for setting in [create, user].compactMap(\.self) {
            guard !setting.trimmed.isEmpty,
                setting.utf8.allSatisfy({ $0.isASCIILetterOrDigit || " ._-".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid owner “\(setting.escaped)” in the log rotation \(id)", advice: "Write “0640 app adm”.")
            }
        }
        let lines = script?.lines.map { String($0).trimmed } ?? []
        guard !lines.contains("endscript"), script.map({ !$0.trimmed.isEmpty && !$0.utf8.contains(0) }) ?? true else {
            throw Failure("the script of the log rotation \(id) is empty, or has a line that ends it")
        }
    }
}
