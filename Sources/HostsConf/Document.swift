import TOMLKit

/// The text of a `hosts.conf` that is TOML, as values and as positions.
struct Document {
    let root: [String: TOMLTree]
    let outline: TOMLOutline
    let bytes: [UInt8]

    init(parsing text: String, file: String) throws(HostsConf.Errors) {
        bytes = [UInt8](text.utf8)
        func refusal(line: Int, column: Int? = nil, _ message: String) -> HostsConf.Errors {
            HostsConf.Errors(file: file, problems: [HostsConf.Problem(line: line, column: column, message: message)])
        }
        // TOMLKit reads C strings: what follows a NUL would be dropped without a word.
        if let nul = bytes.firstIndex(of: 0) {
            throw refusal(line: 1 + bytes[..<nul].count { $0 == UInt8(ascii: "\n") }, "contains a NUL byte")
        }
        outline = TOMLOutline(of: bytes)
        do {
            root = try TOMLTree.parse(text)
        } catch {
            let place = error.source.begin
            throw refusal(line: place.line, column: place.column, Self.explain(error, in: (outline, bytes)))
        }
        if let line = outline.nulEscapeLine { throw refusal(line: line, #"\u0000 cannot stand in a value"#) }
    }

    /// TOMLKit's words, and what to do about them.
    private static func explain(_ error: TOMLParseError, in document: (outline: TOMLOutline, bytes: [UInt8])) -> String {
        let prefix = "Error while parsing "
        let words = error.description.hasPrefix(prefix) ? String(error.description.dropFirst(prefix.count)) : error.description
        let line = error.source.begin.line
        if words.contains("cannot redefine") {
            let headers = document.outline.sections.filter { $0.header != nil }
            if let header = headers.first(where: { $0.line == line })?.header,
                let first = headers.first(where: { $0.header?.path == header.path }), first.line < line
            {
                return "\(words); it begins in line \(first.line) already, put its keys together there"
            }
            for section in document.outline.sections {
                if let key = section.assignments.first(where: { $0.line == line })?.key.path,
                    let first = section.assignments.first(where: { $0.key.path == key }), first.line < line
                {
                    return "\(words); it is set in line \(first.line) already, keep one of the two"
                }
            }
        }
        if words.contains("string: control characters") { return "\(words); is the closing quote missing?" }
        let valueErrors = ["value: could not determine", "boolean:", "integer:", "float:", "date", "time", "inf:", "nan:"]
        if valueErrors.contains(where: words.contains),
            let assignment = document.outline.sections.flatMap(\.assignments).first(where: { $0.line == line }),
            assignment.key.path.count == 1, let first = document.bytes[assignment.value].first,
            !"\"'[{".utf8.contains(first)
        {
            let value = String(decoding: document.bytes[assignment.value], as: UTF8.self)
            return "\(words); a text stands in quotes: \(TOMLText.key(assignment.key.path[0])) = \(TOMLText.string(value))"
        }
        return words
    }
}
