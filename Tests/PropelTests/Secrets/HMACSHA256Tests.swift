import Testing

@testable import Propel

@Suite struct HMACSHA256Tests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0, radix: 16, digits: 2) }.joined()
    }

    /// RFC 4231, 4.2, 4.3 and 4.7: a short key, one of letters, and one that is longer than a block.
    @Test func `codes are those of the RFC`() {
        #expect(
            hex(HMACSHA256(key: [UInt8](repeating: 0x0B, count: 20)).code(of: Array("Hi There".utf8)))
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            hex(HMACSHA256(key: Array("Jefe".utf8)).code(of: Array("what do ya want for nothing?".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            hex(
                HMACSHA256(key: [UInt8](repeating: 0xAA, count: 131)).code(
                    of: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    /// RFC 7914, 11, and the vectors of RFC 6070 with SHA-256.
    @Test func `derived keys are those of the RFC`() {
        #expect(
            hex(HMACSHA256(key: Array("passwd".utf8)).derivedKey(salt: Array("salt".utf8), iterations: 1))
                == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
        #expect(
            hex(HMACSHA256(key: Array("password".utf8)).derivedKey(salt: Array("salt".utf8), iterations: 2))
                == "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43")
    }

    @Test func `a code does not depend on those before`() {
        let code = HMACSHA256(key: [1, 2, 3])
        let first = code.code(of: [4])
        _ = code.code(of: [5])
        #expect(code.code(of: [4]) == first && first.count == 32)
    }

    @Test func `a hash is the same in bytes and in digits`() {
        var digits = SHA256(), bytes = SHA256()
        [UInt8]("abc".utf8).withUnsafeBytes {
            digits.update($0)
            bytes.update($0)
        }
        #expect(hex(bytes.finishBytes()) == digits.finish())
    }
}
