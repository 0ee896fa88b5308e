import Testing

@testable import TOML

@Suite struct StringTests {
    @Test(arguments: [
        Valid(#"a = """#, #"{"a": ""}"#),
        Valid(#"a = "plain""#, #"{"a": "plain"}"#),
        Valid(#"a = "\b\t\n\f\r\"\\""#, #"{"a": "\u{08}\t\n\u{0C}\r\"\\"}"#),
        Valid(#"a = "\u00e9\u00E9""#, #"{"a": "éé"}"#),
        Valid(#"a = "\U0001F600""#, #"{"a": "😀"}"#),
        Valid(#"a = "\u0000""#, #"{"a": "\0"}"#),
        Valid(#"a = "\uD7FF\uE000\U0010FFFF""#, "{\"a\": \"\u{D7FF}\u{E000}\u{10FFFF}\"}".debugEscaped),
        Valid("a = \"# not a comment\"", "{\"a\": \"# not a comment\"}"),
        Valid(#"a = "it's [b] = {c}""#, #"{"a": "it's [b] = {c}"}"#),
        Valid("a = \"tab\there\"", #"{"a": "tab\there"}"#),
        Valid("a = \"é ключ 漢字 😀\"", #"{"a": "é ключ 漢字 😀"}"#),
        Valid(#"a = "\\u0041""#, #"{"a": "\\u0041"}"#),
    ])
    func `basic strings have escapes`(_ valid: Valid) throws { try check(valid) }

    @Test(arguments: [
        Valid("a = ''", #"{"a": ""}"#),
        Valid(#"a = 'C:\new\u0041'"#, #"{"a": "C:\\new\\u0041"}"#),
        Valid(#"a = 'say "no"'"#, #"{"a": "say \"no\""}"#),
        Valid("a = 'tab\there # no comment'", "{\"a\": \"tab\\there # no comment\"}"),
    ])
    func `literal strings have no escapes`(_ valid: Valid) throws { try check(valid) }

    @Test func `other control characters than those of ASCII are allowed`() throws {
        #expect(try Document(parsing: "a = '\u{85}\u{2028}'").root["a"]?.content == .string("\u{85}\u{2028}"))
    }

    @Test(arguments: [
        Valid("a = \"\"\"\"\"\"", #"{"a": ""}"#),
        Valid("a = ''''''", #"{"a": ""}"#),
        Valid("a = \"\"\"\nfirst\nsecond\"\"\"", #"{"a": "first\nsecond"}"#),
        Valid("a = '''\nfirst\nsecond\n'''", #"{"a": "first\nsecond\n"}"#),
        Valid("a = \"\"\"\n\nx\"\"\"", #"{"a": "\nx"}"#),
        Valid("a = \"\"\"\r\nx\r\ny\"\"\"", #"{"a": "x\ny"}"#),
        Valid("a = '''\r\nx\r\ny'''", #"{"a": "x\ny"}"#),
        Valid("a = \"\"\"one \\\n   two \\\n\n\t three\"\"\"", #"{"a": "one two three"}"#),
        Valid("a = \"\"\"one\\  \t\r\n  two\"\"\"", #"{"a": "onetwo"}"#),
        Valid("a = \"\"\"\\\n\"\"\"", #"{"a": ""}"#),
        Valid("a = '''one \\\n two'''", #"{"a": "one \\\n two"}"#),
        Valid("a = \"\"\"x\\\\\ny\"\"\"", #"{"a": "x\\\ny"}"#),
        Valid("a = \"\"\"a \" b \"\" c\"\"\"", #"{"a": "a \" b \"\" c"}"#),
        Valid("a = \"\"\"x\"\"\"\"", #"{"a": "x\""}"#),
        Valid("a = \"\"\"x\"\"\"\"\"", #"{"a": "x\"\""}"#),
        Valid("a = '''x''''", #"{"a": "x'"}"#),
        Valid("a = '''x'''''", #"{"a": "x''"}"#),
        Valid("a = \"\"\"\"x\"\"\"", #"{"a": "\"x"}"#),
        Valid("a = \"\"\"\\\"\"\"\\\"\"\"\"", #"{"a": "\"\"\"\""}"#),
        Valid("a = '''\"\"\"'''", #"{"a": "\"\"\""}"#),
        Valid("a = \"\"\"'''\"\"\"", #"{"a": "'''"}"#),
        Valid("a = '''\n[b]\nc = 1 # d\n'''\ne = 1", #"{"a": "[b]\nc = 1 # d\n", "e": 1}"#),
    ])
    func `strings may have several lines`(_ valid: Valid) throws { try check(valid) }

    @Test(arguments: [
        Invalid("a = \"x", at: "1:7", "closing quote"),
        Invalid("a = 'x\n", at: "1:7", "add '"),
        Invalid("a = \"x\nb = 1\"", at: "1:7", "closing quote"),
        Invalid("a = \"x\r\n\"", at: "1:7", "closing quote"),
        Invalid("a = \"\\", at: "1:6"),
        Invalid("a = '", at: "1:6"),
        Invalid("\n a = \"\"\"x\ny\n\n", at: "2:6", "it begins here"),
        Invalid("a = '''x''", at: "1:5", "it begins here"),
        Invalid("a = \"\"\"\"\"", at: "1:5"),
        Invalid(#"a = "x\q""#, at: "1:7", "“q”"),
        Invalid(#"a = "\'""#, at: "1:6"),
        Invalid(#"a = "\/""#, at: "1:6"),
        Invalid(#"a = "\ ""#, at: "1:6"),
        Invalid(#"a = "\e""#, at: "1:6"),
        Invalid(#"a = "\x41""#, at: "1:6"),
        Invalid(#"a = "\N0041""#, at: "1:6"),
        Invalid("a = \"é\\é\"", at: "1:7", "“é”"),
        Invalid(#"a = "\u004""#, at: "1:6", "4 hexadecimal digits"),
        Invalid(#"a = "\u 041""#, at: "1:6"),
        Invalid(#"a = "\u+041""#, at: "1:6"),
        Invalid(#"a = "\U0001F60""#, at: "1:6", "8 hexadecimal digits"),
        Invalid(#"a = "\uD800""#, at: "1:6", "U+D800"),
        Invalid(#"a = "\uDFFF""#, at: "1:6"),
        Invalid(#"a = "\U00110000""#, at: "1:6", "U+110000"),
        Invalid(#"a = "\UFFFFFFFF""#, at: "1:6"),
        Invalid("a = \"\"\"x \\ y\"\"\"", at: "1:10"),
        Invalid("a = \"\"\"\n\\q\"\"\"", at: "2:1"),
        Invalid("a = \"x\"y", at: "1:8", "“y”"),
        Invalid("a = \"\"x", at: "1:7"),
        Invalid("a = \"\"\"x\"\"\"\"\"\"", at: "1:14"),
        Invalid("a = '''x''''''", at: "1:14"),
        Invalid("a = 'it's'", at: "1:9"),
        Invalid("a = \"\u{0}\"", at: "1:6", "U+0000"),
        Invalid("a = \"\u{1B}[2J\"", at: "1:6", "U+001B"),
        Invalid("a = \"\u{7F}\"", at: "1:6", "U+007F"),
        Invalid("a = '\u{8}'", at: "1:6", "U+0008"),
        Invalid("a = \"x\ry\"", at: "1:7", "carriage return"),
        Invalid("a = 'x\ry'", at: "1:7", "carriage return"),
        Invalid("a = \"\"\"x\ny\rz\"\"\"", at: "2:2", "carriage return"),
        Invalid("a = '''x\u{1F}'''", at: "1:9", "U+001F"),
        Invalid("a = `x`", at: "1:5"),
    ])
    func `broken strings are refused`(_ invalid: Invalid) { check(invalid) }
}

extension String {
    /// The text with the escapes of `debugDescription`, but for the quotes.
    fileprivate var debugEscaped: String {
        String(debugDescription.dropFirst().dropLast()).replacing("\\\"", with: "\"")
    }
}
