import Propel
import PropelTesting
import Subprocess
import Testing

@Suite struct SHA256Tests {
    /// From FIPS 180-4's examples, and the empty message.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func `the examples of the standard have their hashes`(message: String, hash: String) {
        #expect(SHA256.hash(Array(message.utf8)) == hash)
    }

    @Test func `SHA-256 agrees with sha256sum at every length of the last block`() async throws {
        var generator = SeededGenerator(seed: 7)
        for length in Array(0..<130) + [4096, 65_537] {
            let bytes = generator.bytes(length)
            let printed = try await Subprocess.run(
                .name("sha256sum"), input: .array(bytes), output: .string(limit: 100)
            ).standardOutput
            #expect(printed.prefix(64) == SHA256.hash(bytes))
        }
    }
}
