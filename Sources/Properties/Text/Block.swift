/// Lines between two markers, in a text file of which others decide the rest.
///
///     Block("/etc/hosts", "cluster", "10.0.0.1 node1\n10.0.0.2 node2\n")
///     Block("/etc/rsyncd.conf", "photos", "[photos]\npath = /srv/photos\n", position: .start)
///     Block("/root/.my.cnf", "client", "[client]\npassword=\(Secret("db-password"))\n", createsFile: true)
///
/// The markers are comments with the name of the block, by which it is found again:
/// `# begin cluster, kept by Propel` and `# end cluster, kept by Propel`.
///
/// A file that everybody may read is refused for lines with secrets, and a plan does not show the edit.
public struct Block: TextEditing {
    public typealias Target = UnixLike

    public let path: FilePath
    public let id: String
    public let text: Content
    /// The beginning of a comment in the file.
    public let comment: String
    public let position: Line.Position
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
    ///   - id: the name of the block in the file: letters, digits, spaces, `-`, `_` and `.`.
    ///   - text: the lines. Secrets, facts and files of the repository may be in it.
    ///   - comment: the beginning of a comment in the file; `#` by default.
    ///   - position: the place of the block if it is added; the end by default. A block that is there stays where it
    ///     is.
    ///   - createsFile: whether a missing file is created; no by default.
    ///   - mode: the permission bits of a file that is created; 0644 by default, and 0600 if there are secrets in it.
    ///     One that is there keeps its own.
    ///   - owner: the name of a user, or a UID, for a file that is created; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - validation: the program that must exit with 0 before the new content is put in place, given the path of the
    ///     candidate.
    public init(
        _ path: FilePath, _ id: String, _ text: Content, comment: String = "#", position: Line.Position = .end,
        createsFile: Bool = false, mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.path = path
        self.id = id
        self.text = text
        self.comment = comment
        self.position = position
        self.createsFile = createsFile
        self.mode = mode ?? (text.secrets.isEmpty ? 0o644 : 0o600)
        self.owner = owner
        self.group = group
        self.validation = validation
    }

    /// A block of lines that are computed; see the initializer that takes a ``/Propel/Content``. Secrets are
    /// interpolated only in a literal that is passed directly: a `String` has no room for them.
    @_disfavoredOverload
    public init(
        _ path: FilePath, _ id: String, _ text: String, comment: String = "#", position: Line.Position = .end,
        createsFile: Bool = false, mode: FileMode? = nil, owner: String = "root", group: String? = nil,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.init(
            path, id, Content(text), comment: comment, position: position, createsFile: createsFile, mode: mode,
            owner: owner, group: group, validation: validation)
    }

    public var name: String { Self.subject(path, id) }
    fileprivate static func subject(_ path: FilePath, _ id: String) -> String { "the block \(id) in \(path)" }
    public var claims: [Claim] {
        let count = Self.lines(of: text.described).count
        return [
            Claim(name, is: "\(comment)\n\(text.fingerprint)", summary: "\(count) \(count == 1 ? "line" : "lines")")
        ]
    }
    public var problems: [String] { problems(in: validate) }

    /// The same, and before each edit what is there is copied to `/var/backups/propel/PATH/TIME`; see
    /// ``File/keepingVersions(_:)``.
    /// - Parameter count: how many versions are kept, the latest ones; 5 by default.
    public func keepingVersions(_ count: Int = 5) -> Block {
        var block = self
        block.keptVersions = count
        return block
    }

    private var versions: FileVersions? { keptVersions.map { FileVersions(path: path, count: $0) } }

    private var beginning: String { Self.beginning(of: id, comment) }
    private var end: String { Self.end(of: id, comment) }
    fileprivate static func beginning(of id: String, _ comment: String) -> String {
        "\(comment) begin \(id), kept by Propel"
    }
    fileprivate static func end(of id: String, _ comment: String) -> String { "\(comment) end \(id), kept by Propel" }
    private static func lines(of text: String) -> [String] { TextLines(Array(text.utf8)).all }

    var edit: TextEdit {
        TextEdit(
            path: path, place: name, content: text, createsFile: createsFile,
            new: NewFile(mode: mode, owner: owner, group: group), validation: validation, versions: versions,
            refuse: refuse,
            decided: { lines in range(in: lines).map { $0.map { lines[$0] } } ?? [] }, change: put,
            undo: { lines, original in
                // Markers in the original are of an earlier host with this block: they stay.
                guard range(in: original) == nil, let range = range(in: lines) else { return }
                lines.remove(range)
            })
    }

    /// The block with its markers.
    private func range(in lines: TextLines) -> Range<Int>? { lines.block(from: beginning, to: end) }

    private func put(_ lines: inout TextLines, _ text: String) {
        let wanted = [beginning] + Self.lines(of: text) + [end]
        if let range = range(in: lines) {
            guard range.map({ lines[$0] }) != wanted else { return }
            lines.remove(range)
            for (offset, line) in wanted.enumerated() { lines.insert(line, at: range.lowerBound + offset) }
        } else {
            let start = lines.place(for: position)
            for (offset, line) in wanted.enumerated() { lines.insert(line, at: start + offset) }
        }
    }

    func validate() throws {
        try validateAbsolute(path)
        try Properties.validate(mode, of: path)
        try validatePrivate(mode, of: path, with: secrets)
        try versions?.validate()
        let isName =
            !id.trimmed.isEmpty && id.trimmed == id
            && id.utf8.allSatisfy { $0.isASCIILetterOrDigit || " -_.".utf8.contains($0) }
        guard isName else {
            throw Failure(
                "invalid name of a block “\(id.escaped)”: use letters, digits, spaces, “-”, “_” and “.”")
        }
        guard !comment.isEmpty, !comment.utf8.contains(where: { $0 < 0x20 }) else {
            throw Failure("invalid beginning of a comment “\(comment.escaped)” for \(path): use one such as #")
        }
        try refuse(text.described)
    }

    /// - Throws: ``Failure`` if the block would not be found again with the text in it.
    private func refuse(_ text: String) throws {
        guard !text.utf8.contains(0), !Self.lines(of: text).contains(where: { [beginning, end].contains($0.trimmed) })
        else { throw Failure("the block \(id) of \(path) contains a NUL or one of its markers: leave that out") }
    }
}

extension Block {
    /// No block in a text file: neither its markers nor the lines between them.
    ///
    ///     Block.Absent("/etc/rsyncd.conf", "photos")
    ///     Block.Absent("/etc/rc.local", from: "# BEGIN ANSIBLE MANAGED BLOCK", to: "# END ANSIBLE MANAGED BLOCK")
    ///
    /// The second form is for what another program has put there. Of a block without an end only the first line goes.
    public struct Absent: TextEditing {
        public typealias Target = UnixLike

        public let path: FilePath
        public let beginning: String
        public let end: String
        /// The subject of its claim: “the block cluster in /etc/x”.
        private let subject: String

        /// - Parameters:
        ///   - path: absolute: the file. A missing file has no blocks.
        ///   - id: the name of the block in the file.
        ///   - comment: the beginning of a comment in the file; `#` by default.
        public init(_ path: FilePath, _ id: String, comment: String = "#") {
            self.path = path
            beginning = Block.beginning(of: id, comment)
            end = Block.end(of: id, comment)
            subject = Block.subject(path, id)
        }

        /// A block between two lines.
        /// - Parameters:
        ///   - path: absolute: the file. A missing file has no blocks.
        ///   - beginning: its first line, which goes too.
        ///   - end: its last line, which goes too.
        public init(_ path: FilePath, from beginning: String, to end: String) {
            self.path = path
            self.beginning = beginning
            self.end = end
            subject = "the block from “\(beginning.trimmed)” in \(path)"
        }

        public var name: String { "no \(subject.dropFirst("the ".count))" }
        public var claims: [Claim] { [Claim(subject, is: "absent")] }
        public var problems: [String] { problems(in: validate) }

        func validate() throws {
            try validateAbsolute(path)
            for line in [beginning, end] {
                guard !line.trimmed.isEmpty, !line.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
                    throw Failure(
                        "“\(line.escaped)” is not a line that begins or ends a block of \(path)",
                        advice: "Give the whole line, without its newline.")
                }
            }
        }

        var edit: TextEdit {
            TextEdit(
                path: path, allowsMissingFile: true,
                change: { lines in
                    while let range = lines.block(from: beginning, to: end) { lines.remove(range) }
                },
                undo: { lines, original in
                    guard lines.block(from: beginning, to: end) == nil,
                        let range = original.block(from: beginning, to: end)
                    else { return }
                    for index in range { lines.append(original[index]) }
                })
        }
    }
}

extension TextLines {
    /// The lines of the first block between two lines, which are in it. A block without an end, which somebody has
    /// removed, is its first line only, also if there is another block after it.
    fileprivate func block(from beginning: String, to end: String) -> Range<Int>? {
        let beginning = beginning.trimmed, end = end.trimmed
        guard let first = indices.first(where: { self[$0].trimmed == beginning }) else { return nil }
        let next = indices[(first + 1)...].first { [beginning, end].contains(self[$0].trimmed) }
        guard let next, self[next].trimmed == end else { return first..<first + 1 }
        return first..<next + 1
    }

    /// The lines without their newlines.
    var all: [String] { indices.map { self[$0] } }

    /// The index at which a line is inserted.
    func place(for position: Line.Position) -> Int {
        switch position {
        case .start: 0
        case .end: indices.endIndex
        case .after(let start): indices.last { self[$0].hasPrefix(start) }.map { $0 + 1 } ?? indices.endIndex
        case .before(let start): indices.first { self[$0].hasPrefix(start) } ?? indices.endIndex
        }
    }
}
