/// What a user or a group may do by sudo, in a file of its own below `/etc/sudoers.d` (sudoers(5)).
///
///     Sudoers("deploy", .user("deploy"), commands: ["/usr/bin/systemctl restart app"], withoutPassword: true)
///     Sudoers("admins", .group("admin"))
///
/// sudo is installed first, and `visudo` must accept the file before it is put in place: a fault in it would lock everybody
/// out of sudo.
public struct Sudoers: Revertible {
    public typealias Target = DebianLike

    /// Who.
    public enum Subject: Sendable, Hashable {
        case user(String)
        case group(String)
    }

    /// Below `/etc/sudoers.d`.
    public let fileName: String
    /// Who may.
    public let subject: Subject
    /// What, by absolute paths; `ALL` for everything.
    public let commands: [String]
    /// As whom, `USER` or `USER:GROUP`.
    public let runAs: String
    /// Whether no password is asked for.
    public let withoutPassword: Bool
    /// Options for the subject.
    public let defaults: [String]

    /// - Parameters:
    ///   - fileName: below `/etc/sudoers.d`, without a dot and without a `~` at its end: sudo ignores such files.
    ///   - subject: who may; the user or the group need not exist yet.
    ///   - commands: by their absolute paths, with the arguments as one types them; `*` stands for any text, spaces and
    ///     all. All commands by default.
    ///   - runAs: as whom, `USER` or `USER:GROUP`; anybody by default.
    ///   - withoutPassword: whether no password is asked for; no by default.
    ///   - defaults: options for this subject: `env_keep += "SSH_AUTH_SOCK"`.
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
    public var claims: [Claim] { file.claims }

    public func declaration(at place: SourcePlace) -> Declaration {
        var declaration = Declaration(name: name, place: place, content: .property(self))
        declaration.requirements = [Apt.Installed("sudo").declaration(at: place)]
        return declaration
    }

    /// - Throws: ``Failure`` where a parameter cannot be in such a file, or something other than a file is in its place.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        return try await file.check(on: machine)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try await file.apply(on: machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check { try await file.checkReverted(on: machine) }
    public func revert(on machine: Machine) async throws { try await file.revert(on: machine) }

    private var file: File {
        File(FilePath("/etc/sudoers.d").appending(fileName), text, mode: 0o440) {
            Invocation("visudo", ["--check", "--file=\($0)"])
        }
    }

    private var text: String {
        let who =
            switch subject {
            case .user(let name): name
            case .group(let name): "%\(name)"
            }
        let options = defaults.map { "Defaults:\(who) \($0)\n" }.joined()
        let list = commands.map(Escaping.sudoers.escape).joined(separator: ", ")
        return "\(options)\(who) ALL=(\(runAs)) \(withoutPassword ? "NOPASSWD: " : "")\(list)\n"
    }

    private func validate() throws {
        let isPlain = fileName.unicodeScalars.allSatisfy {
            "a"..."z" ~= $0 || "A"..."Z" ~= $0 || "0"..."9" ~= $0 || $0 == "-" || $0 == "_"
        }
        guard isPlain, !fileName.isEmpty, fileName.utf8.count <= 200 else {
            throw Failure(
                "“\(fileName)” is no name of a file of sudoers",
                advice: "sudo reads only files without a dot, or a ~ at the end. Use letters, digits, - and _.")
        }
        switch subject {
        case .user(let name): if name != "ALL" { try AccountName.validate(name, of: "user") }
        case .group(let name): try AccountName.validate(name, of: "group")
        }
        for part in runAs.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        where !part.isEmpty && part != "ALL" {
            try AccountName.validate(String(part), of: "user")
        }
        guard !commands.isEmpty else {
            throw Failure("\(name) allows nothing", advice: "Give the commands, or revert the property.")
        }
        for command in commands {
            try refuseControl(command, "command")
            guard command == "ALL" || command.hasPrefix("/") || command.hasPrefix("sudoedit /") else {
                throw Failure(
                    "the command “\(command)” of \(name) has no absolute path",
                    advice: "sudo needs one: /usr/bin/systemctl restart app.")
            }
        }
        for option in defaults { try refuseControl(option, "option") }
    }

    private func refuseControl(_ text: String, _ what: String) throws {
        guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }),
            !text.hasSuffix("\\")
        else {
            throw Failure(
                "an \(what) of \(name) is empty, or has a line break in it: “\(text)”", advice: "Give one line each.")
        }
    }
}
