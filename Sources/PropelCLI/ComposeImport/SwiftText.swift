import PlainText

/// Strings and names as Swift writes them.
enum SwiftText {
    /// A string in double quotes.
    static func quote(_ text: String) -> String { "\"\(escape(text))\"" }

    /// Strings in double quotes, with commas between them.
    static func list(_ texts: [String]) -> String { texts.map(quote).joined(separator: ", ") }

    /// The content of a string in double quotes.
    /// - Parameter inLines: whether it is one over several lines, in which newlines and quotes are themselves; no by
    ///   default.
    static func escape(_ text: String, inLines: Bool = false) -> String {
        let escaped = text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += inLines ? "\"" : "\\\""
            case "\n": result += inLines ? "\n" : "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\0"..<" ", "\u{7F}"..."\u{A0}", "\u{2028}", "\u{2029}", "\u{200B}"..."\u{200F}",
                "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{FEFF}":
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        guard inLines else { return escaped }
        // Three quotes would end it, also with a combining mark after them.
        let quotes = "\"\"\"".unicodeScalars, replacement = "\\\"\\\"\\\"".unicodeScalars
        return String(escaped.unicodeScalars.replacing(quotes, with: replacement))
    }

    /// A string over several lines, indented by nothing.
    /// - Parameter escaped: its content; see ``escape(_:inLines:)``.
    static func lines(_ escaped: String) -> [String] {
        let lines = escaped.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" }).map(String.init)
        return ["\"\"\""] + lines + ["\"\"\""]
    }

    /// A name of a constant: `DB_HOST` is `dbHost`.
    static func name(_ variable: String) -> String {
        // Some letters join the next character to themselves, a quote too.
        let words = variable.lowercased().split {
            !($0.isLetter || $0.isNumber) || $0.unicodeScalars.dropFirst().contains(where: \.isASCII)
        }
        let name = words.enumerated().map { $0 == 0 ? String($1) : $1.prefix(1).uppercased() + $1.dropFirst() }.joined()
        let isPlain = name.first?.isLetter == true && !reserved.contains(name)
        return isPlain ? name : "value" + name.prefix(1).uppercased() + name.dropFirst()
    }

    /// A name that is not taken: `data`, `data-2`, `data-3`.
    static func free(_ base: String, besides taken: Set<String>) -> String {
        if !taken.contains(base) { return base }
        return (2...).lazy.map { "\(base)-\($0)" }.first { !taken.contains($0) } ?? base
    }

    /// A call with an argument on each line: `name(`, `    first,`, `    last)`.
    static func call(_ name: String, _ arguments: [String]) -> [String] {
        ["\(name)("] + arguments.enumerated().map { "    \($1)" + ($0 == arguments.count - 1 ? ")" : ",") }
    }

    private static let reserved: Set<String> = [
        "as", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do", "else", "enum",
        "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "host", "if", "import", "in",
        "init",
        "inout", "internal", "is", "let", "nil", "operator", "private", "protocol", "public", "repeat", "rethrows",
        "return", "self", "static", "struct", "subscript", "super", "switch", "throw", "throws", "true", "try",
        "typealias", "var", "where", "while", "machine",
    ]

    /// A duration: `.seconds(90)`.
    static func duration(_ milliseconds: Int) -> String {
        if milliseconds % 60_000 == 0, milliseconds >= 60_000 { return ".minutes(\(milliseconds / 60_000))" }
        return milliseconds % 1000 == 0 ? ".seconds(\(milliseconds / 1000))" : ".milliseconds(\(milliseconds))"
    }

    /// A size in bytes: `"512 MiB"`.
    static func size(_ bytes: Int) -> String {
        for (unit, factor) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        where bytes > 0 && bytes % factor == 0 {
            return "\"\(bytes / factor) \(unit)\""
        }
        return "\"\(bytes) B\""
    }
}

/// Values in the notation of compose.
enum ComposeNotation {
    /// `1m30s`, `500ms`, `90` in milliseconds; nil for anything else.
    static func milliseconds(_ text: String) -> Int? {
        let units: [(String, Double)] = [
            ("ms", 1), ("us", 0.001), ("ns", 0.000001), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ]
        var rest = text[...], total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            guard let number = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            if rest.isEmpty { return Int(exactly: (total + number * 1000).rounded()) }
            guard let unit = units.first(where: { rest.hasPrefix($0.0) }) else { return nil }
            rest = rest.dropFirst(unit.0.count)
            total += number * unit.1
        }
        return Int(exactly: total.rounded())
    }

    /// The permission bits of `0440` or `0o440`, or of a number that begins with no zero: that one is decimal.
    static func mode(_ text: String) -> Int? {
        text.hasPrefix("0") ? Int(text.replacing("0o", with: ""), radix: 8) : Int(text)
    }

    /// `512m`, `1.5g`, `64mb`, `1048576` in bytes, of powers of 1024; nil for anything else.
    static func bytes(_ text: String) -> Int? {
        let text = text.lowercased(), digits = text.prefix { $0.isNumber || $0 == "." }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        let factors = ["": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40]
        let letter =
            unit.hasSuffix("ib") ? unit.dropLast(2) : unit.count > 1 && unit.hasSuffix("b") ? unit.dropLast() : unit
        guard let number = Double(digits), let factor = factors[String(letter)] else { return nil }
        let bytes = number * Double(factor)
        return bytes < 9e18 ? Int(bytes) : nil
    }
}
