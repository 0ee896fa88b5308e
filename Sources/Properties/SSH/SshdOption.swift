extension Sshd {
    /// A setting of sshd (sshd_config(5)).
    public struct Option: Sendable, Hashable {
        /// The keyword, as the present release writes it; nil for a `Match` block.
        let keyword: String?
        /// The values: one for each line. Of a `Match` block its criteria.
        let values: [String]
        /// The settings in a `Match` block.
        let nested: [Option]

        private init(_ keyword: String?, _ values: [String], _ nested: [Option] = []) {
            self.keyword = keyword
            self.values = values
            self.nested = nested
        }
    }

    /// The ways in which root may log in (sshd_config(5), `PermitRootLogin`).
    public enum RootLogin: String, Sendable {
        case no, yes
        /// With a key, and not with a password.
        case prohibitPassword = "prohibit-password"
        /// With a key that is limited to a command.
        case forcedCommandsOnly = "forced-commands-only"
    }
}

extension Sshd.Option {
    /// Any setting.
    /// - Parameters:
    ///   - keyword: the keyword: `MaxSessions`.
    ///   - value: the value, as in the file.
    public static func setting(_ keyword: String, _ value: String) -> Sshd.Option { .init(keyword, [value]) }

    /// Settings for some connections.
    /// - Parameters:
    ///   - criteria: as after `Match`: `User anna`, `Group sftp Address 10.0.0.0/8`.
    ///   - options: the settings for them.
    public static func match(_ criteria: String, _ options: Sshd.Option...) -> Sshd.Option {
        .init(nil, [criteria], options)
    }

    /// Whether a password is enough.
    public static func passwordAuthentication(_ isAllowed: Bool) -> Sshd.Option {
        flag("PasswordAuthentication", isAllowed)
    }
    /// Whether sshd may ask questions, such as for a password by PAM; `ChallengeResponseAuthentication` before
    /// OpenSSH 8.7.
    public static func kbdInteractiveAuthentication(_ isAllowed: Bool) -> Sshd.Option {
        flag("KbdInteractiveAuthentication", isAllowed)
    }
    /// Whether a key is enough.
    public static func pubkeyAuthentication(_ isAllowed: Bool) -> Sshd.Option {
        flag("PubkeyAuthentication", isAllowed)
    }
    /// Whether an empty password is enough.
    public static func permitEmptyPasswords(_ isAllowed: Bool) -> Sshd.Option {
        flag("PermitEmptyPasswords", isAllowed)
    }
    /// How root may log in.
    public static func permitRootLogin(_ login: Sshd.RootLogin) -> Sshd.Option {
        .init("PermitRootLogin", [login.rawValue])
    }
    /// The ports that sshd listens on, and no others.
    public static func port(_ ports: UInt16...) -> Sshd.Option { .init("Port", ports.map { "\($0)" }) }
    /// The addresses that sshd listens on, and no others.
    public static func listenAddress(_ addresses: String...) -> Sshd.Option { .init("ListenAddress", addresses) }
    /// The users who may log in, and nobody else: `anna`, `anna@10.0.0.0/8`, patterns with `*` and `?`.
    public static func allowUsers(_ users: String...) -> Sshd.Option { list("AllowUsers", users) }
    /// The groups whose members may log in, and nobody else.
    public static func allowGroups(_ groups: String...) -> Sshd.Option { list("AllowGroups", groups) }
    /// The users who may not log in.
    public static func denyUsers(_ users: String...) -> Sshd.Option { list("DenyUsers", users) }
    /// The groups whose members may not log in.
    public static func denyGroups(_ groups: String...) -> Sshd.Option { list("DenyGroups", groups) }
    /// The ways that have to succeed together: `"publickey,password"`.
    public static func authenticationMethods(_ methods: String...) -> Sshd.Option {
        list("AuthenticationMethods", methods)
    }
    /// The files with the keys of a user.
    public static func authorizedKeysFile(_ files: String...) -> Sshd.Option { list("AuthorizedKeysFile", files) }
    /// The number of failed attempts after which a connection ends; 6 by sshd's default.
    public static func maxAuthTries(_ count: Int) -> Sshd.Option { .init("MaxAuthTries", ["\(count)"]) }
    /// The number of sessions in one connection; 10 by sshd's default. Propel uses up to four.
    public static func maxSessions(_ count: Int) -> Sshd.Option { .init("MaxSessions", ["\(count)"]) }
    /// The time within which a user must have logged in; 2 minutes by sshd's default.
    public static func loginGraceTime(_ time: Duration) -> Sshd.Option {
        .init("LoginGraceTime", ["\(time.components.seconds)"])
    }
    /// How often a silent client is asked whether it is there; never by sshd's default.
    public static func clientAliveInterval(_ time: Duration) -> Sshd.Option {
        .init("ClientAliveInterval", ["\(time.components.seconds)"])
    }
    /// The number of missing answers after which a silent client is disconnected; 3 by sshd's default.
    public static func clientAliveCountMax(_ count: Int) -> Sshd.Option { .init("ClientAliveCountMax", ["\(count)"]) }
    /// Whether programs with windows are forwarded.
    public static func x11Forwarding(_ isAllowed: Bool) -> Sshd.Option { flag("X11Forwarding", isAllowed) }
    /// Whether ports are forwarded.
    public static func allowTcpForwarding(_ isAllowed: Bool) -> Sshd.Option { flag("AllowTcpForwarding", isAllowed) }
    /// Whether the agent of the client is forwarded.
    public static func allowAgentForwarding(_ isAllowed: Bool) -> Sshd.Option {
        flag("AllowAgentForwarding", isAllowed)
    }
    /// The ciphers, in the order of preference.
    public static func ciphers(_ names: String...) -> Sshd.Option { .init("Ciphers", [names.joined(separator: ",")]) }
    /// The message authentication codes, in the order of preference.
    public static func macs(_ names: String...) -> Sshd.Option { .init("MACs", [names.joined(separator: ",")]) }
    /// The key exchanges, in the order of preference.
    public static func kexAlgorithms(_ names: String...) -> Sshd.Option {
        .init("KexAlgorithms", [names.joined(separator: ",")])
    }
    /// The kinds of keys with which users may log in; `PubkeyAcceptedKeyTypes` before OpenSSH 8.5.
    public static func pubkeyAcceptedAlgorithms(_ names: String...) -> Sshd.Option {
        .init("PubkeyAcceptedAlgorithms", [names.joined(separator: ",")])
    }
    /// The files with the keys of the machine.
    public static func hostKey(_ files: FilePath...) -> Sshd.Option { .init("HostKey", files.map(\.string)) }
    /// The file with the authorities whose certificates users may log in with.
    public static func trustedUserCAKeys(_ file: FilePath) -> Sshd.Option { .init("TrustedUserCAKeys", [file.string]) }
    /// The command that is run instead of what the client asks for; `internal-sftp` for files alone.
    public static func forceCommand(_ command: String) -> Sshd.Option { .init("ForceCommand", [command]) }
    /// The directory that a session is confined to. It and all above it must belong to root.
    public static func chrootDirectory(_ path: String) -> Sshd.Option { .init("ChrootDirectory", [path]) }
    /// The file that is shown before the login.
    public static func banner(_ file: FilePath) -> Sshd.Option { .init("Banner", [file.string]) }
    /// How much is logged: `INFO`, `VERBOSE`.
    public static func logLevel(_ level: String) -> Sshd.Option { .init("LogLevel", [level]) }

    private static func flag(_ keyword: String, _ value: Bool) -> Sshd.Option { .init(keyword, [value ? "yes" : "no"]) }
    private static func list(_ keyword: String, _ values: [String]) -> Sshd.Option {
        .init(keyword, [values.joined(separator: " ")])
    }
}

extension [Sshd.Option] {
    /// The text of a drop-in, with the keywords that a release knows.
    func text(isOld: Bool) -> String {
        let global = filter { $0.keyword != nil }, blocks = filter { $0.keyword == nil }
        return global.map { $0.lines(isOld: isOld) }.joined()
            + blocks.map { block in
                let nested = block.nested.map { $0.lines(isOld: isOld, indent: "    ") }
                return "Match \(block.values.joined())\n" + nested.joined()
            }.joined()
    }
}

extension Sshd.Option {
    /// The keywords that have another name since OpenSSH 8.5 and 8.7.
    private static let formerNames = [
        "kbdinteractiveauthentication": "ChallengeResponseAuthentication",
        "pubkeyacceptedalgorithms": "PubkeyAcceptedKeyTypes",
        "hostbasedacceptedalgorithms": "HostbasedAcceptedKeyTypes",
    ]

    fileprivate func lines(isOld: Bool, indent: String = "") -> String {
        let keyword = keyword ?? ""
        let name = isOld ? Self.formerNames[keyword.lowercased()] ?? keyword : keyword
        return values.map { "\(indent)\(name) \($0)\n" }.joined()
    }

    /// - Throws: ``Failure`` if sshd could read it as something else.
    func validate(isNested: Bool = false) throws {
        guard let keyword else {
            guard !isNested, !nested.isEmpty else {
                throw Failure(
                    "the block “Match \(values.joined().escaped)” of sshd is empty, or in another one",
                    advice: "Write .match(\"User anna\", .x11Forwarding(true)) among the settings.")
            }
            try validateValue("Match")
            return try nested.forEach { try $0.validate(isNested: true) }
        }
        guard !keyword.isEmpty, keyword.utf8.allSatisfy(\.isASCIILetterOrDigit),
            !["match", "include"].contains(keyword.lowercased())
        else {
            throw Failure(
                "invalid keyword “\(keyword.escaped)” of sshd",
                advice: "Use one of sshd_config(5); for a Match block .match(…).")
        }
        try validateValue(keyword)
    }

    private func validateValue(_ keyword: String) throws {
        guard !values.isEmpty, values.allSatisfy({ !$0.trimmed.isEmpty && !$0.utf8.contains { $0 < 0x20 } }) else {
            throw Failure(
                "the setting \(keyword) of sshd has no value, or a control character in it", advice: "Give one line.")
        }
        if keyword == "Port", values.contains("0") {
            throw Failure("sshd cannot listen on the port 0", advice: "Ports are from 1 to 65535.")
        }
    }
}
