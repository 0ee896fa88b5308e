/// A document in TOML v1.0.0 (https://toml.io/en/v1.0.0), with the position of every key and value.
public struct Document: Sendable {
    /// The tables and values.
    public let root: Table
    /// The headers and assignments in the order of the text. The first section has no header and may be empty.
    public let sections: [Section]
    /// The text in UTF-8.
    public let bytes: [UInt8]

    /// The maximum nesting of tables and arrays. Deeper ones could exhaust the stack.
    public static let maximumDepth = 100

    /// Parses a document.
    ///
    /// Newlines in multi-line strings are read as LF. A byte order mark at the start of the text is ignored, as TOML
    /// v1.1 says. Floats that do not fit into a `Double` are refused, like integers of more than 64 bits.
    public init(parsing bytes: [UInt8]) throws(SyntaxError) {
        var parser = Parser(lexer: try Lexer(bytes))
        try parser.parse()
        root = parser.root.table
        sections = parser.sections
        self.bytes = bytes
    }

    public init(parsing text: String) throws(SyntaxError) { try self.init(parsing: Array(text.utf8)) }
}

/// A header with the assignments below it.
public struct Section: Sendable {
    /// nil for what stands before the first header.
    public let header: Header?
    public internal(set) var assignments: [Assignment] = []
}

/// `[path]` or `[[path]]`.
public struct Header: Sendable {
    public let path: [Key]
    /// Whether it has double brackets.
    public let isArrayElement: Bool
    /// The opening bracket.
    public let position: Position
    /// The brackets and what is between them.
    public let bytes: Range<Int>

    public var names: [String] { path.map(\.name) }
}

/// `path = value`.
public struct Assignment: Sendable {
    public let path: [Key]
    public let value: Value

    public var names: [String] { path.map(\.name) }
    /// The first character of the key.
    public var position: Position { path.first?.position ?? value.position }
}
