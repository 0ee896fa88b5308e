import Testing

@testable import Propel
@testable import Properties

@Suite struct SCRAMVerifierTests {
    private func verifier(_ password: String, salt: String, iterations: Int) throws -> SCRAMVerifier {
        let salt = try #require(Base64.decode(salt[...]))
        return Array(password.utf8).withUnsafeBytes { SCRAMVerifier(of: $0, salt: salt, iterations: iterations) }
    }

    /// The exchange of RFC 7677, 3: the proof of the client and the signature of the server are made of the two keys.
    @Test func `the keys are those of the RFC`() throws {
        let verifier = try verifier("pencil", salt: "W22ZaJ0SNY7soEsUEjb6gQ==", iterations: 4096)
        let message =
            "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
        #expect(
            HMACSHA256(key: verifier.serverKey).code(of: Array(message.utf8))
                == Base64.decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="))
        let proof = try #require(Base64.decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="))
        let signature = HMACSHA256(key: verifier.storedKey).code(of: Array(message.utf8))
        var hash = SHA256()
        zip(proof, signature).map { $0 ^ $1 }.withUnsafeBytes { hash.update($0) }
        #expect(hash.finishBytes() == verifier.storedKey)
    }

    /// Made by a PostgreSQL 15, with `scram_iterations` as it is.
    @Test func `a verifier of a server is read and written`() throws {
        let text =
            "SCRAM-SHA-256$4096:WaBZWjucMS5GlLWS8tCYPA=="
            + "$RjeSGU3RvLMwHYUoee23PUVgbHON1gWKwjD6VbDzYzM=:LTcbi6M2k4nXb8+dnEe+S+q3/cl14tifHHDTirKE30c="
        let verifier = try #require(SCRAMVerifier(text))
        #expect(verifier.description == text && verifier.iterations == 4096 && verifier.salt.count == 16)
        #expect(Array("pencil".utf8).withUnsafeBytes { verifier.matches($0) })
    }

    @Test func `another password, salt or number of iterations is another verifier`() throws {
        let one = try verifier("a", salt: "AAAA", iterations: 3)
        #expect(try one == verifier("a", salt: "AAAA", iterations: 3))
        #expect(try one != verifier("b", salt: "AAAA", iterations: 3))
        #expect(try one != verifier("a", salt: "AAAB", iterations: 3))
        #expect(try one != verifier("a", salt: "AAAA", iterations: 4))
        #expect(SCRAMVerifier(one.description) == one)
    }

    @Test(arguments: [
        "", "md5a3556571e93b0d20722ba62be61e8c2d", "SCRAM-SHA-256$0:AAAA$AAAA:AAAA", "SCRAM-SHA-256$1:AAAA$AAAA",
        "SCRAM-SHA-256$x:AAAA$AAAA:AAAA", "SCRAM-SHA-1$1:AAAA$AAAA:AAAA", "SCRAM-SHA-256$1:A$AAAA:AAAA",
    ])
    func `what is no verifier is not read as one`(_ text: String) { #expect(SCRAMVerifier(text) == nil) }
}
