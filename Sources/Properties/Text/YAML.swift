/// A document that YAML 1.1 and 1.2 read alike. Maps keep their order, and a string is quoted if any reader could take
/// it for something else.
///
/// Libraries for YAML need Foundation, which the enforcer must not link.
indirect enum YAML: Sendable, Hashable {
    case text(String)
    case integer(Int)
    /// A number with a fraction.
    case number(Double)
    case bool(Bool)
    case list([YAML])
    case map([Entry])

    struct Entry: Sendable, Hashable {
        var key: String
        var value: YAML
    }

    /// A map of strings in the order of their keys.
    static func map(sorting strings: [String: String]) -> YAML {
        .map(strings.sorted { $0.key < $1.key }.map { Entry(key: $0.key, value: .text($0.value)) })
    }

    /// The lines of the document, each with a newline.
    var document: String { lines.map { $0 + "\n" }.joined() }

    private var lines: [String] {
        switch self {
        case .text(let text): [Self.quoted(text)]
        case .integer(let number): ["\(number)"]
        case .number(let number): ["\(number)"]
        case .bool(let value): ["\(value)"]
        case .list(let values): values.isEmpty ? ["[]"] : values.flatMap { Self.hung(below: "- ", $0.lines) }
        case .map(let entries): entries.isEmpty ? ["{}"] : entries.flatMap { Self.lines(of: $0) }
        }
    }

    private static func lines(of entry: Entry) -> [String] {
        let key = quoted(entry.key) + ":", lines = entry.value.lines
        return switch entry.value {
        case .map(let entries) where !entries.isEmpty: [key] + lines.map { "  " + $0 }
        case .list(let values) where !values.isEmpty: [key] + lines.map { "  " + $0 }
        default: ["\(key) \(lines.joined())"]
        }
    }

    /// Lines after a mark such as `- `, indented to the first one.
    private static func hung(below mark: String, _ lines: [String]) -> [String] {
        let space = String(repeating: " ", count: mark.utf8.count)
        return lines.enumerated().map { ($0 == 0 ? mark : space) + $1 }
    }

    /// The string in double quotes, unless every reader takes it for a string: `0x10`, `1:30`, `yes` and `1e3` are not
    /// strings to some.
    static func quoted(_ text: String) -> String {
        isPlain(text) ? text : Escaping.yaml.quote(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first,
            first.isASCIILetterOrDigit && !first.isASCIIDigit || first == UInt8(ascii: "/")
        else { return false }
        guard !["true", "false", "yes", "no", "on", "off", "y", "n", "null"].contains(text.lowercased()) else {
            return false
        }
        // A colon only inside a word: shop/app:1.2.
        return text.utf8.last != UInt8(ascii: ":")
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-./@+:".utf8.contains($0) }
    }
}

extension YAML: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    init(stringLiteral text: String) { self = .text(text) }
    init(arrayLiteral values: YAML...) { self = .list(values) }
    init(dictionaryLiteral entries: (String, YAML)...) { self = .map(entries.map { Entry(key: $0, value: $1) }) }

    /// A map of the entries that have a value.
    static func map(present entries: KeyValuePairs<String, YAML?>) -> YAML {
        .map(entries.compactMap { key, value in value.map { Entry(key: key, value: $0) } })
    }
}
