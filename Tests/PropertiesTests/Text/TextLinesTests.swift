import Testing

@testable import Properties

@Suite struct TextLinesTests {
    @Test(arguments: ["", "\n", "a", "a\n", "a\nb", "a\r\nb\r\n", "\n\na\n", "a\u{FFFD}\n"])
    func `bytes come back as they were`(_ text: String) {
        #expect(TextLines(Array(text.utf8)).bytes == Array(text.utf8))
    }

    @Test func `bytes that are no text stay`() {
        var lines = TextLines([0x61, 0xFF, 0x0A, 0x62])
        lines.append("c")
        #expect(lines.bytes == [0x61, 0xFF, 0x0A, 0x62, 0x0A, 0x63, 0x0A])
    }

    @Test func `a line keeps its end`() {
        var lines = TextLines(Array("a\r\nb\nc".utf8))
        #expect(lines.indices.map { lines[$0] } == ["a", "b", "c"])
        for index in lines.indices { lines.replace(index, with: "x") }
        #expect(lines.bytes == Array("x\r\nx\nx".utf8))
    }

    @Test func `inserts and removes`() {
        var lines = TextLines(Array("a\nb".utf8))
        lines.insert("between", at: 1)
        lines.insert("end", at: 3)
        #expect(lines.bytes == Array("a\nbetween\nb\nend\n".utf8))
        lines.remove([0, 2])
        #expect(lines.bytes == Array("between\nend\n".utf8))
    }
}
