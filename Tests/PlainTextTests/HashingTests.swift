import PlainText
import Testing

@Suite struct HashingTests {
    /// As the authors of FNV give them.
    @Test(
        arguments: [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
        ] as [(String, UInt64)])
    func `the hash of a string is that of FNV`(_ text: String, _ hash: UInt64) {
        #expect(UInt64(fnv1a: text.utf8) == hash)
    }
}
