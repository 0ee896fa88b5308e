/// HMAC (RFC 2104) with SHA-256, and the derivation of keys from passwords that is made of it.
package struct HMACSHA256 {
    // The state after the padded key: a derivation needs it thousands of times.
    private let inner: SHA256
    private let outer: SHA256

    package init(key: UnsafeRawBufferPointer) {
        var block: [UInt8] = []
        block.reserveCapacity(64)
        if key.count > 64 {
            var hash = SHA256()
            hash.update(key)
            block += hash.finishBytes()
        } else {
            block += key
        }
        block += repeatElement(0, count: 64 - block.count)
        defer { block.wipe() }
        func padded(with pad: UInt8) -> SHA256 {
            for index in block.indices { block[index] ^= pad }
            defer { for index in block.indices { block[index] ^= pad } }
            var hash = SHA256()
            block.withUnsafeBytes { hash.update($0) }
            return hash
        }
        inner = padded(with: 0x36)
        outer = padded(with: 0x5C)
    }

    package init(key: [UInt8]) { self = key.withUnsafeBytes { HMACSHA256(key: $0) } }

    /// The code of a message: 32 bytes.
    package func code(of message: [UInt8]) -> [UInt8] {
        var hash = inner
        message.withUnsafeBytes { hash.update($0) }
        let first = hash.finishBytes()
        hash = outer
        first.withUnsafeBytes { hash.update($0) }
        return hash.finishBytes()
    }

    /// A key of 32 bytes for the password that this was made with (PBKDF2, RFC 8018, 5.2).
    /// - Parameters:
    ///   - salt: random bytes.
    ///   - iterations: at least 1: how often the hash is applied.
    package func derivedKey(salt: [UInt8], iterations: Int) -> [UInt8] {
        var last = code(of: salt + [0, 0, 0, 1]), key = last
        for _ in 1..<max(iterations, 1) {
            last = code(of: last)
            for index in key.indices { key[index] ^= last[index] }
        }
        return key
    }
}
