extension String {
    /// The text in “quotes”, for a message.
    var quoted: String { "“\(escapingControlCharacters)”" }

    /// The text in “quotes”, cut where it is long.
    var quotedAndShortened: String { count > 40 ? "“\(String(prefix(37)).escapingControlCharacters)…”" : quoted }

    /// The text with escapes such as `\n` and `\u{1B}` for characters that would change the look of a terminal.
    var escapingControlCharacters: String {
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                text.append(contentsOf: scalar.escaped(asASCII: true).unicodeScalars)
            default: text.append(scalar)
            }
        }
        return String(text)
    }
}

/// The items as a list in a sentence: `a`, `a or b`, `a, b or c`.
func alternatives(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " or " + last
}
