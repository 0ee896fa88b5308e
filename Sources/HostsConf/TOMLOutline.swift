/// Where the headers, keys and values of a TOML document stand.
///
/// TOMLKit gives values without positions, and errors need lines. This reads only as much of TOML v1.0.0 as positions take
/// and is meant for a text that TOMLKit has accepted; of another text it makes what it can.
struct TOMLOutline {
    /// `[a."b.c"]` or the part before an `=`.
    struct Key: Equatable {
        var path: [String]
        /// No part of it is in quotes.
        var isBare: Bool
    }

    /// `key = value`.
    struct Assignment {
        var key: Key
        /// Counted from 1.
        var line: Int
        /// The bytes of the value, quotes included, without a comment.
        var value: Range<Int>
        /// The line of each element, where the value is an array.
        var elementLines: [Int]
    }

    /// A header and what stands under it.
    struct Section {
        /// None for what stands before the first header.
        var header: Key?
        /// `[[header]]`.
        var isArrayElement: Bool
        /// Counted from 1.
        var line: Int
        /// The byte after the header's closing bracket.
        var headerEnd: Int
        var assignments: [Assignment] = []
    }

    private(set) var sections: [Section] = []
    /// The line of the first escape that stands for U+0000, which a C string cannot hold.
    private(set) var nulEscapeLine: Int?

    /// The first thing that TOMLKit must not see: 0.6.0 ends the process by an assertion at headers and values that are none
    /// (toml++ 3.4.0, parse_key and parse_time for example).
    private(set) var malformed: Malformed?

    struct Malformed: Equatable {
        enum Kind { case header, value }
        var kind: Kind
        /// The first byte of the header or of the key that it is the value of.
        var statement: Int
        var text: Range<Int>
        /// Counted from 1.
        var line: Int
    }

    init(of bytes: [UInt8]) {
        var scanner = Scanner(bytes: bytes)
        sections = [Section(header: nil, isArrayElement: false, line: 1, headerEnd: scanner.position)]
        while scanner.skipToContent() {
            let line = scanner.line
            if scanner.current == UInt8(ascii: "[") {
                let start = scanner.position
                scanner.advance()
                let isArrayElement = scanner.skip(UInt8(ascii: "["))
                scanner.skipBlanks()
                if malformed == nil, let byte = scanner.current, !Scanner.beginsHeader(byte) {
                    let text = scanner.position..<scanner.position + 1
                    malformed = Malformed(kind: .header, statement: start, text: text, line: line)
                }
                let key = scanner.key()
                _ = scanner.skip(UInt8(ascii: "]"))
                if isArrayElement { _ = scanner.skip(UInt8(ascii: "]")) }
                sections.append(
                    Section(header: key, isArrayElement: isArrayElement, line: line, headerEnd: scanner.position))
            } else {
                let start = scanner.position
                let key = scanner.key()
                scanner.skipBlanks()
                guard scanner.skip(UInt8(ascii: "=")) else {
                    scanner.skipLine()
                    continue
                }
                scanner.skipBlanks()
                let (value, elementLines) = scanner.value()
                if malformed == nil, let (text, line) = scanner.malformedScalar {
                    malformed = Malformed(kind: .value, statement: start, text: text, line: line)
                }
                sections[sections.count - 1].assignments.append(
                    Assignment(key: key, line: line, value: value, elementLines: elementLines))
            }
        }
        nulEscapeLine = scanner.nulEscapeLine
    }

    /// The line of the first header or key whose full path is `path` or begins with it.
    func line(of path: [String]) -> Int? {
        for section in sections {
            let prefix = section.header?.path ?? []
            if section.header != nil, prefix.starts(with: path) { return section.line }
            for assignment in section.assignments where (prefix + assignment.key.path).starts(with: path) {
                return assignment.line
            }
        }
        return nil
    }

    /// The assignment whose full path is `path`.
    func assignment(to path: [String]) -> Assignment? {
        for section in sections {
            let prefix = section.header?.path ?? []
            for assignment in section.assignments where prefix + assignment.key.path == path { return assignment }
        }
        return nil
    }
}

private struct Scanner {
    let bytes: [UInt8]
    var position = 0
    var line = 1
    var nulEscapeLine: Int?
    /// The first value without quotes that is none, and its line.
    var malformedScalar: (Range<Int>, Int)?

    init(bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func advance() {
        if current == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        advance()
        return true
    }

    mutating func skipBlanks() {
        while let byte = current, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { advance() }
    }

    mutating func skipLine() {
        while let byte = current, byte != UInt8(ascii: "\n") { advance() }
    }

    /// Past white space, ends of lines and comments; false at the end of the text.
    mutating func skipToContent() -> Bool {
        while let byte = current {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): advance()
            case UInt8(ascii: "#"): skipLine()
            default: return true
            }
        }
        return false
    }

    /// A bare, quoted or dotted key.
    mutating func key() -> TOMLOutline.Key {
        var key = TOMLOutline.Key(path: [], isBare: true)
        repeat {
            skipBlanks()
            if current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") {
                key.isBare = false
                key.path.append(quotedKey())
            } else {
                let start = position
                while let byte = current, !Self.endsBareKey.contains(byte) { advance() }
                // A stray `=` or `]` must not stop the scan.
                if position == start, let byte = current, byte != UInt8(ascii: "=") && byte != UInt8(ascii: "]") {
                    advance()
                }
                key.path.append(String(decoding: bytes[start..<position], as: UTF8.self))
            }
            skipBlanks()
        } while skip(UInt8(ascii: "."))
        return key
    }

    /// A letter, digit, dash, underscore or quote; a bracket too, about which TOMLKit has words.
    static func beginsHeader(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_\"'[]".utf8.contains(byte)
        }
    }

    static let endsBareKey: Set<UInt8> = Set(" \t\r\n.=]\"'#".utf8)

    mutating func quotedKey() -> String {
        let start = position + 1
        let isBasic = current == UInt8(ascii: "\"")
        skipString()
        let end = max(start, position - 1)
        let content = bytes[min(start, end)..<min(end, bytes.count)]
        return isBasic ? unescaped(content) : String(decoding: content, as: UTF8.self)
    }

    /// A value, from its first to behind its last byte, and the lines of the elements of an array.
    mutating func value() -> (Range<Int>, [Int]) {
        let start = position
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            skipString()
            return (start..<position, [])
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let isArray = current == UInt8(ascii: "[")
            let elements = skipBrackets()
            return (start..<position, isArray ? elements : [])
        default:
            return (scalar(until: "\n#"), [])
        }
    }

    static let blanks: Set<UInt8> = Set(" \t\r".utf8)

    /// A number, a boolean or a date, without the blanks behind it.
    mutating func scalar(until terminators: String) -> Range<Int> {
        let start = position
        let startLine = line
        while let byte = current, !terminators.utf8.contains(byte) { advance() }
        var end = position
        while end > start, Self.blanks.contains(bytes[end - 1]) { end -= 1 }
        if start < end, malformedScalar == nil, !TOMLText.isScalar(String(decoding: bytes[start..<end], as: UTF8.self))
        {
            malformedScalar = (start..<end, startLine)
        }
        return start..<end
    }

    /// Past an array or an inline table; the lines where the elements directly inside of it begin.
    mutating func skipBrackets() -> [Int] {
        var elements: [Int] = []
        /// Whether each bracket that is open is an inline table's.
        var open: [Bool] = []
        var expectsValue = false
        while let byte = current {
            let isTable = open.last == true
            let isMismatch = byte == UInt8(ascii: "]") && isTable || byte == UInt8(ascii: "}") && !isTable
            if malformedScalar == nil, isMismatch || isTable && expectsValue && ",}#\n".utf8.contains(byte) {
                malformedScalar = (position..<position + 1, line)
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                advance()
                continue
            case UInt8(ascii: "#"):
                skipLine()
                continue
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                advance()
                open.removeLast()
                if open.isEmpty { return elements }
                expectsValue = false
                continue
            case UInt8(ascii: ","):
                advance()
                expectsValue = open.last == false
                continue
            case UInt8(ascii: "=") where open.last == true:
                advance()
                expectsValue = true
                continue
            default: break
            }
            if open == [false], expectsValue { elements.append(line) }
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                advance()
                open.append(byte == UInt8(ascii: "{"))
                expectsValue = byte == UInt8(ascii: "[")
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                skipString()
                expectsValue = false
            case _ where expectsValue:
                _ = scalar(until: ",]}#\n")
                expectsValue = false
            default: advance()
            }
        }
        return elements
    }

    /// Past a string of any of the four kinds.
    mutating func skipString() {
        guard let quote = current else { return }
        let isBasic = quote == UInt8(ascii: "\"")
        let isMultiline = starts(with: [quote, quote, quote])
        for _ in 0..<(isMultiline ? 3 : 1) { advance() }
        while let byte = current {
            if isBasic, byte == UInt8(ascii: "\\") {
                if starts(with: Array(#"\u0000"#.utf8)) || starts(with: Array(#"\U00000000"#.utf8)) {
                    nulEscapeLine = nulEscapeLine ?? line
                }
                advance()
                if current != nil { advance() }
            } else if byte == quote {
                if !isMultiline {
                    advance()
                    return
                }
                if starts(with: [quote, quote, quote]) {
                    for _ in 0..<3 { advance() }
                    // One or two quotes before the closing three belong to the string.
                    for _ in 0..<2 { _ = skip(quote) }
                    return
                }
                advance()
            } else if byte == UInt8(ascii: "\n"), !isMultiline {
                return
            } else {
                advance()
            }
        }
    }

    func starts(with prefix: [UInt8]) -> Bool { bytes[position...].starts(with: prefix) }

    func unescaped(_ content: ArraySlice<UInt8>) -> String {
        var result = String.UnicodeScalarView()
        var scalars = Substring(decoding: content, as: UTF8.self).unicodeScalars
        while let scalar = scalars.popFirst() {
            guard scalar == "\\", let escape = scalars.popFirst() else {
                result.append(scalar)
                continue
            }
            switch escape {
            case "b": result.append("\u{8}")
            case "t": result.append("\t")
            case "n": result.append("\n")
            case "f": result.append("\u{c}")
            case "r": result.append("\r")
            case "u", "U":
                let digits = String(String.UnicodeScalarView(scalars.prefix(escape == "u" ? 4 : 8)))
                scalars = scalars.dropFirst(digits.unicodeScalars.count)
                if let value = UInt32(digits, radix: 16), let decoded = Unicode.Scalar(value) { result.append(decoded) }
            default: result.append(escape)
            }
        }
        return String(result)
    }
}
