import TOMLKit

/// The text of a `hosts.conf` that is TOML, as values and as positions.
struct Document {
    let root: [String: TOMLTree]
    let outline: TOMLOutline
    let bytes: [UInt8]

    init(parsing text: String, file: String) throws(HostsConf.Errors) {
        let bytes = [UInt8](text.utf8)
        self.bytes = bytes
        func refusal(line: Int, column: Int? = nil, _ message: String) -> HostsConf.Errors {
            HostsConf.Errors(file: file, problems: [HostsConf.Problem(line: line, column: column, message: message)])
        }
        // TOMLKit reads C strings: what follows a NUL would be dropped without a word.
        if let nul = bytes.firstIndex(of: 0) {
            throw refusal(line: 1 + bytes[..<nul].count { $0 == UInt8(ascii: "\n") }, "contains a NUL byte")
        }
        outline = TOMLOutline(of: bytes)
        // What stands before has no such thing, and perhaps an error of its own, which then is the first one.
        let parsed = outline.malformed.map { String(decoding: bytes[..<$0.statement], as: UTF8.self) } ?? text
        do {
            root = try TOMLTree.parse(parsed)
        } catch {
            let place = error.source.begin
            throw refusal(line: place.line, column: place.column, Self.explain(error, in: outline))
        }
        if let malformed = outline.malformed {
            let lineStart = bytes[..<malformed.text.lowerBound].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            let column =
                1 + String(decoding: bytes[lineStart..<malformed.text.lowerBound], as: UTF8.self).unicodeScalars.count
            throw refusal(line: malformed.line, column: column, Self.explain(malformed, in: bytes))
        }
        if let line = outline.nulEscapeLine { throw refusal(line: line, #"\u0000 cannot stand in a value"#) }
    }

    private static func explain(_ malformed: TOMLOutline.Malformed, in bytes: [UInt8]) -> String {
        switch malformed.kind {
        case .header:
            let rest = String(decoding: bytes[malformed.text.lowerBound...].prefix(64), as: UTF8.self)
            return "table header: expected a name, saw '\(rest.unicodeScalars.first?.escaped(asASCII: false) ?? "")'; "
                + "a name with other characters than letters, digits, \"-\" and \"_\" stands in quotes"
        case .value:
            let text = String(decoding: bytes[malformed.text], as: UTF8.self)
            let shown = text.count > 40 ? text.prefix(37) + "…" : text[...]
            return "expected a value; a text stands in quotes: \(TOMLText.string(String(shown)))"
        }
    }

    /// TOMLKit's words, and what to do about them.
    private static func explain(_ error: TOMLParseError, in outline: TOMLOutline) -> String {
        let prefix = "Error while parsing "
        let words =
            error.description.hasPrefix(prefix) ? String(error.description.dropFirst(prefix.count)) : error.description
        let line = error.source.begin.line
        if words.contains("cannot redefine") {
            let headers = outline.sections.filter { $0.header != nil }
            if let header = headers.first(where: { $0.line == line })?.header,
                let first = headers.first(where: { $0.header?.path == header.path }), first.line < line
            {
                return "\(words); it begins in line \(first.line) already, put its keys together there"
            }
            for section in outline.sections {
                if let key = section.assignments.first(where: { $0.line == line })?.key.path,
                    let first = section.assignments.first(where: { $0.key.path == key }), first.line < line
                {
                    return "\(words); it is set in line \(first.line) already, keep one of the two"
                }
            }
        }
        if words.contains("string: control characters") { return "\(words); is the closing quote missing?" }
        return words
    }
}
