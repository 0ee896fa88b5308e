import Testing

@testable import PropelCLI

/// A compose file cannot become Swift: the compiler reads scalars, not `Character`.
@Suite struct SwiftTextTests {
    @Test(arguments: [
        ("\"\u{301}", "\\\"\u{301}"), ("\u{600}\"", "\u{600}\\\""), ("\\\u{301}(x)", "\\\\\u{301}(x)"),
        ("\r\n", "\\r\\n"),
    ]) func `a string is escaped by scalars`(_ text: String, _ escaped: String) {
        #expect(Array(SwiftText.escape(text).utf8) == Array(escaped.utf8))
    }

    @Test(arguments: [
        ("\"\"\"", "\\\"\\\"\\\""), ("\"\"\"\u{301}\nx()", "\\\"\\\"\\\"\u{301}\nx()"), ("\"\"\u{301}", "\"\"\u{301}"),
        ("\"\"\"\"", "\\\"\\\"\\\"\""),
    ]) func `three quotes end no string over several lines`(_ text: String, _ escaped: String) {
        #expect(Array(SwiftText.escape(text, inLines: true).utf8) == Array(escaped.utf8))
    }

    @Test func `a letter that joins the next character brings none into a name`() {
        #expect(SwiftText.name("DB_HOST") == "dbHost")
        #expect(SwiftText.name("a\u{D4E};b").unicodeScalars.allSatisfy { $0 != ";" })
    }
}
