extension JSON: CustomStringConvertible {
    /// The value on one line, its keys sorted: equal values are written alike, byte for byte.
    public var description: String { text(indentation: nil) }

    /// The value over several lines, two spaces a level, its keys sorted, with a line feed at its end.
    public var pretty: String { text(indentation: 0) + "\n" }

    private func text(indentation: Int?) -> String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        // JSON has neither infinity nor NaN.
        case .number(let value): value.isFinite ? String(value) : "null"
        case .string(let value): Self.quoted(value)
        case .array(let elements):
            Self.list("[", elements.map { element in { element.text(indentation: $0) } }, "]", indentation)
        case .object(let members):
            Self.list(
                "{",
                members.sorted { $0.key < $1.key }.map { key, value in
                    { Self.quoted(key) + ($0 == nil ? ":" : ": ") + value.text(indentation: $0) }
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

    private static func quoted(_ string: String) -> String {
        var quoted = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            // Also the C1 controls and the line separators: a terminal or a line reader may act on them.
            case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
