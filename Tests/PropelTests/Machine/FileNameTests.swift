import Propel
import PropelTesting
import Testing

@Suite struct FileNameTests {
    @Test func `plain strings stay as they are`() {
        #expect(FilePath.Component(escaping: "restart-nginx.service@1").string == "restart-nginx.service@1")
    }

    @Test(arguments: [
        "", ".", "..", "/", "a/b", "\0", ".hidden", "%", "%2F", "\n", "é", "a b", String(repeating: "x", count: 5000),
    ])
    func `any string becomes a valid file name`(text: String) {
        let name = FilePath.Component(escaping: text)
        #expect(name.kind == .regular)
        #expect(!name.string.hasPrefix("."))
        // The name of the staging path must not be longer than NAME_MAX.
        #expect(name.string.utf8.count <= 247)
        #expect(name.string.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
    }

    @Test func `different strings have different names`() {
        let alphabet = ["a", "A", ".", "/", "%", "2", "E", "F", "-", " ", "\0", "é", "e\u{301}", "~", "_"]
        var generator = SeededGenerator(seed: 7)
        var texts: Set<[UInt8]> = []
        var names: Set<String> = []
        func add(_ text: String) {
            texts.insert(Array(text.utf8))
            names.insert(FilePath.Component(escaping: text).string)
        }
        for _ in 0..<3000 {
            add(
                (0..<Int.random(in: 0...6, using: &generator)).compactMap { _ in
                    alphabet.randomElement(using: &generator)
                }.joined())
        }
        for length in [179, 180, 181, 199, 200, 201, 202, 1000] {
            for end in alphabet { add(String(repeating: "x", count: length) + end) }
        }
        // The name of a long string is different from that of the string that looks like that name.
        for long in [String(repeating: "x", count: 300), String(repeating: "/", count: 300)] {
            add(long)
            add(FilePath.Component(escaping: long).string)
        }
        #expect(names.count == texts.count)
    }
}
