import Testing

@testable import TOML

@Suite struct SyntaxErrorTests {
    @Test(arguments: [
        Invalid("a", at: "1:2", "expected “=” after the key, found the end of the file"),
        Invalid("a\nb = 1", at: "1:2", "found the end of the line"), Invalid("a b = 1", at: "1:3", "found “b”"),
        Invalid("a: 1", at: "1:2", "found “:”"), Invalid("= 1", at: "1:1", "expected a name, found “=”"),
        Invalid("a..b = 1", at: "1:3"), Invalid(".a = 1", at: "1:1"), Invalid("a. = 1", at: "1:4"),
        Invalid("a.\nb = 1", at: "1:3"),
        Invalid("é = 1", at: "1:1", "in quotes"), Invalid("aé = 1", at: "1:2", "unexpected “é” in a name"),
        Invalid("a+b = 1", at: "1:2"),
        Invalid("a\n= 1", at: "1:2"), Invalid("\"a = 1", at: "1:7"), Invalid("\"a\nb\" = 1", at: "1:3"),
        Invalid("\"\"\"a\"\"\" = 1", at: "1:3"), Invalid("'''a''' = 1", at: "1:3"), Invalid("\"a\"b = 1", at: "1:4"),
        Invalid("a'b' = 1", at: "1:2"), Invalid("{} = 1", at: "1:1"), Invalid("] = 1", at: "1:1"),
        Invalid("@", at: "1:1"),
        Invalid("\"\\q\" = 1", at: "1:2"), Invalid("a # b = 1", at: "1:3"), Invalid("a.b", at: "1:4"),
        Invalid("\u{1}", at: "1:1", "U+0001"),
        Invalid("a\u{A0}= 1", at: "1:2"),
    ])
    func `broken keys are refused`(_ invalid: Invalid) { check(invalid) }

    @Test(arguments: [
        Invalid("a =", at: "1:4", "expected a value, found the end of the file"),
        Invalid("a = \nb = 1", at: "1:5", "end of the line"),
        Invalid("a = # c", at: "1:5", "found “#”"), Invalid("a =\n1", at: "1:4"),
        Invalid("a = 1 2", at: "1:7", "expected the end of the line, found “2”"),
        Invalid("a = 1 b = 2", at: "1:7"), Invalid("a = 'x' b", at: "1:9"), Invalid("a = [] b", at: "1:8"),
        Invalid("a = {} b", at: "1:8"),
        Invalid("a = b = 1", at: "1:5"), Invalid("a = == 1", at: "1:5"), Invalid("a = ]", at: "1:5"),
        Invalid("a = }", at: "1:5"),
        Invalid("a = 1]", at: "1:6"), Invalid("a = 1}", at: "1:6"), Invalid("a = ,", at: "1:5"),
        Invalid("a = 1\u{1}", at: "1:6", "U+0001"),
        Invalid("a = 1\u{7F}", at: "1:6", "U+007F"), Invalid("a = \u{7F}", at: "1:5", "U+007F"),
        Invalid("a = 1,", at: "1:6"),
    ])
    func `broken values are refused`(_ invalid: Invalid) { check(invalid) }

    @Test(arguments: [
        Invalid("a = [", at: "1:6", "found the end of the file"), Invalid("a = [1", at: "1:7", "expected “,” or “]”"),
        Invalid("a = [1 2]", at: "1:8"), Invalid("a = [,]", at: "1:6"), Invalid("a = [1,,2]", at: "1:8"),
        Invalid("a = [,1]", at: "1:6"),
        Invalid("a = [1, 2\nb = 1", at: "2:1", "found “b”"), Invalid("a = [1, }", at: "1:9"),
        Invalid("a = [1}", at: "1:7"), Invalid("a = [\n\n@]", at: "3:1"),
        Invalid("a = [[1]", at: "1:9"), Invalid("a = [1]]", at: "1:8"), Invalid("a = ['x\n]", at: "1:8"),
        Invalid("a = [b = 1]", at: "1:6"),
        Invalid("a = [1;2]", at: "1:6"),
    ])
    func `broken arrays are refused`(_ invalid: Invalid) { check(invalid) }

    @Test(arguments: [
        Invalid("a = {", at: "1:6"), Invalid("a = {b", at: "1:7"),
        Invalid("a = {b = 1", at: "1:11", "expected “,” or “}”"),
        Invalid("a = {b = 1,}", at: "1:12", "remove the comma"), Invalid("a = {b = 1, }", at: "1:13"),
        Invalid("a = {,}", at: "1:6"),
        Invalid("a = {b = 1,, c = 2}", at: "1:12"), Invalid("a = {b = 1 c = 2}", at: "1:12"),
        Invalid("a = {\nb = 1}", at: "1:6"),
        Invalid("a = {b = 1\n}", at: "1:11", "on one line"), Invalid("a = {b = 1,\nc = 2}", at: "1:12"),
        Invalid("a = {b = 1 # c\n}", at: "1:12"),
        Invalid("a = {b}", at: "1:7"), Invalid("a = {b = }", at: "1:10"), Invalid("a = {1}", at: "1:7"),
        Invalid("a = {b = 1]", at: "1:11"),
        Invalid("a = {b: 1}", at: "1:7"), Invalid("a = {b = , c = 1}", at: "1:10"), Invalid("a = {{}}", at: "1:6"),
    ])
    func `broken tables in braces are refused`(_ invalid: Invalid) { check(invalid) }

    @Test(arguments: [
        Invalid("[", at: "1:2", "expected a name, found the end of the file"),
        Invalid("[\n]", at: "1:2", "end of the line"), Invalid("[]", at: "1:2"),
        Invalid("[a", at: "1:3", "expected “]”"), Invalid("[a\n]", at: "1:3"), Invalid("[a]]", at: "1:4"),
        Invalid("[[a]", at: "1:5", "expected “]]”"),
        Invalid("[[a] ]", at: "1:5"), Invalid("[ [a]]", at: "1:3"), Invalid("[[]]", at: "1:3"),
        Invalid("[a]b = 1", at: "1:4"), Invalid("[a] [b]", at: "1:5"),
        Invalid("[a b]", at: "1:4"), Invalid("[a.]", at: "1:4"), Invalid("[.a]", at: "1:2"),
        Invalid("[a..b]", at: "1:4"), Invalid("[*.a]", at: "1:2", "found “*”: put names"),
        Invalid("[ é.a]", at: "1:3", "“é”"), Invalid("[a=1]", at: "1:3"), Invalid("['a]", at: "1:5"),
        Invalid("[a,b]", at: "1:3"), Invalid("x = 1\n[a#b]", at: "2:3"),
        Invalid("[a.b", at: "1:5"), Invalid("[\"a\nb\"]", at: "1:4"), Invalid("[a] 1", at: "1:5"),
    ])
    func `broken headers are refused`(_ invalid: Invalid) { check(invalid) }

    @Test(arguments: [
        Invalid("a = 1\rb = 2", at: "1:6", "carriage return"), Invalid("# x\ry", at: "1:4", "carriage return"),
        Invalid("\r", at: "1:1"), Invalid("a = 1\r", at: "1:6"),
        Invalid("a = 1 # \u{0}", at: "1:9", "U+0000 in a comment"), Invalid("#\u{7F}", at: "1:2", "U+007F"),
        Invalid("\n#é\u{1F}", at: "2:3"), Invalid("\u{C}a = 1", at: "1:1"),
        Invalid("[a]\u{B}", at: "1:4"), Invalid("a = [ # \u{1}\n]", at: "1:9"),
        Invalid("a = 1\n\u{FEFF}b = 1", at: "2:1"),
    ])
    func `control characters are refused`(_ invalid: Invalid) { check(invalid) }

    @Test(
        arguments: [
            ([0xFF], "1:1"), ([0x61, 0x0A, 0x80], "2:1"), (Array("# é".utf8) + [0xC3], "1:4"),
            (Array("a = \"".utf8) + [0xE9, 0x22], "1:6"),
            (Array("a = '".utf8) + [0xED, 0xA0, 0x80, 0x27], "1:6"), (Array("#".utf8) + [0xC0, 0x80], "1:2"),
            (Array("#".utf8) + [0xF4, 0x90, 0x80, 0x80], "1:2"),
            ([0xFE, 0xFF, 0x00, 0x61], "1:1"), (Array("\u{FEFF}#".utf8) + [0xFF], "1:2"),
        ] as [([UInt8], String)])
    func `text must be UTF-8`(_ bytes: [UInt8], _ place: String) {
        let error = #expect(throws: SyntaxError.self) { try Document(parsing: bytes) }
        #expect(error.map { "\($0.position.line):\($0.position.column)" } == place)
        #expect(error?.message.contains("UTF-8") == true)
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "{a=", count: 100_000),
        String(repeating: "[{a=", count: 50_000),
        String(repeating: "[", count: 101) + String(repeating: "]", count: 101),
    ])
    func `nesting is limited`(_ bomb: String) {
        check(
            Invalid(
                "x = " + bomb, at: "1:\(5 + (bomb.hasPrefix("{") ? 300 : bomb.hasPrefix("[{") ? 200 : 100))",
                "more than 100 deep"))
    }

    @Test func `nesting by names is limited too`() {
        let path = Array(repeating: "a", count: 100_000).joined(separator: ".")
        check(Invalid("[\(path)]", at: "1:202", "more than 100 deep"))
        check(Invalid("[[\(path)]]", at: "1:203", "more than 100 deep"))
        check(Invalid("\(path) = 1", at: "1:201", "more than 100 deep"))
        check(Invalid("x = {\(path) = 1}", at: "1:204", "more than 100 deep"))
    }

    @Test func `nesting within the limit is read`() throws {
        let arrays = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(throws: Never.self) { try Document(parsing: "x = \(arrays)") }
        #expect(throws: Never.self) {
            try Document(parsing: "[\(Array(repeating: "a", count: 100).joined(separator: "."))]")
        }
    }
}
