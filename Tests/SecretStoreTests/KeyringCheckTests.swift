import Foundation
import Propel
import Testing

@testable import SecretStore

extension WithGnuPG {
    /// `propel key check`, and keys whose subkeys change.
    @Suite struct KeyringCheckTests {
        @Test func `check reports every problem of the store`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519),
                    ben = try await playground.person("ben", .ed25519)
                func check(_ unused: Set<SecretName> = []) throws -> [StoreFinding] {
                    try anna.store.keyring.check(hosts: ["web1"], roles: ["web"]) { !unused.contains($0.name) }
                }
                #expect(try check() == [.noKeys])
                try await anna.join()
                let one = try anna.put("1", "a"), two = try anna.put("2", "b", .host("web1")),
                    lost = try anna.put("3", "c", .role("mail"))
                #expect(try check(["b"]) == [.unused(two), .unknownContext(lost)])
                try anna.store.remove(lost)
                #expect(try check() == [])

                // Another branch added ben: the key file exists, but these secrets are not encrypted to it.
                let fingerprint = try await ben.fingerprint
                let file = playground.secrets.appending(path: "keyring/\(fingerprint).asc")
                try await playground.tool("cp", try await ben.exportedKey(), file.path)
                let known = try #require(try anna.store.keyring.keys().first { $0.fingerprint == fingerprint })
                #expect(try check() == [.unreadable(one, by: [known]), .unreadable(two, by: [known])])
                #expect(try anna.store.keyring.reencrypt(passphrase: .agent).reencrypted == [one, two])
                #expect(try check() == [])
                #expect(try ben.text(one) == "1")

                // Another branch removed the key.
                try FileManager.default.removeItem(at: file)
                #expect(
                    try check().map { finding in
                        if case .readableByOthers(_, let others) = finding { others.count } else { 0 }
                    } == [1, 1])
                try anna.store.keyring.reencrypt(passphrase: .agent)
                #expect(try check() == [])

                // A key that will expire soon, and one that has expired.
                try await ben.gpg(["--quick-set-expire", fingerprint, "10d"])
                try await ben.join(with: anna)
                guard case .expiringKey(let key, _)? = try check().first else { Issue.record("\(try check())"); return }
                #expect(key.fingerprint == fingerprint)
                try await ben.revokeKey()
                try await playground.tool("cp", try await ben.exportedKey(), file.path)
                guard case .unusableKey(_, .revoked)? = try check().first else {
                    Issue.record("\(try check())"); return
                }
                try anna.store.keyring.remove([fingerprint], passphrase: .agent)

                // Damaged and unexpected files.
                try Data("nothing".utf8).write(to: one.file)
                guard case .damaged(.damaged("secrets/all/a.gpg", _))? = try check().first else {
                    Issue.record("\(try check())"); return
                }
                try Data().write(to: playground.secrets.appending(path: "all/notes.txt"))
                #expect(try check() == [.damaged(.strangeFile("secrets/all/notes.txt"))])
            }
        }

        /// A key whose owner has replaced its encryption subkey.
        @Test func `a revoked subkey is not relied upon`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                let secret = try anna.put("x", "a")
                let fingerprint = try await anna.fingerprint
                try await anna.gpg(["--quick-add-key", fingerprint, "cv25519", "encr", "never"])
                // Revokes the first subkey.
                try await anna.gpg(
                    ["--command-fd", "0", "--no-batch", "--no-tty", "--edit-key", fingerprint],
                    input: Array("key 1\nrevkey\ny\n0\n\ny\nsave\n".utf8))
                let old = try anna.store.recipients(of: secret)
                #expect(try await anna.join().reencrypted == [secret])
                #expect(try anna.store.recipients(of: secret).map(\.description) == old.map(\.description))
                #expect(try anna.text(secret) == "x")
                #expect(try anna.store.keyring.check(hosts: [], roles: []) { _ in true } == [])
            }
        }
    }
}
