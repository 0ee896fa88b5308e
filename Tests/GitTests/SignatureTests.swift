import PlainText
import Foundation
import Testing

@testable import Git

@Suite struct SignatureTests {
    @Test func `an unsigned commit has no signature`() async throws {
        try await Playground.run { playground in
            // The header counts, not a message that looks like it.
            let commit = try await playground.commit("a", "gpgsig x")
            #expect(try await playground.repository().verify(commit) == .none)
            let absent = try #require(Commit(id: String(repeating: "0", count: 40)))
            _ = try await gitError { _ = try await playground.repository().verify(absent) }
        }
    }

    @Test func `signatures of GnuPG are verified`() async throws {
        try await Playground.run { playground in
            try await withKeyring(playground) {
                let fingerprint = try await newKey(playground, "Alice <alice@example.com>")
                try await playground.git("config", "commit.gpgSign", "true")
                try await playground.git("config", "user.signingKey", fingerprint)
                try playground.write("x", to: "work/hosts.conf")
                let repository = try await playground.repository()
                let commit = try #require(try await repository.commit(paths: ["hosts.conf"], message: "Signed"))
                #expect(
                    try await repository.verify(commit) == .good(signer: "Alice <alice@example.com>", key: fingerprint))
                #expect(try await repository.verify(commit).isGood)

                let forged = try await rewritten(commit, in: playground)
                #expect(try await repository.verify(forged) == .bad)

                // Another keyring, which has not heard of her.
                let stranger = playground.with(["GNUPGHOME": "\(playground.directory)/h"])
                try await withKeyring(stranger) {
                    let signature = try await stranger.repository().verify(commit)
                    #expect(signature == .unknownKey(fingerprint))
                }

                // A trust that the key does not have: git does not accept what is good by itself.
                try await playground.git("config", "gpg.minTrustLevel", "ultimate")
                try playground.write("\(fingerprint):3:\n", to: "trust")
                try await playground.tool("gpg", ["--batch", "--quiet", "--import-ownertrust", "trust"])
                #expect(try await !repository.verify(commit).isGood)
            }
        }
    }

    @Test func `an expired key of GnuPG is reported`() async throws {
        try await Playground.run { playground in
            try await withKeyring(playground) {
                let clock = "--faked-system-time=20200101T000000"
                let fingerprint = try await newKey(playground, "Bob <bob@example.com>", expires: "1d", options: [clock])
                try playground.write("#!/bin/sh\nexec gpg \(clock) \"$@\"\n", to: "gpg-of-2020", executable: true)
                try await playground.git("config", "gpg.program", "\(playground.directory)/gpg-of-2020")
                try await playground.git("config", "user.signingKey", fingerprint)
                try playground.write("x", to: "work/hosts.conf")
                try await playground.git("config", "commit.gpgSign", "true")
                let repository = try await playground.repository()
                let commit = try #require(try await repository.commit(paths: ["hosts.conf"], message: "Signed"))
                try await playground.git("config", "--unset", "gpg.program")
                #expect(
                    try await repository.verify(commit) == .expired(signer: "Bob <bob@example.com>", key: fingerprint))
            }
        }
    }

    @Test func `signatures of ssh are verified`() async throws {
        try await Playground.run { playground in
            try await playground.tool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", "key"])
            let key = try playground.read("key.pub").trimmed
            let print = try await playground.tool("ssh-keygen", ["-l", "-f", "key.pub"]).split(separator: " ")[1]
            for (name, value) in [
                "gpg.format": "ssh", "user.signingKey": "\(playground.directory)/key", "commit.gpgSign": "true",
            ] {
                try await playground.git("config", name, value)
            }
            try playground.write("x", to: "work/hosts.conf")
            let repository = try await playground.repository()
            let commit = try #require(try await repository.commit(paths: ["hosts.conf"], message: "Signed"))

            let withoutFile = try await repository.verify(commit)
            guard case .unverifiable(let words) = withoutFile else { Issue.record("\(withoutFile)"); return }
            #expect(words.contains("gpg.ssh.allowedSignersFile"))

            try playground.write("", to: "allowed")
            try await playground.git("config", "gpg.ssh.allowedSignersFile", "\(playground.directory)/allowed")
            #expect(try await repository.verify(commit) == .unknownKey(String(print)))

            try playground.write("alice@example.com \(key)\n", to: "allowed")
            #expect(try await repository.verify(commit) == .good(signer: "alice@example.com", key: String(print)))
            let forged = try await rewritten(commit, in: playground)
            #expect(try await !repository.verify(forged).isGood)
            #expect(try await repository.verify(forged) == .bad)
        }
    }

    /// Output of git on other machines. Nothing is good unless git accepts it.
    @Test(arguments: [
        (
            "[GNUPG:] GOODSIG 0123 A <a@b>\n[GNUPG:] VALIDSIG FFFF 2026", true,
            Signature.good(signer: "A <a@b>", key: "FFFF")
        ),
        (
            "[GNUPG:] REVKEYSIG 0123 A <a@b>\n[GNUPG:] VALIDSIG FFFF 2026", false,
            .revoked(signer: "A <a@b>", key: "FFFF")
        ),
        ("[GNUPG:] EXPSIG 0123 A <a@b>", false, .expired(signer: "A <a@b>", key: "0123")),
        ("[GNUPG:] BADSIG 0123 A\n[GNUPG:] GOODSIG 0123 A", false, .bad),
        ("[GNUPG:] ERRSIG 0123 1 10 00 1700000000 9", false, .unknownKey("0123")),
        (
            "[GNUPG:] ERRSIG 0123 1 10 00 1700000000 4 -", false,
            .unverifiable(words: "[GNUPG:] ERRSIG 0123 1 10 00 1700000000 4 -")
        ),
        (
            "Good \"git\" signature for a@b with ED25519 key SHA256:x", false,
            .unverifiable(words: "Good \"git\" signature for a@b with ED25519 key SHA256:x")
        ),
        (
            "error: cannot run gpg: No such file or directory", false,
            .unverifiable(words: "error: cannot run gpg: No such file or directory")
        ),
        ("", true, .unverifiable(words: "")),
    ])
    func `the output of other versions is understood`(_ raw: String, _ isAccepted: Bool, _ expected: Signature) {
        #expect(Signature(raw: raw, isAccepted: isAccepted) == expected)
    }

    /// A commit with the signature of `commit` and another message.
    private func rewritten(_ commit: Commit, in playground: Playground) async throws -> Commit {
        let object = try await playground.git("cat-file", "commit", commit.id)
        let forged = try await playground.git(
            "hash-object", "-t", "commit", "-w", "--stdin",
            input: object.replacingOccurrences(of: "\n\nSigned", with: "\n\nForged") + "\n")
        return try #require(Commit(id: forged))
    }

    private func withKeyring(_ playground: Playground, _ body: () async throws -> Void) async throws {
        let home = try #require(playground.environment["GNUPGHOME"])
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        do {
            try await body()
        } catch {
            _ = try? await playground.tool("gpgconf", ["--kill", "all"])
            throw error
        }
        try await playground.tool("gpgconf", ["--kill", "all"])
    }

    private func newKey(
        _ playground: Playground, _ user: String, expires: String = "never", options: [String] = []
    ) async throws -> String {
        try await playground.tool(
            "gpg",
            options + ["--batch", "--quiet", "--passphrase", "", "--quick-gen-key", user, "ed25519", "sign", expires])
        let keys = try await playground.tool("gpg", ["--batch", "--with-colons", "--list-keys"])
        let line = try #require(keys.split(separator: "\n").first { $0.hasPrefix("fpr:") })
        return String(try #require(line.split(separator: ":").last))
    }
}
