/// Reads the statements of a document: headers and assignments.
struct Parser {
    private var lexer: Lexer
    let root: TableBuilder
    private(set) var sections: [Section] = [Section(header: nil)]

    init(lexer: Lexer) {
        self.lexer = lexer
        root = TableBuilder(.header, at: (lexer.position, lexer.position.offset..<lexer.position.offset), depth: 0)
    }

    mutating func parse() throws(SyntaxError) {
        var table = root
        while true {
            try lexer.skipToContent()
            guard let byte = lexer.current else { return }
            if byte == UInt8(ascii: "[") {
                let header = try header()
                table = try root.open(header)
                sections.append(Section(header: header))
            } else {
                let assignment = try assignment(in: table)
                sections[sections.count - 1].assignments.append(assignment)
            }
            try lexer.skipLineEnd()
        }
    }

    private mutating func header() throws(SyntaxError) -> Header {
        let start = lexer.position
        lexer.advance()
        let isArrayElement = lexer.skip(UInt8(ascii: "["))
        lexer.skipBlanks()
        let path = try key()
        guard lexer.skip(UInt8(ascii: "]")), !isArrayElement || lexer.skip(UInt8(ascii: "]")) else {
            throw lexer.error(
                "expected “\(isArrayElement ? "]]" : "]")” after the name of the table, found \(lexer.found)")
        }
        return Header(
            path: path, isArrayElement: isArrayElement, position: start, bytes: start.offset..<lexer.position.offset)
    }

    private mutating func assignment(in table: TableBuilder) throws(SyntaxError) -> Assignment {
        let path = try key()
        guard lexer.skip(UInt8(ascii: "=")) else {
            throw lexer.error("expected “=” after the key, found \(lexer.found)")
        }
        lexer.skipBlanks()
        let parent = try table.parent(of: path)
        let value = try value(depth: parent.depth)
        if let last = path.last { try parent.set(last, to: value) }
        return Assignment(path: path, value: value)
    }

    /// Reads a bare, quoted or dotted key and the blanks after it.
    private mutating func key() throws(SyntaxError) -> [Key] {
        var path: [Key] = []
        repeat {
            lexer.skipBlanks()
            let start = lexer.position
            if lexer.current == UInt8(ascii: "\"") || lexer.current == UInt8(ascii: "'") {
                path.append(Key(name: try lexer.singleLineString(), isBare: false, position: start))
            } else {
                while let byte = lexer.current, Writing.isBareKeyCharacter(byte) { lexer.advance() }
                let name = lexer.bytes[start.offset..<lexer.position.offset]
                guard !name.isEmpty else { throw lexer.error("expected a name, found \(lexer.found)" + keyAdvice) }
                path.append(Key(name: String(decoding: name, as: UTF8.self), isBare: true, position: start))
                // Else the message would be of a missing “=”.
                if let byte = lexer.current, !Self.mayFollowKey.contains(byte) {
                    throw lexer.error("unexpected \(lexer.found) in a name" + keyAdvice)
                }
            }
            lexer.skipBlanks()
        } while lexer.skip(UInt8(ascii: "."))
        return path
    }

    private static let mayFollowKey = Set(" \t\r\n.=]\"'#,{}[:".utf8)

    /// The advice about a character that is not allowed in a bare name.
    private var keyAdvice: String {
        lexer.current == nil || lexer.newlineLength > 0
            ? "" : ": put names with characters other than letters, digits, “-” and “_” in quotes"
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(SyntaxError) -> Value {
        let start = lexer.position
        let content: Value.Content =
            switch lexer.current {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): .string(try lexer.string())
            case UInt8(ascii: "["): .array(try array(depth: TableBuilder.checked(depth + 1, at: start)))
            case UInt8(ascii: "{"): .table(try inlineTable(depth: TableBuilder.checked(depth + 1, at: start)))
            default: try lexer.scalar()
            }
        return Value(content: content, position: start, bytes: start.offset..<lexer.position.offset)
    }

    private mutating func array(depth: Int) throws(SyntaxError) -> [Value] {
        var elements: [Value] = []
        lexer.advance()
        while true {
            try lexer.skipToContent()
            if lexer.skip(UInt8(ascii: "]")) { return elements }
            elements.append(try value(depth: depth))
            try lexer.skipToContent()
            if lexer.skip(UInt8(ascii: ",")) { continue }
            guard lexer.current == UInt8(ascii: "]") else {
                throw lexer.error("expected “,” or “]” in the list, found \(lexer.found)")
            }
        }
    }

    private mutating func inlineTable(depth: Int) throws(SyntaxError) -> Table {
        let start = lexer.position
        let table = TableBuilder(.inline, at: (start, start.offset..<start.offset), depth: depth)
        lexer.advance()
        lexer.skipBlanks()
        if lexer.skip(UInt8(ascii: "}")) { return table.table }
        while true {
            lexer.skipBlanks()
            _ = try assignment(in: table)
            lexer.skipBlanks()
            if lexer.skip(UInt8(ascii: "}")) { return table.table }
            guard lexer.skip(UInt8(ascii: ",")) else {
                let advice = lexer.newlineLength > 0 ? ": a table in braces stands on one line" : ""
                throw lexer.error("expected “,” or “}” in the table, found \(lexer.found)\(advice)")
            }
            lexer.skipBlanks()
            if lexer.current == UInt8(ascii: "}") {
                throw lexer.error("expected a key after the comma, found “}”: remove the comma")
            }
        }
    }
}
