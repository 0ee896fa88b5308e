/// Reads a document byte by byte, with the line and column of each.
struct Lexer {
    let bytes: [UInt8]
    private(set) var position = Position()

    init(_ bytes: [UInt8]) throws(SyntaxError) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position.offset = 3 }
        try requireUTF8()
    }

    private func requireUTF8() throws(SyntaxError) {
        var place = position
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes[place.offset...].makeIterator()
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .emptyInput: return
            case .error:
                throw SyntaxError(
                    position: place, message: "not UTF-8: save the file in that encoding (iconv -t UTF-8)")
            case .valid(let scalar):
                let isNewline = scalar.first == UInt8(ascii: "\n")
                place.line += isNewline ? 1 : 0
                place.column = isNewline ? 1 : place.column + 1
                place.offset += scalar.count
            }
        }
    }

    var current: UInt8? { position.offset < bytes.count ? bytes[position.offset] : nil }

    func byte(after distance: Int) -> UInt8? {
        position.offset + distance < bytes.count ? bytes[position.offset + distance] : nil
    }

    mutating func advance() {
        guard let byte = current else { return }
        position.offset += 1
        if byte == UInt8(ascii: "\n") {
            position.line += 1
            position.column = 1
        } else {
            position.column += 1
        }
        // The other bytes of a scalar begin with the bits 10.
        while let rest = current, rest & 0xC0 == 0x80 { position.offset += 1 }
    }

    mutating func advance(by count: Int) { for _ in 0..<count { advance() } }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        advance()
        return true
    }

    func starts(with prefix: StaticString) -> Bool {
        prefix.withUTF8Buffer { bytes[position.offset...].starts(with: $0) }
    }

    /// The number of bytes of a newline here: 1 for LF, 2 for CRLF, 0 for anything else.
    var newlineLength: Int {
        if current == UInt8(ascii: "\n") { return 1 }
        return current == UInt8(ascii: "\r") && byte(after: 1) == UInt8(ascii: "\n") ? 2 : 0
    }

    mutating func skipBlanks() {
        while let byte = current, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { advance() }
    }

    /// Skips whitespace, newlines and comments.
    mutating func skipToContent() throws(SyntaxError) {
        while true {
            skipBlanks()
            try skipComment()
            let length = newlineLength
            if length == 0 { return }
            advance(by: length)
        }
    }

    private mutating func skipComment() throws(SyntaxError) {
        guard skip(UInt8(ascii: "#")) else { return }
        while let byte = current, newlineLength == 0 {
            if Self.isControl(byte) {
                throw error(
                    "\(Self.name(ofControl: byte)) in a comment: control characters other than tab are not allowed")
            }
            advance()
        }
    }

    /// Skips what may follow a header or a value on its line.
    mutating func skipLineEnd() throws(SyntaxError) {
        skipBlanks()
        try skipComment()
        let length = newlineLength
        guard length > 0 || current == nil else { throw error("expected the end of the line, found \(found)") }
        advance(by: length)
    }

    /// Whether `byte` is a control character other than tab.
    static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7F }

    static func name(ofControl byte: UInt8) -> String {
        if byte == UInt8(ascii: "\r") { return "carriage return without a newline" }
        let digits = String(byte, radix: 16, uppercase: true)
        return "control character U+" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    func error(_ message: String, at place: Position? = nil) -> SyntaxError {
        SyntaxError(position: place ?? position, message: message)
    }

    /// The character here as an error names it.
    var found: String {
        guard let byte = current else { return "the end of the file" }
        if newlineLength > 0 { return "the end of the line" }
        if byte == UInt8(ascii: "\t") { return "a tab" }
        if Self.isControl(byte) { return "a \(Self.name(ofControl: byte))" }
        let scalar = Substring(decoding: bytes[position.offset...].prefix(4), as: UTF8.self).unicodeScalars.first
        return "“\((scalar.map { String($0) } ?? "").shown)”"
    }
}

extension String {
    /// The text as it stands in a message: with escapes for characters that a terminal would act on.
    var shown: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: text += scalar.escaped(asASCII: true)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The first 37 characters and an ellipsis, if the text is longer than 40.
    var shortened: String {
        unicodeScalars.count > 40 ? String(String.UnicodeScalarView(unicodeScalars.prefix(37))) + "…" : self
    }
}
