import Testing

@testable import TOML

@Suite struct WritingTests {
    @Test(arguments: [
        "", "a", "a-b_9", "a.b", "a b", "é", "a\"b", "a\\b", "line\nline\r\t", "\u{0}\u{1}\u{1F}\u{7F}", "ключ 😀",
        "# ] = '", "\u{FEFF}",
    ])
    func `a written value is read back`(_ text: String) throws {
        let document = try Document(parsing: "\(Writing.key(text)) = \(Writing.string(text))")
        #expect(document.root[text]?.content == .string(text))
    }

    @Test func `only names that need quotes get them`() {
        #expect(Writing.key("host-1_a") == "host-1_a")
        #expect(Writing.key("pi.local") == "\"pi.local\"")
        #expect(Writing.key("") == "\"\"")
    }
}
