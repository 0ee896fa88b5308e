import PlainText
import Testing

@Suite struct EscapingTests {
    private let text = "a\"b\\c\n\r\t\0\u{7F}\u{85}\u{2028}é,#"

    @Test func `each format escapes its special characters`() {
        #expect(Escaping.json.quote(text) == #""a\"b\\c\n\r\t\u0000\u007f\u0085\u2028é,#""#)
        #expect(Escaping.yaml.quote(text) == #""a\"b\\c\n\x0D\t\x00\x7F\x85\u2028é,#""#)
        #expect(Escaping.toml.quote(text) == "\"a\\\"b\\\\c\\n\\r\\t\\u0000\\u007F\u{85}\u{2028}é,#\"")
        #expect(Escaping.fstab.escape("/my swap\t\\x\n") == #"/my\040swap\011\134x\012"#)
        #expect(Escaping.sudoers.escape(#"/bin/a b,c:d=e\f#g"#) == ##"/bin/a b\,c\:d\=e\\f\#g"##)
        #expect("a\n\u{1B}[2Jé".escaped == "a\\n\\u{1B}[2Jé")
    }

    /// Each but the first two is one `Character` that differs from what is escaped in it.
    @Test(arguments: [
        (Escaping.doubling("'\\"), "it's \\", "it''s \\\\"), (.backslash(before: "'%"), "'%x\\", "\\'\\%x\\"),
        (.doubling("'"), "'\u{301}", "''\u{301}"), (.doubling("'"), "\u{600}'", "\u{600}''"),
        (.backslash(before: "'"), "'\u{200D}", "\\'\u{200D}"), (.swift, "\"\u{301}\r\n", "\\\"\u{301}\\r\\n"),
        (.swift, "\\\u{301}(x)é", "\\\\\u{301}(x)é"), (.nginx, "\"\u{301}\r\n", "\\\"\u{301}\\r\\n"),
        (.roff, "\\\u{301}-\u{301}", "\\e\u{301}\\-\u{301}"),
    ]) func `a combining mark hides no character`(_ escaping: Escaping, _ text: String, _ escaped: String) {
        #expect(Array(escaping.escape(text).utf8) == Array(escaped.utf8))
    }

    @Test func `octal escapes are read back as bytes`() {
        #expect(Escaping.fstab.escape("/a b\\").octalUnescaped == "/a b\\")
        #expect(#"\303\244"#.octalUnescaped == "ä")
        #expect(#"\04\999"#.octalUnescaped == #"\04\999"#)
        #expect(#"\+12\-00\400"#.octalUnescaped == #"\+12\-00\400"#)
    }
}
