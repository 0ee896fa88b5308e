import Propel
import Testing

@Suite struct SecretBytesTests {
    @Test func `secret bytes hold their bytes`() throws {
        for count in [0, 1, 4095, 4096, 4097, 1 << 20] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let secret = try SecretBytes(copying: bytes)
            #expect(secret.count == count)
            #expect(secret.withUnsafeBytes { Array($0) } == bytes)
        }
    }

    @Test func `the count is that of the bytes filled in`() throws {
        let secret = try SecretBytes(capacity: 100) { memory in
            memory[0] = 65
            return 1
        }
        #expect(secret.withUnsafeBytes { Array($0) } == [65])
        #expect(throws: Errno.ioError) { try SecretBytes(capacity: 1) { _ in throw Errno.ioError } }
    }

    @Test func `secret bytes print nothing`() throws {
        let secret = try SecretBytes(copying: Array("canary".utf8))
        var dumped = ""
        dump(["secret": secret], to: &dumped)
        for text in ["\(secret)", String(describing: secret), String(reflecting: [secret]), dumped] {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("canary"))
        }
    }

    @Test func `arrays are wiped`() {
        var bytes = Array("canary".utf8)
        bytes.wipe()
        #expect(bytes == [0, 0, 0, 0, 0, 0])
    }

    @Test(arguments: ["db-password", "a", "A.b_c-9", "tls.key", String(repeating: "x", count: 100)])
    func `valid names are accepted and others refused`(name: String) { #expect(SecretName(name)?.description == name) }

    @Test(arguments: [
        "", ".", "..", ".a", "-a", "a/b", "a b", "ä", "a\n", "a\0", "../x", String(repeating: "x", count: 101),
    ])
    func `invalid names are refused`(name: String) { #expect(SecretName(name) == nil) }
}
