extension JSON {
    /// The reason why the input is not JSON, and the position.
    public struct ParseError: Error, Equatable, CustomStringConvertible {
        /// The reason: what was expected or found.
        public var reason: String
        /// The offset from the start of the text in bytes.
        public var offset: Int

        public var description: String { "\(reason) at byte \(offset)" }
    }

    /// The maximum nesting of arrays and objects, so that a hostile text cannot exhaust the stack.
    public static let depthLimit = 128

    /// Parses one JSON value (RFC 8259) in UTF-8.
    ///
    /// If an object has a key twice, the last value counts.
    /// - Throws: ``ParseError`` if the text is not exactly one value, or nested deeper than ``depthLimit``.
    public init(parsing text: some Sequence<UInt8>) throws(ParseError) {
        var parser = JSONParser(text: Array(text))
        self = try parser.document()
    }

    /// Parses one JSON value; see ``init(parsing:)-(Sequence<UInt8>)``.
    public init(parsing text: String) throws(ParseError) {
        try self.init(parsing: text.utf8)
    }
}

private struct JSONParser {
    let text: [UInt8]
    var offset = 0
    var depth = 0

    init(text: [UInt8]) { self.text = text }

    mutating func document() throws(JSON.ParseError) -> JSON {
        let value = try value()
        skipSpace()
        guard offset == text.count else { throw error("text after the value") }
        return value
    }

    private func error(_ reason: String) -> JSON.ParseError { .init(reason: reason, offset: offset) }

    private var next: UInt8? { offset < text.count ? text[offset] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    private mutating func value() throws(JSON.ParseError) -> JSON {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case nil: throw error("the text ends where a value is expected")
        default: return try number()
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSON.ParseError) -> JSON {
        let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard text[offset...].starts(with: bytes) else { throw error("not a value") }
        offset += bytes.count
        return value
    }

    private mutating func descend() throws(JSON.ParseError) {
        depth += 1
        guard depth <= JSON.depthLimit else { throw error("nested more than \(JSON.depthLimit) deep") }
        offset += 1
    }

    private mutating func object() throws(JSON.ParseError) -> JSON {
        try descend()
        defer { depth -= 1 }
        var members: [String: JSON] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a key is expected") }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("':' is expected") }
            members[key] = try value()
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw error("',' or '}' is expected") }
        }
    }

    private mutating func array() throws(JSON.ParseError) -> JSON {
        try descend()
        defer { depth -= 1 }
        var elements: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw error("',' or ']' is expected") }
        }
    }

    private mutating func string() throws(JSON.ParseError) -> String {
        offset += 1
        var bytes: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                guard let string = String(validating: bytes, as: UTF8.self) else {
                    throw error("a string that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                offset += 1
                try escape(into: &bytes)
            case 0..<0x20: throw error("a control character in a string")
            default:
                bytes.append(byte)
                offset += 1
            }
        }
        throw error("a string without an end")
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSON.ParseError) {
        guard let byte = next else { throw error("a string without an end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes.append(contentsOf: String(try unicodeEscape()).utf8)
        default: throw error("an unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(JSON.ParseError) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw error("half a surrogate pair")
        }
        let low = try hexadecimal()
        guard 0xDC00..<0xE000 ~= low,
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        else { throw error("half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(JSON.ParseError) -> UInt16 {
        guard offset + 4 <= text.count,
            text[offset..<offset + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt16(String(decoding: text[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw error("four hexadecimal digits are expected") }
        offset += 4
        return value
    }

    private mutating func number() throws(JSON.ParseError) -> JSON {
        let start = offset
        var isInteger = true
        _ = take(UInt8(ascii: "-"))
        let leadingZero = next == UInt8(ascii: "0")
        let digits = skipDigits()
        guard digits > 0, !(leadingZero && digits > 1) else {
            offset = start
            throw error("not a value")
        }
        if take(UInt8(ascii: ".")) {
            isInteger = false
            guard skipDigits() > 0 else { throw error("a digit is expected") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw error("a digit is expected") }
        }
        let written = String(decoding: text[start..<offset], as: UTF8.self)
        if isInteger, let integer = Int(written) { return .integer(integer) }
        guard let number = Double(written), number.isFinite else { throw error("a number out of range") }
        return .number(number)
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        while next?.isASCIIDigit == true { offset += 1 }
        return offset - start
    }
}
