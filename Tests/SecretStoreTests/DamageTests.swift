import Foundation
import Propel
import PropelTesting
import Testing

@testable import SecretStore

extension WithGnuPG {
    /// Damaged files give an error or the exact plaintext, and nothing is overwritten.
    @Suite struct DamageTests {
        @Test func `a damaged message is an error and never another plaintext`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                let text = Array("the plaintext of a secret that is long enough to be cut".utf8)
                let secret = try anna.store.encrypt(SecretBytes(copying: text), as: "a", for: .all)
                let binary = [UInt8](try Data(contentsOf: secret.file))
                let compressed = try await anna.gpg(["-r", anna.mail, "--encrypt"], input: text).stdout
                let armored = try await anna.gpg(["--armor", "-r", anna.mail, "--encrypt"], input: text).stdout
                let other = try await anna.gpg(["-r", anna.mail, "--encrypt"], input: Array("another".utf8)).stdout
                var random = SeededGenerator(seed: 42)
                var damaged: [[UInt8]] = [
                    [], [0], [0x80], [0xFF], Array(repeating: 0xC1, count: 40),
                    Array("-----BEGIN PGP MESSAGE-----\n".utf8),
                ]
                for message in [binary, compressed, armored] {
                    for _ in 0..<20 {
                        var changed = message
                        changed[Int.random(in: changed.indices, using: &random)] ^=
                            1 << UInt8.random(in: 0..<8, using: &random)
                        damaged.append(changed)
                    }
                    for _ in 0..<8 {
                        damaged.append(Array(message.prefix(Int.random(in: message.indices, using: &random))))
                    }
                    for _ in 0..<5 {
                        damaged.append(message + (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) })
                    }
                }
                damaged += [binary + other, binary + binary, Array(binary.dropLast()), Array(binary.dropFirst())]
                var opened = 0
                for message in damaged {
                    try Data(message).write(to: secret.file)
                    do {
                        let read = try anna.store.decrypt(secret, passphrase: .agent).array
                        #expect(read == text, "\(message.count) bytes gave another plaintext")
                        opened += 1
                    } catch let error as SecretStoreError {
                        #expect(!error.message.isEmpty)
                    }
                    // Does not crash.
                    _ = try? anna.store.recipients(of: secret)
                }
                #expect(opened < damaged.count / 2, "the damage is real: \(opened) of \(damaged.count) opened")
            }
        }

        /// The packet reader alone, with many more inputs.
        @Test func `a damaged packet is an error`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .rsa)
                try await anna.join()
                let secret = try anna.put("x", "a")
                let message = try anna.store.message(of: secret)
                let armored = try await anna.gpg(["--armor", "-r", anna.mail, "--encrypt"], input: [1]).stdout
                var random = SeededGenerator(seed: 1)
                for _ in 0..<4_000 {
                    var changed = Bool.random(using: &random) ? message : armored
                    for _ in 0..<Int.random(in: 1...4, using: &random) {
                        changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(
                            in: 0...255, using: &random)
                    }
                    if Bool.random(using: &random) {
                        changed.removeLast(Int.random(in: changed.indices, using: &random))
                    }
                    if let read = try? OpenPGPMessage(changed) { #expect(!read.recipients.isEmpty) }
                }
            }
        }

        /// GnuPG 2.2 does not write these packets.
        @Test func `packets of RFC 9580 are read`() throws {
            let data: [UInt8] = [0xD2, 0x01, 0x02]
            let v6: [UInt8] = [0xC1, 0x18, 6, 21, 4] + (1...20) + [25]
            #expect(try OpenPGPMessage(v6 + data).recipients == ["0102030405060708090A0B0C0D0E0F1011121314"])
            #expect(try OpenPGPMessage([0xC1, 3, 6, 0, 25] + data).recipients == [nil])
            #expect(try OpenPGPMessage([0xD5, 2, 0, 0] + v6 + data).recipients.count == 1, "padding")
            #expect(
                try OpenPGPMessage([0xC1, 12, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3] + data).recipients == [nil], "hidden")
            for damaged: [UInt8] in [
                v6, Array(v6.dropLast(5)), [0xC1, 0x03, 6, 21, 4] + data, [0xC1, 0xE0, 3] + data,
                [0xC1, 3, 9, 9, 9] + data, data,
            ] {
                #expect(throws: OpenPGPMessage.Damage.self) { try OpenPGPMessage(damaged) }
            }
        }

        @Test func `a file that is not an encrypted message is refused`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                let secret = try anna.put("x", "a")
                let messages: [(String, [UInt8])] = [
                    ("literal", try await anna.gpg(["--store"], input: Array("planted".utf8)).stdout),
                    ("signed", try await anna.gpg(["--sign"], input: Array("planted".utf8)).stdout),
                    (
                        "passphrase",
                        try await anna.gpg(["--symmetric"], passphrase: "x", input: Array("planted".utf8)).stdout
                    ),
                    ("key", [UInt8](try Data(contentsOf: URL(filePath: try await anna.exportedKey(armored: false))))),
                    ("text", Array("planted\n".utf8)),
                ]
                for (name, message) in messages {
                    try Data(message).write(to: secret.file)
                    let error = try await storeError { _ = try anna.store.decrypt(secret, passphrase: .agent) }
                    guard case .damaged("secrets/all/a.gpg", _) = error else {
                        Issue.record("\(name): \(error)"); continue
                    }
                    #expect(error.advice.contains("git log -- secrets/all/a.gpg"))
                }
                // No integrity protection (RFC 9580, 5.7).
                let unprotected = try await anna.gpg(
                    ["--rfc2440", "--cipher-algo", "3DES", "--disable-mdc", "-r", anna.mail, "--encrypt"],
                    input: Array("planted".utf8)
                ).stdout
                try Data(unprotected).write(to: secret.file)
                if try OpenPGPMessage(unprotected).recipients.count == 1, unprotected.contains(0xC9) {
                    #expect(throws: SecretStoreError.self) { try anna.store.decrypt(secret, passphrase: .agent) }
                }
            }
        }

        @Test func `a store with an unexpected file is not written to`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                try await anna.join()
                try anna.put("x", "a", .host("web1"))
                let manager = FileManager.default
                let outside = playground.folder.appending(path: "outside")
                try manager.createDirectory(at: outside, withIntermediateDirectories: true)
                try Data("x".utf8).write(to: outside.appending(path: "f.gpg"))

                func refuses(
                    _ expected: SecretStoreError, _ path: String, _ make: (URL) throws -> Void,
                    sourceLocation: SourceLocation = #_sourceLocation
                ) async throws {
                    let url = playground.secrets.appending(path: path)
                    try manager.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try make(url)
                    let before = try playground.snapshot()
                    try await expect(expected, sourceLocation: sourceLocation) { _ = try anna.store.secrets() }
                    try await expect(expected, sourceLocation: sourceLocation) { try anna.put("y", "b") }
                    try await expect(expected, sourceLocation: sourceLocation) { try await ben.join(with: anna) }
                    #expect(try playground.snapshot() == before, sourceLocation: sourceLocation)
                    try manager.removeItem(at: url)
                }
                func strange(
                    _ path: String, _ make: (URL) throws -> Void = { try Data().write(to: $0) },
                    sourceLocation: SourceLocation = #_sourceLocation
                ) async throws {
                    try await refuses(.strangeFile("secrets/\(path)"), path, make, sourceLocation: sourceLocation)
                }
                try await strange("notes.txt")
                try await strange("hosts/web1/a.gpg~")
                try await strange("hosts/web1/a b.gpg")
                try await strange("hosts/stray.gpg")
                try await strange("roles/.hidden") {
                    try manager.createDirectory(at: $0, withIntermediateDirectories: true)
                }
                try await strange("keyring/anna.asc")
                try await strange("hosts/web1/d.gpg") {
                    try manager.createDirectory(at: $0, withIntermediateDirectories: true)
                }
                try manager.removeItem(at: playground.secrets.appending(path: "roles"))
                for path in ["all", "hosts/web2", "hosts/web1/l.gpg", "roles"] {
                    try await refuses(.symbolicLink("secrets/\(path)"), path) {
                        try manager.createSymbolicLink(
                            at: $0,
                            withDestinationURL: path.hasSuffix("gpg") ? outside.appending(path: "f.gpg") : outside)
                    }
                }
                // A key file that contains another key, or no key.
                let fingerprint = try await ben.fingerprint
                let wrong = String(fingerprint.reversed())
                try await playground.tool(
                    "cp", try await ben.exportedKey(), "\(playground.secrets.path)/keyring/\(wrong).asc")
                try await expect(.misnamedKey("secrets/keyring/\(wrong).asc", fingerprint: fingerprint)) {
                    try anna.put("y", "b")
                }
                try Data("-----BEGIN".utf8).write(to: playground.secrets.appending(path: "keyring/\(wrong).asc"))
                guard case .damagedKey = try await storeError({ try anna.put("y", "b") }) else {
                    Issue.record("damaged key"); return
                }
                try await expect(.unusableContext("../../x")) { try anna.put("y", "b", .host("../../x")) }
                try await expect(.unusableContext("")) { try anna.put("y", "b", .role("")) }
                try await expect(.unusableContext(".ssh")) { try anna.put("y", "b", .host(".ssh")) }
            }
        }
    }
}
