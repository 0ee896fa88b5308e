import PlainText

extension String {
    /// The text in “quotes”, for a message.
    var quoted: String { "“\(escaped)”" }

    /// The text in “quotes”, cut where it is long.
    var quotedAndShortened: String { count > 40 ? "“\(String(prefix(37)).escaped)…”" : quoted }
}

/// The items as a list in a sentence: `a`, `a or b`, `a, b or c`.
func alternatives(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " or " + last
}
