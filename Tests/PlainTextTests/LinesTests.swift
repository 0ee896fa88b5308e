import PlainText
import Testing

@Suite struct LinesTests {
    @Test(arguments: [
        ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n", [""]), ("a\n\nb\n\n", ["a", "", "b", ""]),
        ("a\r\nb\r\n", ["a\r", "b\r"]), ("a\rb", ["a\rb"]), ("a\u{2028}b\n", ["a\u{2028}b"]), ("é\nß\n", ["é", "ß"]),
    ]) func `lines end at LF and nowhere else`(_ text: String, _ lines: [String]) {
        #expect(text.lines.map(String.init) == lines)
        #expect(Array(text.utf8).lines.map { String(decoding: $0, as: UTF8.self) } == lines)
        #expect(text[...].lines.map(String.init) == lines)
    }

    @Test func `CR LF at the end is a newline`() {
        #expect("a\r\n".endsInNewline && "a\n".endsInNewline)
        #expect(!"a\r".endsInNewline && !"".endsInNewline)
    }

    @Test func `one CR at the end of a line is dropped`() {
        #expect("a\r".withoutCarriageReturn == "a")
        #expect("a\r\r".withoutCarriageReturn == "a\r")
        #expect("a\r\nb".lines.map(\.withoutCarriageReturn) == ["a", "b"])
        #expect("".withoutCarriageReturn == "")
    }

    @Test func `blank lines are left out only on request`() {
        #expect("\na\n\nb\n".nonEmptyLines == ["a", "b"])
    }
}
