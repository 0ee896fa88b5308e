/// A line in a text file of which others decide the rest.
///
///     Line("/etc/hosts.allow", "sshd: 10.0.0.0/8")
///     Line("/etc/modules", "i2c-dev", createsFile: true)
///     Line("/root/.profile", "export EDITOR=vim", replacing: "export EDITOR=")
///     Line("/etc/ppp/chap-secrets", "anna * \(Secret("anna-ppp")) *", replacing: "anna *")
///     Line.Absent("/etc/hosts", "192.0.2.7 old.example.com")
///
/// The line exists exactly once. Lines are compared without the whitespace at their ends. For a value under a name use
/// ``Setting``, which replaces the former value; for several lines ``Block``.
///
/// A line with secrets or facts needs `replacing`, by which it is found whatever their values are. A file that all may
/// read is refused for secrets, and a plan does not show the edit.
public struct Line: TextEditing {
    public typealias Target = UnixLike

    /// The place of a line that is added.
    public enum Position: Sendable, Hashable {
        case start
        case end
        /// After the last line that begins with this text; at the end if there is none.
        case after(String)
        /// Before the first line that begins with this text; at the end if there is none.
        case before(String)
    }

    public let path: FilePath
    public let text: Content
    /// The beginning of the lines in whose place it is; nil if it replaces none.
    public let start: String?
    public let position: Position
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
    ///   - text: the line, without a newline. Secrets and facts may be in it.
    ///   - start: the beginning of the lines in whose place it is put: the first of them becomes the line, and others
    ///     are removed. The line must begin with it too, so that it is found again. None by default.
    ///   - position: the place of the line if it is added; the end by default. A line that is there stays where it is.
    ///   - createsFile: whether a missing file is created; no by default.
    ///   - mode: the permission bits of a file that is created; 0644 by default, and 0600 if there are secrets in it.
    ///     One that is there keeps its own.
    ///   - owner: the name of a user, or a UID, for a file that is created; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - validation: the program that must exit with 0 before the new content is put in place, given the path of the
    ///     candidate.
    public init(
        _ path: FilePath, _ text: Content, replacing start: String? = nil, position: Position = .end,
        createsFile: Bool = false, mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.path = path
        self.text = text
        self.start = start
        self.position = position
        self.createsFile = createsFile
        self.mode = mode ?? (text.secrets.isEmpty ? 0o644 : 0o600)
        self.owner = owner
        self.group = group
        self.validation = validation
    }

    /// A line that is computed; see the initializer that takes a ``/Propel/Content``. Secrets are interpolated only in
    /// a literal that is passed directly: a `String` has no room for them.
    @_disfavoredOverload
    public init(
        _ path: FilePath, _ text: String, replacing start: String? = nil, position: Position = .end,
        createsFile: Bool = false, mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(
            path, Content(text), replacing: start, position: position, createsFile: createsFile, mode: mode,
            owner: owner, group: group, validation: validation)
    }

    /// The line with names in place of its secrets and facts.
    private var described: String { text.described.trimmed }

    public var name: String { "the line “\(described)” in \(path)" }
    public var claims: [Claim] {
        let present = Self.claim(path, described, isPresent: true)
        guard let start else { return [present] }
        return [present, Claim(Self.subject(path, beginningWith: start), is: "“\(described)”")]
    }
    public var problems: [String] { problems(in: validate) }

    /// The same, and before each edit what is there is copied to `/var/backups/propel/PATH/TIME`; see
    /// ``File/keepingVersions(_:)``.
    /// - Parameter count: how many versions are kept, the latest ones; 5 by default.
    public func keepingVersions(_ count: Int = 5) -> Line {
        var line = self
        line.keptVersions = count
        return line
    }

    private var versions: FileVersions? { keptVersions.map { FileVersions(path: path, count: $0) } }

    func validate() throws {
        try Self.validate(path, text.described, described)
        try Properties.validate(mode, of: path)
        try validatePrivate(mode, of: path, with: secrets)
        try versions?.validate()
        guard let start else {
            guard text.bytes == nil else { return }
            let beginning = text.beginning.unindented
            throw Failure(
                "the line “\(described.escaped)” of \(path) has values in it that may change, and would not be found "
                    + "again",
                advice: beginning.trimmed.isEmpty
                    ? "Use Block instead." : "Give its beginning: replacing: “\(beginning.escaped)”.")
        }
        guard !start.trimmed.isEmpty, text.beginning.unindented.hasPrefix(start.unindented) else {
            throw Failure(
                "the line “\(described.escaped)” of \(path) replaces lines that begin with “\(start.escaped)”, and "
                    + "does not begin so itself",
                advice: "Then it would not be found again. Give the beginning that the old and the new line have.")
        }
    }

    var edit: TextEdit {
        TextEdit(
            path: path, place: Self.subject(path, beginningWith: start ?? ""), content: text, createsFile: createsFile,
            new: NewFile(mode: mode, owner: owner, group: group), validation: validation, versions: versions,
            refuse: { try Self.validate(path, $0, described) },
            decided: { lines in start.map { lines.indices(beginningWith: $0).map { lines[$0] } } ?? [] },
            change: { $0.keepOne($1, position, replacing: start) },
            undo: { lines, original in
                if let start { return lines.restore(from: original, beginningWith: start) }
                let text = text.described
                if original.indices(of: text).isEmpty { lines.remove(lines.indices(of: text)) }
            })
    }

    fileprivate static func subject(_ path: FilePath, beginningWith start: String) -> String {
        "the line “\(start.unindented)…” in \(path)"
    }

    fileprivate static func claim(_ path: FilePath, _ text: String, isPresent: Bool) -> Claim {
        Claim("the line “\(text.trimmed)” in \(path)", is: isPresent ? "present" : "absent")
    }

    /// - Parameter words: the text as it is shown.
    fileprivate static func validate(_ path: FilePath, _ text: String, _ words: String) throws {
        try validateAbsolute(path)
        guard !text.trimmed.isEmpty, !text.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
            throw Failure(
                "“\(words.escaped)” is not one line of text for \(path)",
                advice: "Leave out newlines, or use Block for several lines.")
        }
    }
}

extension Line {
    /// No such line in a text file.
    ///
    ///     Line.Absent("/etc/hosts", "192.0.2.7 old.example.com")
    ///     Line.Absent("/etc/pve/lxc/101.conf", beginningWith: "lxc.cap.drop")
    public struct Absent: TextEditing {
        public typealias Target = UnixLike

        public let path: FilePath
        public let text: String
        /// Whether all lines that begin with the text are absent, and not only those that are the text.
        public let isBeginning: Bool

        /// - Parameters:
        ///   - path: absolute: the file. A missing file has no such line.
        ///   - text: the line, without a newline.
        public init(_ path: FilePath, _ text: String) {
            self.path = path
            self.text = text
            isBeginning = false
        }

        /// No line with this beginning.
        /// - Parameters:
        ///   - path: absolute: the file. A missing file has no such line.
        ///   - start: the beginning, whatever the whitespace before it; whitespace after it counts.
        public init(_ path: FilePath, beginningWith start: String) {
            self.path = path
            text = start
            isBeginning = true
        }

        public var name: String { "no line “\(isBeginning ? text + "…" : text.trimmed)” in \(path)" }
        public var claims: [Claim] {
            [
                isBeginning
                    ? Claim(Line.subject(path, beginningWith: text), is: "absent")
                    : Line.claim(path, text, isPresent: false)
            ]
        }
        public var problems: [String] { problems(in: validate) }

        func validate() throws { try Line.validate(path, text, text) }

        var edit: TextEdit {
            TextEdit(
                path: path, allowsMissingFile: true,
                change: { $0.remove(isBeginning ? $0.indices(beginningWith: text) : $0.indices(of: text)) },
                undo: { lines, original in
                    if isBeginning { return lines.restore(from: original, beginningWith: text) }
                    if !original.indices(of: text).isEmpty { lines.keepOne(text, .end, replacing: nil) }
                })
        }
    }
}

extension TextLines {
    /// The lines that are this one, whatever the whitespace at their ends.
    fileprivate func indices(of text: String) -> [Int] {
        let wanted = text.trimmed
        return indices.filter { self[$0].trimmed == wanted }
    }

    /// The lines that begin with a string, whatever the whitespace before them.
    fileprivate func indices(beginningWith start: String) -> [Int] {
        let wanted = start.unindented
        return indices.filter { self[$0].trimmed.hasPrefix(wanted) }
    }

    /// Adds a line, or removes all but the first; with a start in the place of the lines that begin with it.
    fileprivate mutating func keepOne(_ text: String, _ position: Line.Position, replacing start: String?) {
        let found = start.map { indices(beginningWith: $0) } ?? indices(of: text)
        guard let first = found.first else { return insert(text, at: place(for: position)) }
        if self[first].trimmed != text.trimmed { replace(first, with: text) }
        remove(found.dropFirst())
    }

    /// Puts back the lines of another version that begin with a string.
    fileprivate mutating func restore(from original: TextLines, beginningWith start: String) {
        let former = original.indices(beginningWith: start).map { original[$0] }
        let found = indices(beginningWith: start)
        guard found.map({ self[$0] }) != former else { return }
        let first = found.first ?? indices.endIndex
        remove(found)
        for (offset, line) in former.enumerated() { insert(line, at: min(first, indices.endIndex) + offset) }
    }
}

extension String {
    /// The string without the whitespace before it. What is after it may tell one beginning of a line from another.
    fileprivate var unindented: String { String(drop { $0 == " " || $0 == "\t" }) }
}
