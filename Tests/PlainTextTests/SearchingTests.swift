import PlainText
import Testing

/// As in the standard library, which has these with its regular expressions.
@Suite struct SearchingTests {
    @Test(arguments: [
        ("banana", "ana", 1, 4), ("banana", "na", 2, 4), ("banana", "banana", 0, 6), ("aab", "ab", 1, 3),
        ("banana", "", 0, 0), ("äöü", "ö", 1, 2),
    ])
    func `the first range is found`(_ text: String, _ part: String, _ start: Int, _ end: Int) throws {
        let range = try #require(text.firstRange(of: part))
        #expect(text.distance(from: text.startIndex, to: range.lowerBound) == start)
        #expect(text.distance(from: text.startIndex, to: range.upperBound) == end)
        #expect(text.contains(part))
    }

    @Test(arguments: [("banana", "nab"), ("", "a"), ("ab", "abc"), ("a\r\nb", "\n")])
    func `what is not contained has no range`(_ text: String, _ part: String) {
        #expect(text.firstRange(of: part) == nil)
        #expect(!text.contains(part))
        #expect(text.replacing(part, with: "x") == text)
    }

    @Test func `ranges do not overlap`() {
        #expect("aaaa".ranges(of: "aa").count == 2)
        #expect("aaaa".ranges(of: "").isEmpty)
        #expect([1, 2, 1, 2].ranges(of: [1, 2]) == [0..<2, 2..<4])
    }

    @Test func `all or the first ones are replaced`() {
        #expect("a-b-c".replacing("-", with: "--") == "a--b--c")
        #expect("a-b-c".replacing("-", with: "", maxReplacements: 1) == "ab-c")
        #expect("a-b-c".replacing("x", with: "y") == "a-b-c")
        #expect("".replacing("x", with: "y") == "")
        #expect("a'b"[...].replacing("'", with: "''") == "a''b")
    }

    @Test func `a separator may have several characters`() {
        #expect("a, b, c".split(separator: ", ") == ["a", "b", "c"])
        #expect("a, b, c".split(separator: ", ", maxSplits: 1) == ["a", "b, c"])
        #expect(", a, ".split(separator: ", ") == ["a"])
        #expect(", a, ".split(separator: ", ", omittingEmptySubsequences: false) == ["", "a", ""])
        #expect("".split(separator: ", ").isEmpty)
        #expect("a b".split(separator: " ") == ["a", "b"])
    }

    @Test func `characters are found with a combining mark after them`() {
        #expect("a,\u{301}b".contains(anyOf: ";,") && "\u{600},".contains(anyOf: ",") && "\r\n".contains(anyOf: "\n"))
        #expect(!"a\u{301}é".contains(anyOf: "e,") && !"".contains(anyOf: ","))
        #expect("#\u{301}a".begins(with: "#") && !"a#".begins(with: "#"))
    }

    @Test func `text is parted at a character, whatever combining marks follow`() {
        #expect("a #\u{FE0F}\u{20E3} b#".before("#") == "a " && "a b".before("#") == "a b" && "#".before("#") == "")
        for (text, before, after) in [("k=\u{301}v=w", "k", "\u{301}v=w"), ("=", "", ""), ("k=\r\n", "k", "\r\n")] {
            let parts = text.parts(around: "=")
            #expect(parts?.before == before[...] && parts?.after.utf8.elementsEqual(after.utf8) == true, "\(text)")
        }
        #expect("kv".parts(around: "=") == nil)
    }
}
