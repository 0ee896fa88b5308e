/// The directives in a configuration of nginx, in their order (as `ngx_conf_read_token` parses them).
struct NginxDirectives {
    struct Directive {
        /// The name and the parameters, without quotes.
        var words: [String]
        /// From the first byte to the `;` or `{` that ends it, inclusive.
        var range: Range<Int>
        /// The number of blocks around it in this text.
        var depth: Int

        var name: String { words.first ?? "" }
    }

    let all: [Directive]
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
        var reader = Reader(bytes: bytes)
        all = reader.read()
    }

    /// The text with those directives replaced for which `replacement` returns a string.
    func replacing(_ replacement: (Directive) -> String?) -> String {
        var result: [UInt8] = [], end = 0
        for directive in all {
            guard let text = replacement(directive) else { continue }
            result += bytes[end..<directive.range.lowerBound] + Array(text.utf8)
            end = directive.range.upperBound
        }
        return String(decoding: result + bytes[end...], as: UTF8.self)
    }
}

private struct Reader {
    let bytes: [UInt8]
    private var index = 0
    private var words: [String] = []
    private var start = 0
    private var depth = 0
    private var found: [NginxDirectives.Directive] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() -> [NginxDirectives.Directive] {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): index += 1
            case UInt8(ascii: "#"): skipLine()
            case UInt8(ascii: ";"): endDirective()
            case UInt8(ascii: "{"):
                endDirective()
                depth += 1
            case UInt8(ascii: "}"):
                index += 1
                depth -= 1
                words = []
            case UInt8(ascii: "\""), UInt8(ascii: "'"): readWord(until: bytes[index])
            default: readWord(until: nil)
            }
        }
        return found
    }

    private mutating func skipLine() {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
    }

    private mutating func endDirective() {
        index += 1
        if !words.isEmpty { found.append(.init(words: words, range: start..<index, depth: depth)) }
        words = []
    }

    /// - Parameter quote: the quote that it begins and ends with; nil if it has none.
    private mutating func readWord(until quote: UInt8?) {
        if words.isEmpty { start = index }
        if quote != nil { index += 1 }
        var word: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            if let quote, byte == quote {
                index += 1
                break
            }
            // The brace of `${name}` does not end a word.
            if quote == nil, Self.endsWord(byte), !(byte == UInt8(ascii: "{") && word.last == UInt8(ascii: "$")) {
                break
            }
            if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
                if !"\"'\\".utf8.contains(bytes[index + 1]) { word.append(byte) }
                index += 1
            }
            word.append(bytes[index])
            index += 1
        }
        words.append(String(decoding: word, as: UTF8.self))
    }

    private static func endsWord(_ byte: UInt8) -> Bool { " \t\r\n;{".utf8.contains(byte) }
}
