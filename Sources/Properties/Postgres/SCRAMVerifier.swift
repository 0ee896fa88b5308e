/// The verifier that a PostgreSQL server keeps of a password (RFC 5802, RFC 7677): who has it can check the password,
/// and does not know it.
struct SCRAMVerifier: Equatable, CustomStringConvertible {
    let iterations: Int
    let salt: [UInt8]
    let storedKey: [UInt8]
    let serverKey: [UInt8]

    /// The number of iterations of PostgreSQL by default (`scram_iterations`).
    static let defaultIterations = 4096

    /// Derives a verifier.
    /// - Parameters:
    ///   - password: ASCII, for which SASLprep (RFC 4013) changes nothing.
    ///   - salt: random bytes.
    ///   - iterations: how often the hash is applied.
    init(of password: UnsafeRawBufferPointer, salt: [UInt8], iterations: Int) {
        let salted = HMACSHA256(key: HMACSHA256(key: password).derivedKey(salt: salt, iterations: iterations))
        var hash = SHA256()
        salted.code(of: Array("Client Key".utf8)).withUnsafeBytes { hash.update($0) }
        self.iterations = iterations
        self.salt = salt
        storedKey = hash.finishBytes()
        serverKey = salted.code(of: Array("Server Key".utf8))
    }

    /// Derives a verifier with a new salt.
    init(of password: UnsafeRawBufferPointer, iterations: Int) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        self.init(of: password, salt: salt, iterations: iterations)
    }

    /// Reads `SCRAM-SHA-256$ITERATIONS:SALT$STORED:SERVER` (`pg_authid.rolpassword`); nil if it is another hash, as
    /// MD5.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "SCRAM-SHA-256" else { return nil }
        let first = parts[1].split(separator: ":"), keys = parts[2].split(separator: ":")
        guard first.count == 2, keys.count == 2, let iterations = Int(first[0]), 1...10_000_000 ~= iterations,
            let salt = Base64.decode(first[1]), let storedKey = Base64.decode(keys[0]),
            let serverKey = Base64.decode(keys[1])
        else { return nil }
        self.iterations = iterations
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    var description: String {
        "SCRAM-SHA-256$\(iterations):\(Self.base64(salt))$\(Self.base64(storedKey)):\(Self.base64(serverKey))"
    }

    /// Whether it was derived from this password.
    func matches(_ password: UnsafeRawBufferPointer) -> Bool {
        self == SCRAMVerifier(of: password, salt: salt, iterations: iterations)
    }

    private static func base64(_ bytes: [UInt8]) -> String { String(decoding: Base64.encode(bytes), as: UTF8.self) }
}
