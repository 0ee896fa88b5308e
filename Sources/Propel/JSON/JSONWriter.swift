import PlainText

extension JSON: CustomStringConvertible {
    /// The value on one line with sorted keys: equal values have equal descriptions.
    public var description: String { text(indentation: nil) }

    /// The value on several lines with sorted keys, indented by two spaces per level, with a newline at the end.
    public var pretty: String { text(indentation: 0) + "\n" }

    private func text(indentation: Int?) -> String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        // JSON has neither infinity nor NaN.
        case .number(let value): value.isFinite ? String(value) : "null"
        case .string(let value): Escaping.json.quote(value)
        case .array(let elements):
            Self.list("[", elements.map { element in { element.text(indentation: $0) } }, "]", indentation)
        case .object(let members):
            Self.list(
                "{",
                members.sorted { $0.key < $1.key }.map { key, value in
                    { Escaping.json.quote(key) + ($0 == nil ? ":" : ": ") + value.text(indentation: $0) }
                },
                "}", indentation)
        }
    }

    private static func list(
        _ open: String, _ items: [(Int?) -> String], _ close: String, _ indentation: Int?
    ) -> String {
        guard let indentation, !items.isEmpty else {
            return open + items.map { $0(indentation) }.joined(separator: ",") + close
        }
        let margin = String(repeating: "  ", count: indentation)
        return open + "\n" + items.map { "\(margin)  " + $0(indentation + 1) }.joined(separator: ",\n")
            + "\n\(margin)\(close)"
    }
}
