/// Samba, which shares directories with Windows, macOS and phones (smb.conf(5)).
///
///     Samba(
///         .init("media", at: "/srv/media", users: ["anna", "@family"], isWritable: true),
///         .init("public", at: "/srv/public", allowsGuests: true),
///         settings: ["workgroup": "HOME", "server min protocol": "SMB3"])
///     Samba.User("anna", password: Secret("anna-smb"))
///
/// The shares and settings are the whole of `/etc/samba/smb.conf`: those of the package, of homes and printers among
/// them, are gone. testparm must accept it before it is put in place, and Samba is reloaded: open files stay open. It
/// is reached on port 445.
public struct Samba: CompositeProperty {
    public typealias Target = DebianLike

    let configuration: SambaConfiguration

    /// - Parameters:
    ///   - shares: the shares.
    ///   - settings: further settings by their names; none by default.
    public init(_ shares: Share..., settings: [String: String] = [:]) {
        configuration = SambaConfiguration(shares: shares, settings: settings)
    }

    public var name: String { "samba" }

    public var body: [Declaration] {
        Self.package
        configuration.requires(Self.package).onChange(Service.Reload("smbd"))
        Service("smbd", ports: [Port(445)]).requires(configuration)
    }

    /// The opposite: the configuration is that of the package again. Samba itself stays; `Apt.Absent("samba")` removes
    /// it.
    public func reverted() -> PropertyGroup<DebianLike> {
        PropertyGroup("no shares of \(name)") {
            configuration.reverted().onChange(Service.IfRunning.reload("smbd"))
        }
    }

    static let package = Apt.Installed("samba")

    /// A directory that is shared.
    public struct Share: Sendable, Hashable {
        public let id: String
        public let path: FilePath
        public let users: [String]
        public let isWritable: Bool
        public let allowsGuests: Bool
        public let settings: [String: String]

        /// - Parameters:
        ///   - id: the name that clients see.
        ///   - path: absolute: the directory, which must exist or be declared before.
        ///   - users: the users who may connect, and `@group` for the members of a group; all users by default.
        ///   - isWritable: whether they may write, as far as the rights on the files allow; no by default.
        ///   - allowsGuests: whether nobody needs a password; no by default. Guests have the rights of nobody.
        ///   - settings: further settings by their names, such as `force user`; none by default.
        public init(
            _ id: String, at path: FilePath, users: [String] = [], isWritable: Bool = false,
            allowsGuests: Bool = false, settings: [String: String] = [:]
        ) {
            self.id = id
            self.path = path
            self.users = users
            self.isWritable = isWritable
            self.allowsGuests = allowsGuests
            self.settings = settings
        }

        var lines: [String] {
            var all = settings
            all["path"] = path.string
            all["read only"] = isWritable ? "no" : "yes"
            all["guest ok"] = allowsGuests ? "yes" : "no"
            if !users.isEmpty { all["valid users"] = users.joined(separator: " ") }
            return SambaConfiguration.section(id, all)
        }

        /// The settings that the share writes itself.
        static let own: Set<String> = ["path", "read only", "guest ok", "valid users"]
    }
}

/// The file of Samba's configuration.
struct SambaConfiguration: FileBacked {
    typealias Target = DebianLike

    let shares: [Samba.Share]
    let settings: [String: String]

    var name: String { "shares \(shares.map(\.id).joined(separator: ", "))" }

    var file: File {
        var all = settings
        if all["server role"] == nil { all["server role"] = "standalone server" }
        // Else a guest with a name that is unknown is refused.
        if shares.contains(where: \.allowsGuests), all["map to guest"] == nil { all["map to guest"] = "bad user" }
        let lines = Self.section("global", all) + shares.flatMap { [""] + $0.lines }
        return File("/etc/samba/smb.conf", lines.map { $0 + "\n" }.joined()) {
            Invocation("testparm", ["--suppress-prompt", $0.string])
        }
    }

    static func section(_ id: String, _ settings: [String: String]) -> [String] {
        ["[\(id)]"] + settings.sorted { $0.key < $1.key }.map { "    \($0.key) = \($0.value)" }
    }

    func validate() throws {
        try Self.validate(settings, of: "samba")
        for share in shares {
            let isName =
                !share.id.isEmpty && share.id.utf8.count <= 80
                && share.id.utf8.allSatisfy { $0.isASCIILetterOrDigit || " ._-$".utf8.contains($0) }
            guard isName, share.id.trimmed == share.id,
                !["global", "homes", "printers"].contains(share.id.lowercased())
            else {
                throw Failure(
                    "invalid name of a share “\(share.id.escaped)”", advice: "Use letters, digits, spaces and ._-$")
            }
            try validateAbsolute(share.path)
            guard !share.path.string.utf8.contains(where: { $0 < 0x20 || "%;#".utf8.contains($0) }) else {
                throw Failure(
                    "\(share.path.string.escaped) cannot be shared", advice: "Choose a path without %, ; and #.")
            }
            for user in share.users { try Self.validate(user: user, of: share.id) }
            try Self.validate(share.settings, of: "the share \(share.id)")
            if let own = share.settings.keys.sorted().first(where: { Samba.Share.own.contains($0.lowercased()) }) {
                throw Failure(
                    "the share \(share.id) has “\(own)” among its further settings",
                    advice: "Give it as a parameter: at, users, isWritable, allowsGuests.")
            }
        }
        let names = shares.map { $0.id.lowercased() }
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw Failure("there are two shares \(twice)", advice: "Case makes no difference. Choose another name.")
        }
    }

    private static func validate(user: String, of share: String) throws {
        let name = user.hasPrefix("@") ? String(user.dropFirst()) : user
        try AccountName.validate(name, of: user.hasPrefix("@") ? "group" : "user")
    }

    private static func validate(_ settings: [String: String], of what: String) throws {
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
            guard !key.isEmpty, key.utf8.allSatisfy({ $0.isASCIILetterOrDigit || " :_-".utf8.contains($0) }),
                key.trimmed == key, !value.utf8.contains(where: { $0 < 0x20 })
            else {
                throw Failure(
                    "invalid setting “\(key.escaped)” = “\(value.escaped)” of \(what)",
                    advice: "Write its name as in smb.conf(5), and the value in one line.")
            }
        }
    }
}
