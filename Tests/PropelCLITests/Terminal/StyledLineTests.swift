import Testing

@testable import PropelCLI

@Suite struct StyledLineTests {
    private func wrap(_ text: String, _ width: Int, indentation: Int = 2) -> [String] {
        StyledLine(text, indentation: indentation).wrapped(to: width).map { $0.text(isColored: false) }
    }

    @Test func `lines break between words`() {
        #expect(wrap("one two three four", 9) == ["one two", "  three", "  four"])
        #expect(wrap("one two", 7) == ["one two"])
        #expect(wrap("  one two", 6) == ["  one", "  two"])
    }

    @Test func `a word that is wider than the line stays whole`() {
        #expect(wrap("a /a/very/long/path b", 8) == ["a", "  /a/very/long/path", "  b"])
    }

    @Test func `wide characters count twice`() {
        #expect(wrap("設定 設定", 8) == ["設定", "  設定"])
        #expect("設定e\u{301}🚀".columns == 7)
    }

    @Test func `styles last to the end of their words`() {
        let line = StyledLine("red ", .red) + StyledLine("plain", nil)
        #expect(line.text(isColored: true) == "\u{1B}[31mred \u{1B}[0mplain")
        #expect(line.wrapped(to: 5).map { $0.text(isColored: true) } == ["\u{1B}[31mred\u{1B}[0m", "plain"])
    }

    @Test func `text is cut after a word, on its width`() {
        #expect("abcdef".clipped(to: 4) == "abc…")
        #expect("one two three".clipped(to: 9) == "one two…")
        #expect("one twothreefour".clipped(to: 9) == "one twot…")
        #expect("設定設定".clipped(to: 6) == "設定…")
        #expect("abc".clipped(to: 3) == "abc")
    }

    @Test func `control characters are shown`() {
        #expect("a\nb\r\n\u{1B}[2J\t".oneLine == #"a\nb\r\n\u{1B}[2J\t"#)
        #expect("a\nb\t\u{9B}".printable == "a\nb\t\\u{9B}")
        #expect("a\r\nb\tc".printableLines == [#"a\r"#, "b    c"])
        #expect("Grüße 設定".oneLine == "Grüße 設定")
    }
}
