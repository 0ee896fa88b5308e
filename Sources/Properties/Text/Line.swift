/// A line in a text file of which others decide the rest.
///
///     Line("/etc/hosts.allow", "sshd: 10.0.0.0/8")
///     Line("/etc/modules", "i2c-dev", createsFile: true)
///     Line.Absent("/etc/hosts", "192.0.2.7 old.example.com")
///
/// The line exists exactly once. Lines are compared without the whitespace at their ends. For a value under a name use
/// ``Setting``, which replaces the former value; for several lines ``Block``.
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
    public let text: String
    public let position: Position
    public let createsFile: Bool
    public let validation: (@Sendable (FilePath) -> Invocation)?

    /// - Parameters:
    ///   - path: absolute: the file. It must exist, or be declared before, unless `createsFile` is given.
    ///   - text: the line, without a newline.
    ///   - position: the place of the line if it is added; the end by default. A line that is there stays where it is.
    ///   - createsFile: whether a missing file is created, with mode 0644 and owner root; no by default.
    ///   - validation: the program that must exit with 0 before the new content is put in place, given the path of the
    ///     candidate.
    public init(
        _ path: FilePath, _ text: String, position: Position = .end, createsFile: Bool = false,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.path = path
        self.text = text
        self.position = position
        self.createsFile = createsFile
        self.validation = validation
    }

    public var name: String { "the line “\(text.trimmed)” in \(path)" }
    public var claims: [Claim] { [Self.claim(path, text, isPresent: true)] }
    public var problems: [String] { problem(in: validate).map { [$0] } ?? [] }

    func validate() throws { try Self.validate(path, text) }

    var edit: TextEdit {
        TextEdit(
            path: path, createsFile: createsFile, validation: validation,
            change: { $0.keepOne(text, position) },
            undo: { lines, original in
                if original.indices(of: text).isEmpty { lines.remove(lines.indices(of: text)) }
            })
    }

    fileprivate static func claim(_ path: FilePath, _ text: String, isPresent: Bool) -> Claim {
        Claim("the line “\(text.trimmed)” in \(path)", is: isPresent ? "present" : "absent")
    }

    fileprivate static func validate(_ path: FilePath, _ text: String) throws {
        try validateAbsolute(path)
        guard !text.trimmed.isEmpty, !text.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
            throw Failure(
                "“\(text.escaped)” is not one line of text for \(path)",
                advice: "Leave out newlines, or use Block for several lines.")
        }
    }
}

extension Line {
    /// No such line in a text file.
    public struct Absent: TextEditing {
        public typealias Target = UnixLike

        public let path: FilePath
        public let text: String

        /// - Parameters:
        ///   - path: absolute: the file. A missing file has no such line.
        ///   - text: the line, without a newline.
        public init(_ path: FilePath, _ text: String) {
            self.path = path
            self.text = text
        }

        public var name: String { "no line “\(text.trimmed)” in \(path)" }
        public var claims: [Claim] { [Line.claim(path, text, isPresent: false)] }
        public var problems: [String] { problem(in: validate).map { [$0] } ?? [] }

        func validate() throws { try Line.validate(path, text) }

        var edit: TextEdit {
            TextEdit(
                path: path, allowsMissingFile: true, change: { $0.remove($0.indices(of: text)) },
                undo: { lines, original in
                    if !original.indices(of: text).isEmpty { lines.keepOne(text, .end) }
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

    /// Adds a line, or removes all but the first.
    fileprivate mutating func keepOne(_ text: String, _ position: Line.Position) {
        let found = indices(of: text)
        guard found.isEmpty else { return remove(found.dropFirst()) }
        insert(text, at: place(for: position))
    }
}
