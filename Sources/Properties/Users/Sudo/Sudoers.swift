/// The rights of a user or a group by sudo, in one file of `/etc/sudoers.d` (sudoers(5)).
///
///     Sudoers("deploy", .user("deploy"), commands: ["/usr/bin/systemctl restart app"], withoutPassword: true)
///     Sudoers("admins", .group("admin"))
///     Sudoers.Text("ops", """
///         Defaults timestamp_timeout=15
///         Cmnd_Alias SERVICES = /usr/bin/systemctl restart app, /usr/bin/systemctl restart worker
///         %ops ALL=(root) NOPASSWD: SERVICES
///         ben ALL=(postgres) /usr/bin/psql
///         """)
///
/// sudo is installed first, and `visudo` must accept the file before it is put in place: an error in it would lock
/// everybody out of sudo.
///
/// Of several rules for a user the last one counts, in the order of the names of the files. So a file is refused that
/// would take the right to become root without a password from the user who runs Propel, and one that has no effect
/// because a later file, such as cloud-init's `90-cloud-init-users`, says otherwise for the same user.
public struct Sudoers: SudoersFile {
    public typealias Target = DebianLike

    /// A user or a group.
    public enum Subject: Sendable, Hashable {
        case user(String)
        case group(String)
    }

    /// The name of the file in `/etc/sudoers.d`.
    public let fileName: String
    /// The user or the group.
    public let subject: Subject
    /// Commands with absolute paths; `ALL` for every command.
    public let commands: [String]
    /// The user, or `USER:GROUP`, that commands may be run as.
    public let runAs: String
    /// Whether sudo asks for no password.
    public let withoutPassword: Bool
    /// `Defaults` for the subject.
    public let defaults: [String]

    /// - Parameters:
    ///   - fileName: the name of the file: letters, digits, `-` and `_`. sudo ignores files with a dot.
    ///   - subject: the user or the group, which need not exist yet.
    ///   - commands: absolute paths with arguments, as typed; `*` matches any characters, spaces included. All commands
    ///     by default.
    ///   - runAs: the user, or `USER:GROUP`, that commands may be run as; any by default.
    ///   - withoutPassword: whether sudo asks for no password; no by default.
    ///   - defaults: `Defaults` for this subject: `env_keep += "SSH_AUTH_SOCK"`.
    public init(
        _ fileName: String, _ subject: Subject, commands: [String] = ["ALL"], runAs: String = "ALL:ALL",
        withoutPassword: Bool = false, defaults: [String] = []
    ) {
        self.fileName = fileName
        self.subject = subject
        self.commands = commands
        self.runAs = runAs
        self.withoutPassword = withoutPassword
        self.defaults = defaults
    }

    public var name: String { "sudoers \(fileName)" }

    var text: String {
        let who =
            switch subject {
            case .user(let name): name
            case .group(let name): "%\(name)"
            }
        let options = defaults.map { "Defaults:\(who) \($0)\n" }.joined()
        let list = commands.map(Escaping.sudoers.escape).joined(separator: ", ")
        return "\(options)\(who) ALL=(\(runAs)) \(withoutPassword ? "NOPASSWD: " : "")\(list)\n"
    }

    public func validate() throws {
        try validateName()
        switch subject {
        case .user(let name): if name != "ALL" { try AccountName.validate(name, of: "user") }
        case .group(let name): try AccountName.validate(name, of: "group")
        }
        for part in runAs.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        where !part.isEmpty && part != "ALL" {
            try AccountName.validate(String(part), of: "user")
        }
        guard !commands.isEmpty else {
            throw Failure("\(name) allows no command", advice: "Give commands, or revert the property.")
        }
        for command in commands {
            try refuseControl(command, "command")
            guard command == "ALL" || command.hasPrefix("/") || command.hasPrefix("sudoedit /") else {
                throw Failure(
                    "the command “\(command)” of \(name) is not an absolute path",
                    advice: "Write it so: /usr/bin/systemctl restart app.")
            }
        }
        for option in defaults { try refuseControl(option, "default") }
    }

    private func refuseControl(_ text: String, _ what: String) throws {
        guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }),
            text.utf8.last != UInt8(ascii: "\\")
        else {
            throw Failure(
                "a \(what) of \(name) is empty or has a control character in it: “\(text.escaped)”",
                advice: "Give one line each.")
        }
    }
}
