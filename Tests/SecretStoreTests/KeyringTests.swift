import Foundation
import Propel
import Testing

@testable import SecretStore

extension WithGnuPG {
    /// Readers, and how they change.
    @Suite struct KeyringTests {
        @Test func `an added key reads every secret and a removed key none`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519), ben = try await playground.person("ben", .rsa)
                let first = try await anna.join()
                #expect(first.keys.map(\.userIDs) == [["Anna <anna@example.com>"]] && first.reencrypted.isEmpty)
                let secrets = [
                    try anna.put("one", "a"), try anna.put("two", "b", .role("web")),
                    try anna.put("three", "a", .host("web1")),
                ]
                try Data("Our secrets.\n".utf8).write(to: playground.secrets.appending(path: "README.md"))
                #expect(try await ben.decryptWithGPG(secrets[0].file) == nil)

                let added = try await ben.join(with: anna)
                #expect(added.reencrypted == secrets.sorted())
                #expect(added.toRotate.isEmpty)
                for (secret, text) in zip(secrets, ["one", "two", "three"]) {
                    #expect(try await ben.decryptWithGPG(secret.file) == Array(text.utf8))
                    #expect(try await anna.decryptWithGPG(secret.file) == Array(text.utf8))
                }
                let files = try playground.snapshot()
                #expect(files["README.md"] == Data("Our secrets.\n".utf8))
                #expect(files[".gitattributes"] == Data("*.gpg binary\n".utf8))
                #expect(files.keys.filter { $0.hasPrefix("keyring/") }.count == 2)
                let onlyConfiguration = try FileManager.default.contentsOfDirectory(
                    atPath: playground.configuration.path)
                #expect(onlyConfiguration == ["secrets"], "nothing is left beside it")

                // Again: nothing changes.
                let again = try await ben.join(with: anna)
                #expect(again.reencrypted.isEmpty)
                #expect(try playground.snapshot() == files)

                let removed = try anna.store.keyring.remove([ben.mail], passphrase: .agent)
                #expect(removed.toRotate == secrets.sorted())
                #expect(removed.reencrypted == secrets.sorted())
                for (secret, text) in zip(secrets, ["one", "two", "three"]) {
                    #expect(try await ben.decryptWithGPG(secret.file) == nil)
                    #expect(try anna.text(secret) == text)
                }
                #expect(try anna.store.keyring.keys().map(\.name) == ["Anna <anna@example.com>"])
                let error = try await storeError { _ = try ben.store.decrypt(secrets[0], passphrase: .agent) }
                #expect(error.message.contains("Anna <anna@example.com>"))
            }
        }

        @Test func `a key is exported from the GnuPG home`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.learn(ben)
                let source = try KeySource(anna.mail, gpgHome: anna.home)
                try anna.store.keyring.add(source, passphrase: .agent)
                try await expect(.noSuchKey("nobody@example.com", place: "your GnuPG home")) {
                    _ = try KeySource("nobody@example.com", gpgHome: anna.home)
                }
                guard
                    case .ambiguousKey(_, let keys) = try await storeError({
                        _ = try KeySource("example.com", gpgHome: anna.home)
                    })
                else {
                    Issue.record("not ambiguous")
                    return
                }
                #expect(keys.count == 2)
                let fingerprint = try await anna.fingerprint
                #expect(try anna.store.keyring.ownKeys().map(\.fingerprint) == [fingerprint])
                #expect(try anna.store.keyring.signingKey()?.fingerprint == fingerprint)
                #expect(try ben.store.keyring.ownKeys() == [])
                #expect(try ben.store.keyring.signingKey() == nil)
                let nowhere = SecretStore(folder: playground.secrets, gpgHome: "\(playground.folder.path)/none")
                #expect(try nowhere.keyring.ownKeys() == [])
                #expect(!FileManager.default.fileExists(atPath: "\(playground.folder.path)/none"))

                // The file equals the export of gpg.
                let file = playground.secrets.appending(path: "keyring/\(fingerprint).asc")
                let text = try String(contentsOf: file, encoding: .utf8)
                #expect(text.hasPrefix("-----BEGIN PGP PUBLIC KEY BLOCK-----"))
                let carl = try playground.person("carl")
                try await carl.gpg(["--import", file.path])
                #expect(try await carl.gpg(["--with-colons", "--list-keys"]).text.contains(fingerprint))
            }
        }

        @Test func `a key that cannot be encrypted to is refused`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                try anna.put("x", "a")
                let before = try playground.snapshot()

                let expired = try playground.person("expired")
                try await expired.makeKey(.ed25519, expires: "1d", at: "20200101T000000")
                let old = try await storeError { try await expired.join(with: anna) }
                #expect(
                    old.message.hasSuffix("expired on 2020-01-02")
                        && old.message.contains("Expired <expired@example.com>"), "\(old)")

                let revoked = try await playground.person("revoked", .rsa)
                let fresh = playground.folder.appending(path: "fresh.asc").path
                try await playground.tool("cp", try await revoked.exportedKey(), fresh)
                try await revoked.revokeKey()
                let taken = try await storeError { try await revoked.join(with: anna) }
                #expect(taken.message.hasSuffix("was revoked"), "\(taken)")

                let signer = try await playground.person("signer", .signingOnly)
                let lacking = try await storeError { try await signer.join(with: anna) }
                #expect(lacking.message.hasSuffix("has no subkey for encryption"), "\(lacking)")
                #expect(lacking.advice.contains("--quick-add-key"))

                let secretKey = playground.folder.appending(path: "secret.asc")
                try Data(try await anna.gpg(["--armor", "--export-secret-keys", anna.mail]).stdout).write(to: secretKey)
                try await expect(.privateKey(secretKey.path)) {
                    try anna.store.keyring.add(KeySource(file: secretKey.path), passphrase: .agent)
                }

                for (name, content) in [
                    ("empty", ""), ("text", "hello\n"),
                    ("cut", String(try String(contentsOfFile: fresh, encoding: .utf8).prefix(300))),
                ] {
                    let file = playground.folder.appending(path: name)
                    try Data(content.utf8).write(to: file)
                    let error = try await storeError {
                        try anna.store.keyring.add(KeySource(file: file.path), passphrase: .agent)
                    }
                    guard case .damagedKey = error else { Issue.record("\(name): \(error)"); continue }
                }
                let both = playground.folder.appending(path: "both")
                try
                    (Data(contentsOf: URL(filePath: fresh))
                    + Data(contentsOf: URL(filePath: try await anna.exportedKey()))).write(to: both)
                try await expect(.damagedKey(both.path, reason: "it contains 2 keys")) {
                    try anna.store.keyring.add(KeySource(file: both.path), passphrase: .agent)
                }
                #expect(throws: SecretStoreError.self) { try KeySource(file: "/nonexistent") }
                #expect(try playground.snapshot() == before)

                // A copy from before the revocation does not undo it.
                try await playground.tool(
                    "cp", try await revoked.exportedKey(),
                    "\(playground.secrets.path)/keyring/\(try await revoked.fingerprint).asc")
                let stillTaken = try await storeError {
                    try anna.store.keyring.add(KeySource(file: fresh), passphrase: .agent)
                }
                #expect(
                    stillTaken.message.contains("Revoked <revoked@example.com>")
                        && stillTaken.message.hasSuffix("was revoked"), "\(stillTaken)")
                let other = try await storeError { try anna.put("y", "b") }
                #expect(
                    other.message.hasSuffix("was revoked") && other.advice.contains("propel key remove"), "\(other)")
                try anna.store.keyring.remove([try await revoked.fingerprint], passphrase: .agent)
                try anna.put("y", "b")
            }
        }

        @Test func `an expired key stops every write`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                try await ben.join(with: anna)
                let secret = try anna.put("x", "a")
                try await ben.expireKey()
                try await Task.sleep(for: .seconds(2))
                let fingerprint = try await ben.fingerprint
                try await playground.tool(
                    "cp", try await ben.exportedKey(), "\(playground.secrets.path)/keyring/\(fingerprint).asc")
                let before = try playground.snapshot()
                let error = try await storeError { try anna.put("y", "a") }
                #expect(
                    error.message.contains("Ben <ben@example.com>") && error.message.contains("expired on"), "\(error)")
                #expect(error.advice.contains("propel key remove \(fingerprint)"))
                #expect(try playground.snapshot() == before)
                // An expired key still decrypts.
                #expect(try ben.text(secret) == "x")

                // After its owner has extended it, writes work again.
                try await ben.gpg(["--quick-set-expire", fingerprint, "1y"])
                let change = try await ben.join(with: anna)
                #expect(change.reencrypted.isEmpty)
                #expect(try anna.store.keyring.keys().first { $0.fingerprint == fingerprint }?.usableUntil != nil)
                try anna.put("z", "a")
                #expect(try ben.text(secret) == "z")
            }
        }

        @Test(arguments: ["--recipient", "--hidden-recipient"])
        func `a secret that a stranger can read must be rotated`(_ option: String) async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    carl = try await playground.person("carl", .ed25519)
                try await anna.join()
                let secrets = [try anna.put("x", "a"), try anna.put("y", "b")].sorted()
                try await anna.learn(carl)
                let message = try await anna.gpg(
                    ["--trust-model", "always", "--recipient", anna.mail, option, carl.mail, "--encrypt"],
                    input: Array("x".utf8)
                ).stdout
                try Data(message).write(to: secrets[0].file)
                #expect(try await carl.decryptWithGPG(secrets[0].file) == Array("x".utf8))
                let change = try anna.store.keyring.reencrypt(passphrase: .agent)
                #expect(change.toRotate == [secrets[0]])
                #expect(change.reencrypted == [secrets[0]])
                #expect(try await carl.decryptWithGPG(secrets[0].file) == nil)
            }
        }

        @Test func `removing the last readable key needs consent`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                try anna.put("x", "a")
                guard
                    case .lastKey = try await storeError({
                        try anna.store.keyring.remove([anna.mail], passphrase: .agent)
                    })
                else {
                    Issue.record("the last key went")
                    return
                }
                try await ben.join(with: anna)
                let before = try playground.snapshot()
                guard
                    case .lockingOut(let keys) = try await storeError({
                        try anna.store.keyring.remove([anna.mail], passphrase: .agent)
                    })
                else {
                    Issue.record("anna has locked herself out")
                    return
                }
                #expect(keys.map(\.name) == ["Anna <anna@example.com>"])
                guard
                    case .lastKey = try await storeError({
                        try anna.store.keyring.remove([anna.mail, ben.mail], passphrase: .agent)
                    })
                else {
                    Issue.record("both keys went")
                    return
                }
                try await expect(.noSuchKey("carl", place: "the keyring")) {
                    try anna.store.keyring.remove(["carl"], passphrase: .agent)
                }
                try await expect(.noSuchKey("", place: "the keyring")) {
                    try anna.store.keyring.remove([""], passphrase: .agent)
                }
                let ambiguous = try await storeError {
                    try anna.store.keyring.remove(["example.com"], passphrase: .agent)
                }
                guard case .ambiguousKey = ambiguous else { Issue.record("\(ambiguous)"); return }
                #expect(try playground.snapshot() == before)
                let change = try anna.store.keyring.remove(
                    [try await anna.fingerprint], passphrase: .agent, lockingOut: true)
                #expect(change.toRotate.count == 1)
                #expect(try ben.text(change.toRotate[0]) == "x")
                #expect(throws: SecretStoreError.self) { try anna.text(change.toRotate[0]) }
            }
        }

        @Test func `a user who cannot decrypt cannot add a key`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                try anna.put("x", "a")
                let before = try playground.snapshot()
                let error = try await storeError { try await ben.join() }
                guard case .noSecretKey("secrets/all/a.gpg", _) = error else { Issue.record("\(error)"); return }
                #expect(try playground.snapshot() == before)
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: playground.configuration.path) == ["secrets"])
            }
        }
    }
}
