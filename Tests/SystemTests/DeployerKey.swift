import Foundation
import PropelTesting
import Subprocess
import SystemPackage

/// A deployer: a GnuPG home with one key. It is removed with this value.
final class DeployerKey: Sendable {
    let home: String
    let fingerprint: String
    let passphrase: String

    /// The time at which the creation of a key that has expired begins.
    private static let past = "20250101T000000"

    /// A time at which it was valid. The creation takes some seconds, and gpg does not sign with a key of the future.
    private static let later = "20250101T120000"

    /// - Parameters:
    ///   - passphrase: of the private key; none by default.
    ///   - isExpired: whether it was for a day, long ago.
    init(_ user: String, passphrase: String = "", isExpired: Bool = false) async throws {
        // Short: the agent's socket has to fit into 108 bytes.
        self.passphrase = passphrase
        home = "/tmp/gnupg-\(UUID().uuidString.prefix(6).lowercased())"
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        // A minimal iteration count: nobody must be kept from guessing this passphrase.
        try "s2k-count 1024\n".write(toFile: home + "/gpg-agent.conf", atomically: true, encoding: .utf8)
        try await Self.makeKey(user, passphrase: passphrase, isExpired: isExpired, in: home)
        // In place of gpg: signs when the key was valid.
        let program = "#!/bin/sh\nexec gpg \(isExpired ? "--faked-system-time \(Self.later)" : "") \"$@\"\n"
        try writeProgram(program, to: home + "/signer")
        let listing = String(
            decoding: try await Self.gpg(["--with-colons", "--list-keys", user], home: home), as: UTF8.self)
        guard let line = listing.split(separator: "\n").first(where: { $0.hasPrefix("fpr:") }) else {
            throw Unexpected("no key was made: \(listing)")
        }
        fingerprint = String(line.split(separator: ":")[1])
    }

    deinit {
        let killing = Process()
        killing.executableURL = URL(filePath: "/usr/bin/gpgconf")
        killing.arguments = ["--homedir", home, "--kill", "all"]
        try? killing.run()
        killing.waitUntilExit()
        try? FileManager.default.removeItem(atPath: home)
    }

    /// Makes another key, with the same passphrase.
    func makeKey(_ user: String) async throws { try await Self.makeKey(user, passphrase: passphrase, in: home) }

    private static func makeKey(
        _ user: String, passphrase: String, isExpired: Bool = false, in home: String
    ) async throws {
        let time = isExpired ? ["--faked-system-time", past] : []
        let secret = ["--pinentry-mode", "loopback", "--passphrase", passphrase]
        _ = try await gpg(
            time + secret + ["--quick-generate-key", user, "future-default", "default", isExpired ? "1d" : "never"],
            home: home)
    }

    /// The environment in which propel finds the key.
    var environment: [Environment.Key: String?] { ["GNUPGHOME": home] }

    /// The public key, armored.
    func exported() async throws -> Data { Data(try await Self.gpg(["--armor", "--export", fingerprint], home: home)) }

    /// The public key with a revocation that is not imported into this home.
    func exportedRevoked() async throws -> Data {
        let other = try await DeployerKey("Nobody")
        // GnuPG writes it with the key, with a colon before its first line as a safety catch.
        let certificate = try String(contentsOfFile: "\(home)/openpgp-revocs.d/\(fingerprint).rev", encoding: .utf8)
            .replacing(":-----BEGIN", with: "-----BEGIN")
        _ = try await Self.gpg(["--import"], home: other.home, input: Array(try await exported()))
        _ = try await Self.gpg(["--import"], home: other.home, input: Array(certificate.utf8))
        return Data(try await Self.gpg(["--armor", "--export", fingerprint], home: other.home))
    }

    /// Encrypts to a key of this home with gpg.
    /// - Parameter recipient: nil: the first key.
    func encrypted(_ plaintext: [UInt8], to recipient: String? = nil) async throws -> Data {
        Data(
            try await Self.gpg(
                ["--trust-model", "always", "--encrypt", "--recipient", recipient ?? fingerprint], home: home,
                input: plaintext))
    }

    /// The secrets in a folder that gpg decrypts with the keys of this home, by name.
    func decrypted(filesIn folder: URL) async throws -> [String: String] {
        let place = FileManager.default.temporaryDirectory.appending(path: "propel-plaintexts-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: folder, to: place)
        defer { try? FileManager.default.removeItem(at: place) }
        let encrypted = try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
        let options = [
            "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase,
        ]
        // Each beside the encrypted one. It fails where one of them is not for this home.
        _ = try await Subprocess.run(
            .path("/usr/bin/gpg"),
            arguments: Arguments(options + ["--multifile", "--decrypt"] + encrypted.map(\.path)), input: .none,
            output: .discarded, error: .discarded)
        let plaintexts = try encrypted.compactMap { file in
            let plain = file.deletingPathExtension()
            guard FileManager.default.fileExists(atPath: plain.path) else { return (String, String)?.none }
            return (plain.lastPathComponent, try String(contentsOf: plain, encoding: .utf8))
        }
        return Dictionary(uniqueKeysWithValues: plaintexts)
    }

    private static func gpg(_ arguments: [String], home: String, input: [UInt8] = []) async throws -> [UInt8] {
        let result = try await Subprocess.run(
            .path("/usr/bin/gpg"), arguments: Arguments(["--homedir", home, "--batch", "--quiet"] + arguments),
            input: .fileDescriptor(try inputFile(input), closeAfterSpawningProcess: true),
            output: .bytes(limit: 64 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else { throw Unexpected("gpg \(arguments): \(result.standardError)") }
        return result.standardOutput
    }
}

extension Configuration {
    /// Adds a public key to the keyring.
    func accredit(_ key: DeployerKey, isRevoked: Bool = false) async throws {
        try write(
            isRevoked ? try await key.exportedRevoked() : try await key.exported(), to: "keyring/\(key.fingerprint).asc"
        )
    }

    /// Adds a secret to the store.
    /// - Parameters:
    ///   - context: `all`, `hosts/NAME` or `roles/NAME`.
    ///   - recipient: nil: the first key of `key`.
    func set(
        _ name: String, to plaintext: [UInt8], in context: String = "all", by key: DeployerKey,
        for recipient: String? = nil
    ) async throws {
        try write(try await key.encrypted(plaintext, to: recipient), to: "\(context)/\(name).gpg")
    }

    private func write(_ data: Data, to name: String) throws {
        let file = folder.appending(path: "secrets").appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file, options: .atomic)
    }
}
