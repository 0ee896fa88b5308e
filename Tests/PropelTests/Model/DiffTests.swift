import PropelTesting
import Testing

@testable import Propel

@Suite struct DiffTests {
    private func diff(_ old: String, _ new: String) -> String { Diff(from: Array(old.utf8), to: Array(new.utf8)).text }

    @Test func `a changed line is shown with three lines of context`() {
        #expect(
            diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n")
                == "@@ -2 +2 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8")
        #expect(diff("", "a\n") == "@@ -1 +1 @@\n+a")
        #expect(diff("a\n", "") == "@@ -1 +1 @@\n-a")
        #expect(diff("a\n", "a\n") == "")
    }

    @Test func `line endings count`() {
        #expect(diff("a\nb\n", "a\nb") == "@@ -1 +1 @@\n a\n b\n+\\ no newline at the end")
        #expect(diff("a\r\nb\r\n", "a\nb\n") == "@@ -1 +1 @@\n-a\r\n-b\r\n+a\n+b")
    }

    @Test func `binary content is shown by its size`() {
        #expect(Diff(from: [0], to: [1, 2]).text == "content not shown: 1 bytes → 2 bytes")
        #expect(Diff(from: [0xFF], to: []).text == "content not shown: 1 bytes → 0 bytes")
    }

    @Test(arguments: 0..<50) func `the comparison of random lines is the shortest`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func lines() -> [Substring] {
            (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                ["a", "b", "c", "d"].randomElement(using: &generator) ?? "a"
            }
        }
        let old = lines(), new = lines(), (removed, inserted) = LineComparison(old, new).changes
        #expect(
            old.indices.filter { !removed.contains($0) }.map { old[$0] }
                == new.indices.filter { !inserted.contains($0) }.map { new[$0] })
        #expect(removed.count + inserted.count == new.difference(from: old).count)
    }

    @Test func `a change beyond the edit limit is shown as a whole`() {
        let old = (0..<30_000).map { Substring("old \($0)") }, new = (0..<30_000).map { Substring("new \($0)") }
        let (removed, inserted) = LineComparison(["same"] + old + ["end"], ["same"] + new + ["end"]).changes
        #expect(removed == Set(1...30_000) && inserted == Set(1...30_000))
    }

    @Test func `a large change is cut after the line limit`() {
        let old = (0..<10_000).map { "old \($0)\n" }.joined(), new = (0..<10_000).map { "\($0)\n" }.joined()
        let lines = diff(old, new).lines
        #expect(lines.count == Diff.lineLimit + 1)
        #expect(lines.last?.hasPrefix("… and ") == true)
    }
}
