extension Lexer {
    /// Reads a string of one of the four kinds; the lexer stands at its first quote.
    mutating func string() throws(SyntaxError) -> String {
        if starts(with: "\"\"\"") || starts(with: "'''") { return try multilineString() }
        return try singleLineString()
    }

    /// Reads `"basic"` or `'literal'`.
    mutating func singleLineString() throws(SyntaxError) -> String {
        let quote = current
        var content: [UInt8] = []
        advance()
        while let byte = current {
            if byte == quote {
                advance()
                return String(decoding: content, as: UTF8.self)
            }
            if newlineLength > 0 { break }
            try character(isBasic: quote == UInt8(ascii: "\""), into: &content)
        }
        throw error("string without a closing quote: add \(quote == UInt8(ascii: "'") ? "'" : "\"")")
    }

    private mutating func multilineString() throws(SyntaxError) -> String {
        guard let quote = current else { return "" }
        let isBasic = quote == UInt8(ascii: "\"")
        let start = position
        var content: [UInt8] = []
        advance(by: 3)
        // A newline right after the opening quotes is not part of the string.
        advance(by: newlineLength)
        while current != nil {
            let quotes = lengthOfRun(of: quote)
            if quotes >= 3 {
                // One or two quotes before the closing three belong to the string.
                let kept = min(quotes - 3, 2)
                content += Array(repeating: quote, count: kept)
                advance(by: kept + 3)
                return String(decoding: content, as: UTF8.self)
            }
            if quotes > 0 {
                content += Array(repeating: quote, count: quotes)
                advance(by: quotes)
            } else if newlineLength > 0 {
                content.append(UInt8(ascii: "\n"))
                advance(by: newlineLength)
            } else if isBasic, skipEscapedNewline() {
                continue
            } else {
                try character(isBasic: isBasic, into: &content)
            }
        }
        throw error("string without closing quotes: it begins here", at: start)
    }

    private func lengthOfRun(of byte: UInt8) -> Int { bytes[position.offset...].prefix { $0 == byte }.count }

    /// Skips a backslash at the end of a line, and all whitespace up to the next character.
    private mutating func skipEscapedNewline() -> Bool {
        guard current == UInt8(ascii: "\\") else { return false }
        var lookahead = self
        lookahead.advance()
        lookahead.skipBlanks()
        guard lookahead.newlineLength > 0 else { return false }
        while lookahead.newlineLength > 0 {
            lookahead.advance(by: lookahead.newlineLength)
            lookahead.skipBlanks()
        }
        self = lookahead
        return true
    }

    /// Reads one character or one escape.
    private mutating func character(isBasic: Bool, into content: inout [UInt8]) throws(SyntaxError) {
        guard let byte = current else { return }
        if isBasic, byte == UInt8(ascii: "\\") {
            content += Array(String(try escape()).utf8)
        } else if Self.isControl(byte) {
            throw error(
                "\(Self.name(ofControl: byte)) in a string: "
                    + (isBasic
                        ? "write it as an escape, such as \\n or \\u001B"
                        : "use a string in double quotes and an escape"))
        } else {
            let start = position.offset
            advance()
            content += bytes[start..<position.offset]
        }
    }

    private mutating func escape() throws(SyntaxError) -> Unicode.Scalar {
        let start = position
        advance()
        // Past the last character, which decides.
        defer { advance() }
        switch current {
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "u"): return try escape(ofDigits: 4, startingAt: start)
        case UInt8(ascii: "U"): return try escape(ofDigits: 8, startingAt: start)
        default:
            throw error(
                "\(found) after a backslash is not an escape: "
                    + "write \\\\ for a backslash, or put the string in single quotes",
                at: start)
        }
    }

    /// Reads the digits of `\uXXXX` or `\UXXXXXXXX` up to the last one.
    private mutating func escape(ofDigits count: Int, startingAt start: Position) throws(SyntaxError) -> Unicode.Scalar
    {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let next = byte(after: 1), let digit = Self.hexadecimalValue(of: next) else {
                throw error("\\\(count == 4 ? "u" : "U") needs \(count) hexadecimal digits", at: start)
            }
            value = value << 4 | digit
            advance()
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw error("U+\(String(value, radix: 16, uppercase: true)) is not a Unicode character", at: start)
        }
        return scalar
    }

    static func hexadecimalValue(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
