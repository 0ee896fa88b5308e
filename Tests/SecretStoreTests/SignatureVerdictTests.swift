import Foundation
import Propel
import PropelTesting
import Testing

@testable import SecretStore

extension WithGnuPG {
    /// Signatures, verified with the keyring.
    @Suite struct SignatureVerdictTests {
        private let payload = Array("tree 0123\nauthor A\n\nDeploy\n".utf8)

        private func signature(_ person: Person, _ options: String..., passphrase: String = "") async throws -> [UInt8]
        {
            try await person.gpg(
                options + ["--local-user", person.mail, "--detach-sign"], passphrase: passphrase, input: payload
            ).stdout
        }

        @Test func `each kind of signature gets its verdict`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519), ben = try await playground.person("ben", .rsa)
                let carl = try await playground.person("carl", .ed25519)
                try await anna.join()
                try await ben.join(with: anna)
                let keyring = anna.store.keyring
                let keys = try keyring.keys()
                let annasKey = try #require(keys.first { $0.name.hasPrefix("Anna") }),
                    bensKey = try #require(keys.first { $0.name.hasPrefix("Ben") })

                let good = try await signature(anna)
                #expect(try keyring.verify(signature: good, of: payload) == .good(annasKey))
                #expect(
                    try keyring.verify(signature: try await signature(ben, "--armor"), of: payload) == .good(bensKey))

                // The verifier's home does not count: carl's key is in anna's home, and trusted there.
                try await anna.learn(carl)
                let strange = try keyring.verify(signature: try await signature(carl), of: payload)
                let carlsFingerprint = try await carl.fingerprint
                guard case .stranger(let keyID) = strange else { Issue.record("\(strange)"); return }
                #expect(carlsFingerprint.hasSuffix(keyID))

                var tampered = payload
                tampered[5] ^= 1
                #expect(try keyring.verify(signature: good, of: tampered) == .bad(annasKey))
                #expect(try keyring.verify(signature: good, of: []) == .bad(annasKey))
                #expect(try keyring.verify(signature: good, of: payload + [0x0A]) == .bad(annasKey))

                for damaged in [[], Array("hello".utf8), Array(good.prefix(20)), good + good] {
                    let verdict = try keyring.verify(signature: damaged, of: payload)
                    guard case .damaged = verdict else { Issue.record("\(damaged.count) bytes: \(verdict)"); continue }
                }
                // A signed message is not a detached signature.
                let inline = try await anna.gpg(["--sign"], input: payload).stdout
                for text in [payload, Array("other".utf8)] {
                    let verdict = try keyring.verify(signature: inline, of: text)
                    #expect(!verdict.isGood, "\(verdict)")
                }
                let folder = FileManager.default.temporaryDirectory.path
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: folder).filter {
                        $0.hasPrefix("propel-gpg-")
                            && FileManager.default.fileExists(atPath: "\(folder)/\($0)/S.gpg-agent")
                    } == [], "no agent was started")

                // Keys that expired or were revoked later, with an updated keyring.
                try await anna.expireKey()
                try await Task.sleep(for: .seconds(2))
                try await playground.tool(
                    "cp", try await anna.exportedKey(), "\(playground.secrets.path)/keyring/\(annasKey.fingerprint).asc"
                )
                let late = try keyring.verify(signature: good, of: payload)
                guard case .expired = late else { Issue.record("\(late)"); return }
                #expect(late.description.contains("Anna <anna@example.com>"))

                let bens = try await signature(ben)
                try await ben.revokeKey()
                try await playground.tool(
                    "cp", try await ben.exportedKey(), "\(playground.secrets.path)/keyring/\(bensKey.fingerprint).asc")
                let withdrawn = try keyring.verify(signature: bens, of: payload)
                guard case .revoked = withdrawn else { Issue.record("\(withdrawn)"); return }

                try FileManager.default.removeItem(at: playground.secrets.appending(path: "keyring"))
                let nobody = try keyring.verify(signature: good, of: payload)
                guard case .stranger = nobody else { Issue.record("\(nobody)"); return }
            }
        }

        @Test func `a changed bit of a signature is detected`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                let good = try await signature(anna)
                let keyring = anna.store.keyring
                var random = SeededGenerator(seed: 7)
                for _ in 0..<40 {
                    var changed = good
                    changed[Int.random(in: changed.indices, using: &random)] ^=
                        1 << UInt8.random(in: 0..<8, using: &random)
                    let verdict = try keyring.verify(signature: changed, of: payload)
                    // Some bytes are not signed: the key ID, which is a hint, and the left 16 bits of the hash.
                    if case .good(let key) = verdict { #expect(key.name == "Anna <anna@example.com>") }
                }
                for length in stride(from: 0, to: good.count, by: 7) {
                    #expect(try !keyring.verify(signature: Array(good.prefix(length)), of: payload).isGood)
                }
            }
        }
    }
}
