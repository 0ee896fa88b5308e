import Foundation
import Propel
import PropelTesting
import Testing

@testable import SecretStore

extension WithGnuPG {
    /// gpg reads what the store writes, and the reverse.
    @Suite struct RoundTripTests {
        @Test(arguments: [Person.Key.ed25519, .rsa])
        func `gpg decrypts what the store writes`(_ key: Person.Key) async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", key), ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                try await ben.join(with: anna)
                let secret = try anna.put("hunter2\n", "db-password", .host("web1.example.com"))
                #expect(secret.path == "secrets/hosts/web1.example.com/db-password.gpg")
                #expect(try await anna.decryptWithGPG(secret.file) == Array("hunter2\n".utf8))
                #expect(try await ben.decryptWithGPG(secret.file) == Array("hunter2\n".utf8))
                #expect(try anna.text(secret) == "hunter2\n")
                #expect(try ben.text(secret) == "hunter2\n")
                #expect(try Data(contentsOf: secret.file).first.map { $0 & 0x80 } == 0x80, "binary")

                let stranger = try await playground.person("carl", .ed25519)
                #expect(try await stranger.decryptWithGPG(secret.file) == nil)
                #expect(
                    try FileManager.default.attributesOfItem(atPath: secret.file.path)[.posixPermissions] as? Int
                        == 0o644)
            }
        }

        @Test func `the store reads messages of gpg`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .rsa), ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                try await ben.join(with: anna)
                try await anna.learn(ben)
                let secret = try anna.put("", "token", .role("web"))
                let text = Array("line one\nline two, with no end".utf8)
                for options in [
                    [], ["--armor"], ["--armor", "--comment", "From a laptop"], ["--compress-algo", "none"], ["--sign"],
                    ["--throw-keyids"],
                ] {
                    let message = try await anna.gpg(
                        options + ["--trust-model", "always", "-r", anna.mail, "-r", ben.mail, "--encrypt"], input: text
                    ).stdout
                    try Data(message).write(to: secret.file)
                    #expect(try anna.store.decrypt(secret, passphrase: .agent).array == text, "\(options)")
                    #expect(try ben.store.decrypt(secret, passphrase: .agent).array == text, "\(options)")
                    let names = try anna.store.recipients(of: secret).map(\.description)
                    let expected =
                        options == ["--throw-keyids"]
                        ? ["a key that the file does not name"] : ["Anna <anna@example.com>", "Ben <ben@example.com>"]
                    #expect(names.sorted() == expected, "\(options)")
                }
            }
        }

        @Test func `the recipients are those that gpg lists`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .rsa), ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                try await ben.join(with: anna)
                let secret = try anna.put("x", "a")
                let packets = try await anna.gpg(["--list-only", "--list-packets", secret.file.path]).text
                let listed = packets.matches(of: #/:pubkey enc packet:.*keyid ([0-9A-F]{16})/#).map { String($0.1) }
                #expect(listed.count == 2)
                #expect(try OpenPGPMessage(anna.store.message(of: secret)).recipients == listed)
            }
        }

        @Test func `every byte value is preserved`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                for count in [0, 1, 511, 512, 513, 4096, 70_000] {
                    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
                    let secret = try anna.store.encrypt(SecretBytes(copying: bytes), as: "bytes", for: .all)
                    #expect(try anna.store.decrypt(secret, passphrase: .agent).array == bytes)
                    #expect(try await anna.decryptWithGPG(secret.file) == bytes)
                }
            }
        }

        @Test func `a large binary secret is preserved`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                var generator = SystemRandomNumberGenerator()
                var bytes: [UInt8] = []
                bytes.reserveCapacity(20 << 20)
                while bytes.count < 20 << 20 { withUnsafeBytes(of: generator.next()) { bytes += $0 } }
                let secret = try anna.store.encrypt(SecretBytes(copying: bytes), as: "image", for: .all)
                #expect(try anna.store.decrypt(secret, passphrase: .agent).array == bytes)
                #expect(try await anna.decryptWithGPG(secret.file) == bytes)
                // Compressed, so that the plaintext is longer than the message.
                let zeros = [UInt8](repeating: 0, count: 20 << 20)
                try Data(try await anna.gpg(["-r", anna.mail, "--encrypt"], input: zeros).stdout).write(to: secret.file)
                #expect(try Data(contentsOf: secret.file).count < 1 << 20)
                #expect(try anna.store.decrypt(secret, passphrase: .agent).array == zeros)
            }
        }

        @Test func `a secret over the size limit is refused`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                let secret = try anna.put("x", "bomb")
                let before = try playground.snapshot()
                let tooMuch = try SecretBytes(capacity: Secret.sizeLimit + 1) { $0.count }
                try await expect(.tooLarge(secret.path)) { try anna.store.encrypt(tooMuch, as: "bomb", for: .all) }
                #expect(try playground.snapshot() == before)
                let zeros = [UInt8](repeating: 0, count: Secret.sizeLimit + 1)
                try Data(try await anna.gpg(["-r", anna.mail, "--encrypt"], input: zeros).stdout).write(to: secret.file)
                try await expect(.tooLarge(secret.path)) { _ = try anna.store.decrypt(secret, passphrase: .agent) }
            }
        }

        @Test func `the most specific context wins`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                let store = anna.store
                #expect(try store.secrets() == [])
                #expect(try store.secret("a", host: "web1", role: "web") == nil)
                try await anna.join()
                let forAll = try anna.put("all", "a")
                #expect(try store.secret("a", host: "web1", role: "web") == forAll)
                let forRole = try anna.put("role", "a", .role("web"))
                #expect(try store.secret("a", host: "web1", role: "web") == forRole)
                let forHost = try anna.put("host", "a", .host("web1"))
                #expect(try store.secret("a", host: "web1", role: "web") == forHost)
                #expect(try store.secret("a", host: "web2", role: "web") == forRole)
                #expect(try store.secret("a", host: "web2", role: "db") == forAll)
                #expect(try store.secret("b", host: "web1", role: "web") == nil)
                #expect(try store.secrets() == [forAll, forRole, forHost])
                #expect(try store.secrets().map { try anna.text($0) } == ["all", "role", "host"])

                try store.remove(forHost)
                #expect(try store.secret("a", host: "web1", role: "web") == forRole)
                #expect(!FileManager.default.fileExists(atPath: playground.secrets.appending(path: "hosts").path))
                try await expect(.noSuchSecret("secrets/hosts/web1/a.gpg")) { try store.remove(forHost) }
            }
        }

        @Test func `a passphrase is used and a wrong one is reported`() async throws {
            try await Playground.run { playground in
                let anna = try playground.person("anna")
                try await anna.makeKey(.ed25519, passphrase: Person.passphrase)
                // There is no pinentry.
                try "pinentry-program /nonexistent\n".write(
                    toFile: "\(anna.home)/gpg-agent.conf", atomically: true, encoding: .utf8)
                try await playground.tool("gpgconf", "--homedir", anna.home, "--kill", "all")
                try await anna.join()
                let secret = try anna.put("open", "a")
                try await expect(.noPinentry) { _ = try anna.store.decrypt(secret, passphrase: .agent) }
                let wrong = PassphraseSource.given(try SecretBytes(copying: Array("wrong".utf8)))
                try await expect(.badPassphrase(secret.path)) { _ = try anna.store.decrypt(secret, passphrase: wrong) }
                let right = PassphraseSource.given(try SecretBytes(copying: Array(Person.passphrase.utf8)))
                #expect(try anna.store.decrypt(secret, passphrase: right).array == Array("open".utf8))
                // Now gpg-agent has cached it.
                #expect(try anna.store.decrypt(secret, passphrase: .agent).array == Array("open".utf8))
            }
        }

        /// The user cancels pinentry.
        @Test func `a cancelled pinentry is reported`() async throws {
            try await Playground.run { playground in
                let anna = try playground.person("anna")
                try await anna.makeKey(.ed25519, passphrase: Person.passphrase)
                let pinentry = playground.folder.appending(path: "pinentry")
                let script = """
                    #!/bin/sh
                    echo "OK ready"
                    while read -r word rest; do
                        case $word in
                            GETPIN) echo "ERR 83886179 Operation cancelled <Pinentry>" ;;
                            BYE) echo OK; exit ;;
                            *) echo OK ;;
                        esac
                    done

                    """
                try writeProgram(script, to: pinentry.path)
                try "pinentry-program \(pinentry.path)\n".write(
                    toFile: "\(anna.home)/gpg-agent.conf", atomically: true, encoding: .utf8)
                try await playground.tool("gpgconf", "--homedir", anna.home, "--kill", "all")
                try await anna.join()
                let secret = try anna.put("open", "a")
                try await expect(.cancelled) { _ = try anna.store.decrypt(secret, passphrase: .agent) }
            }
        }

        @Test func `a user who is not a recipient is told the recipients`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                let carl = try await playground.person("carl", .ed25519)
                try await anna.join()
                try await ben.join(with: anna)
                let secret = try anna.put("x", "a")
                let error = try await storeError { _ = try carl.store.decrypt(secret, passphrase: .agent) }
                #expect(error.message.contains("none of your keys can decrypt secrets/all/a.gpg"))
                #expect(
                    error.message.contains("Anna <anna@example.com>") && error.message.contains("Ben <ben@example.com>")
                )

                // A key that is no longer in the keyring is named by its key ID.
                try FileManager.default.removeItem(
                    at: playground.secrets.appending(path: "keyring/\(try await ben.fingerprint).asc"))
                let stranger = try await storeError { _ = try carl.store.decrypt(secret, passphrase: .agent) }
                #expect(stranger.message.contains("which is not in the keyring"))

                // Without an agent, GnuPG reports a missing secret key for every key.
                try await playground.tool("gpgconf", "--homedir", anna.home, "--kill", "all")
                try "agent-program /nonexistent\n".write(
                    toFile: "\(anna.home)/gpg.conf", atomically: true, encoding: .utf8)
                try await expect(.noAgent) { _ = try anna.store.decrypt(secret, passphrase: .agent) }
            }
        }

        @Test func `the options of the user do not change what is written`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                try await anna.learn(ben)
                try "armor\nthrow-keyids\nencrypt-to \(ben.mail)\ncomment hello\n"
                    .write(toFile: "\(anna.home)/gpg.conf", atomically: true, encoding: .utf8)
                let secret = try anna.put("x", "a")
                #expect(try anna.store.recipients(of: secret).map(\.description) == ["Anna <anna@example.com>"])
                #expect(try await ben.decryptWithGPG(secret.file) == nil)
                #expect(try anna.text(secret) == "x")
            }
        }

        @Test func `an empty keyring is refused`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                let error = try await storeError { try anna.put("x", "a") }
                #expect(error == .emptyKeyring(folder: "secrets/keyring"))
                #expect(error.advice.contains("propel key add"))
                #expect(!FileManager.default.fileExists(atPath: playground.secrets.path))
            }
        }
    }
}
