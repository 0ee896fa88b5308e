import Foundation
import Propel
import Testing

@testable import SecretStore

extension WithGnuPG {
    /// Keys with several encryption subkeys, as people have who use one for each computer or card, and many secrets.
    @Suite struct EncryptionSubkeyTests {
        private func encryptionKeyIDs(_ person: Person) throws -> Set<String?> {
            Set(try person.store.keyring.keys().flatMap(\.encryptionParts).map(\.keyID))
        }

        @Test func `a secret is encrypted to every encryption subkey`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                let old = try anna.put("x", "a")
                let fingerprint = try await anna.fingerprint
                try await anna.gpg(["--quick-add-key", fingerprint, "cv25519", "encr", "never"])
                let file = playground.secrets.appending(path: "keyring/\(fingerprint).asc")
                try await playground.tool("cp", try await anna.exportedKey(), file.path)
                let key = try #require(try anna.store.keyring.keys().first)
                #expect(key.encryptionParts.count == 2)
                #expect(
                    try anna.store.keyring.check(hosts: [], roles: []) { _ in true } == [.missingSubkey(old, key)])
                #expect(try anna.store.keyring.reencrypt(passphrase: .agent).reencrypted == [old])
                let new = try anna.put("y", "b")
                for secret in [old, new] {
                    let recipients = try OpenPGPMessage(try anna.store.message(of: secret)).recipients
                    let keyIDs = try encryptionKeyIDs(anna)
                    #expect(recipients.count == 2 && Set(recipients) == keyIDs)
                    #expect(try anna.store.recipients(of: secret) == [.key(key)])
                }
                #expect(try anna.text(old) == "x" && anna.text(new) == "y")
                #expect(try anna.store.keyring.check(hosts: [], roles: []) { _ in true } == [])
                #expect(try anna.store.keyring.reencrypt(passphrase: .agent).reencrypted == [])
            }
        }

        @Test func `many secrets are encrypted to a new key, each as it was`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                let secrets = try (10..<22).map { number in
                    try anna.put("value \(number)", SecretName("s\(number)")!, number % 2 == 0 ? .all : .host("web1"))
                }
                #expect(try await ben.join(with: anna).reencrypted == secrets.sorted())
                for secret in secrets {
                    #expect(try ben.text(secret) == "value \(secret.name.description.dropFirst())")
                }
                let readers = try anna.store.recipients(of: secrets)
                #expect(readers.count == secrets.count)
                #expect(try readers == secrets.map { try anna.store.recipients(of: $0) })
            }
        }

        @Test func `one secret that cannot be decrypted leaves all as they were`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                let secrets = try (10..<18).map { try anna.put("\($0)", SecretName("s\($0)")!) }
                var damaged = try Data(contentsOf: secrets[4].file)
                damaged[damaged.count - 3] ^= 0xFF
                try damaged.write(to: secrets[4].file)
                let before = try playground.snapshot()
                await #expect(throws: SecretStoreError.self) { try await ben.join(with: anna) }
                #expect(try playground.snapshot() == before)
            }
        }
    }
}
