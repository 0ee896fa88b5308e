import PlainText
import Testing

/// As in the standard library, of which nothing else differs.
@Suite struct SortingTests {
    @Test func `elements are sorted, and equal ones keep their order`() {
        #expect(["b": 1, "a": 2].keys.sorted() == ["a", "b"])
        #expect([3, 1, 2].sorted(by: >) == [3, 2, 1])
        let pairs = (0..<100).map { (key: $0 % 3, value: $0) }
        let sorted = pairs.sorted { $0.key < $1.key }
        #expect(sorted.map(\.value) == [0, 1, 2].flatMap { key in (0..<100).filter { $0 % 3 == key } })
        #expect([Int]().sorted().isEmpty)
    }

    @Test func `an error of the comparison is thrown`() {
        #expect(throws: CancellationError.self) { try [2, 1].sorted { _, _ in throw CancellationError() } }
    }
}
