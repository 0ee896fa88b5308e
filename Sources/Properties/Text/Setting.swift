/// A value under a name, in a configuration file of which others decide the rest.
///
///     Setting("/etc/ssh/sshd_config", "PermitRootLogin", "no", syntax: .words)
///     Setting("/etc/default/grub", "GRUB_TIMEOUT", "2", syntax: .shell)
///     Setting("/etc/php/8.2/fpm/php.ini", "memory_limit", "512M", syntax: .ini(section: "PHP"))
///     Setting("/etc/app.env", "DB_PASSWORD", "\(Secret("db-password"))", syntax: .shell)
///
/// The line is found again by its name, wherever it is. It is the only one with that name afterwards: in a file of
/// ``Syntax/words`` the first one counts, in the others the last one. A new line is put below a comment with the same
/// setting, else at the end of its section. Comments and the order of all other lines stay.
///
/// A file that everybody may read is refused for a value with secrets, and a plan does not show the edit.
public struct Setting: TextEditing {
    public typealias Target = UnixLike

    public let path: FilePath
    public let key: String
    public let value: Content
    public let syntax: Syntax
    public let createsFile: Bool
    /// The permission bits of a file that is created.
    public let mode: FileMode
    public let owner: String
    /// The name of the group; nil for the primary group of the owner.
    public let group: String?
    public let validation: (@Sendable (FilePath) -> Invocation)?
    /// How many former versions of the file are kept; nil if none are. See ``keepingVersions(_:)``.
    public private(set) var keptVersions: Int?

    /// - Parameters:
    ///   - path: absolute: the file. It must exist, or be declared before, unless `createsFile` is given.
    ///   - key: the name of the setting, as it stands in the file.
    ///   - value: the value, without a newline and unquoted; it is quoted where the syntax needs it. Secrets and facts
    ///     may be in it.
    ///   - syntax: the form of the lines.
    ///   - createsFile: whether a missing file is created; no by default.
    ///   - mode: the permission bits of a file that is created; 0644 by default, and 0600 if there are secrets in it.
    ///     One that is there keeps its own.
    ///   - owner: the name of a user, or a UID, for a file that is created; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - validation: the program that must exit with 0 before the new content is put in place, given the path of the
    ///     candidate.
    public init(
        _ path: FilePath, _ key: String, _ value: Content, syntax: Syntax, createsFile: Bool = false,
        mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.path = path
        self.key = key
        self.value = value
        self.syntax = syntax
        self.createsFile = createsFile
        self.mode = mode ?? (value.secrets.isEmpty ? 0o644 : 0o600)
        self.owner = owner
        self.group = group
        self.validation = validation
    }

    /// A setting with a value that is computed; see the initializer that takes a ``/Propel/Content``. Secrets are
    /// interpolated only in a literal that is passed directly: a `String` has no room for them.
    @_disfavoredOverload
    public init(
        _ path: FilePath, _ key: String, _ value: String, syntax: Syntax, createsFile: Bool = false,
        mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(
            path, key, Content(value), syntax: syntax, createsFile: createsFile, mode: mode, owner: owner, group: group,
            validation: validation)
    }

    public var name: String { "\(syntax.described(key)) = \(value.described) in \(path)" }
    public var claims: [Claim] { [Self.claim(path, key, syntax, value.described)] }
    public var problems: [String] { problems(in: validate) }

    /// The same, and before each edit what is there is copied to `/var/backups/propel/PATH/TIME`; see
    /// ``File/keepingVersions(_:)``.
    /// - Parameter count: how many versions are kept, the latest ones; 5 by default.
    public func keepingVersions(_ count: Int = 5) -> Setting {
        var setting = self
        setting.keptVersions = count
        return setting
    }

    private var versions: FileVersions? { keptVersions.map { FileVersions(path: path, count: $0) } }

    var edit: TextEdit {
        let place = SettingLines(key: key, syntax: syntax)
        return TextEdit(
            path: path, place: Self.subject(path, key, syntax), content: value, createsFile: createsFile,
            new: NewFile(mode: mode, owner: owner, group: group), validation: validation, versions: versions,
            refuse: refuse,
            decided: place.lines, change: { place.set($1, in: &$0) }, undo: { place.restore(from: $1, in: &$0) })
    }

    fileprivate static func subject(_ path: FilePath, _ key: String, _ syntax: Syntax) -> String {
        "the setting \(syntax.described(key)) in \(path)"
    }

    fileprivate static func claim(_ path: FilePath, _ key: String, _ syntax: Syntax, _ value: String?) -> Claim {
        Claim(subject(path, key, syntax), is: value.map { "“\($0)”" } ?? "absent")
    }

    func validate() throws {
        try Self.validate(path, key, syntax)
        try Properties.validate(mode, of: path)
        try validatePrivate(mode, of: path, with: secrets)
        try versions?.validate()
        try refuse(value.described)
    }

    /// - Throws: ``Failure`` if the text is no value; it shows the names of secrets only.
    private func refuse(_ text: String) throws {
        guard !text.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }), !text.isEmpty || syntax != .words
        else {
            throw Failure(
                "invalid value “\(value.described.escaped)” of \(key) in \(path)",
                advice: "Give one line of text without a NUL.")
        }
    }

    fileprivate static func validate(_ path: FilePath, _ key: String, _ syntax: Syntax) throws {
        try validateAbsolute(path)
        guard syntax.isKey(key) else {
            throw Failure(
                "invalid name of a setting “\(key.escaped)” for \(path)",
                advice: "Write it as it stands in the file, without its value.")
        }
    }
}

extension Setting {
    /// The form of the lines of a configuration file.
    public enum Syntax: Sendable, Hashable {
        /// `Key value`, as in sshd_config(5). Names are compared without regard to case, the first line counts, and a
        /// new one is put before the first `Match` or `Host` section.
        case words
        /// `KEY=value` with the quoting of a shell, as in `/etc/default`.
        case shell
        /// `key: value`.
        case colon
        /// `key = value` or `key=value`, in a `[section]`; nil for the lines before the first section.
        case ini(section: String?)
    }

    /// A configuration file without a setting. Its comments stay.
    public struct Absent: TextEditing {
        public typealias Target = UnixLike

        public let path: FilePath
        public let key: String
        public let syntax: Syntax

        /// - Parameters:
        ///   - path: absolute: the file. A missing file has no settings.
        ///   - key: the name of the setting, as it stands in the file.
        ///   - syntax: the form of the lines.
        public init(_ path: FilePath, _ key: String, syntax: Syntax) {
            self.path = path
            self.key = key
            self.syntax = syntax
        }

        public var name: String { "no \(syntax.described(key)) in \(path)" }
        public var claims: [Claim] { [Setting.claim(path, key, syntax, nil)] }
        public var problems: [String] { problems(in: validate) }

        func validate() throws { try Setting.validate(path, key, syntax) }

        var edit: TextEdit {
            let place = SettingLines(key: key, syntax: syntax)
            return TextEdit(
                path: path, allowsMissingFile: true, change: { place.remove(from: &$0) },
                undo: { place.restore(from: $1, in: &$0) })
        }
    }
}

extension Setting.Syntax {
    /// The name of a setting for a message, with its section.
    fileprivate func described(_ key: String) -> String {
        if case .ini(let section?) = self { "[\(section)] \(key)" } else { key }
    }

    fileprivate func isKey(_ key: String) -> Bool {
        guard let first = key.utf8.first, !"#;[".utf8.contains(first), !key.utf8.contains(where: { $0 < 0x21 }) else {
            return false
        }
        if case .ini(let section?) = self, section.utf8.contains(where: { $0 < 0x20 || "[]".utf8.contains($0) }) {
            return false
        }
        return switch self {
        case .words, .ini: !key.contains(anyOf: "=")
        case .shell: key.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }
        case .colon: !key.contains(anyOf: ":")
        }
    }
}
