import Foundation
import Propel
import Subprocess
import Testing

@testable import SecretStore

/// A configuration with a store, and people with their own GnuPG homes, in a folder with a short path: the homes
/// contain sockets.
struct Playground {
    let folder: URL
    var configuration: URL { folder.appending(path: "c") }
    var secrets: URL { configuration.appending(path: "secrets") }

    static func run(_ body: (Playground) async throws -> Void) async throws {
        let folder = URL(filePath: "/tmp/pg-" + String(UInt64.random(in: 0..<(1 << 40)), radix: 36))
        try FileManager.default.createDirectory(at: folder.appending(path: "c"), withIntermediateDirectories: true)
        let playground = Playground(folder: folder)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(playground))
        } catch {
            result = .failure(error)
        }
        for home in try FileManager.default.contentsOfDirectory(atPath: folder.path) where home.hasPrefix("h-") {
            _ = try await playground.tool("gpgconf", "--homedir", "\(folder.path)/\(home)", "--kill", "all")
        }
        // The agents remove their sockets when they exit, possibly at the same time.
        for _ in 0..<100 where FileManager.default.fileExists(atPath: folder.path) {
            try? FileManager.default.removeItem(at: folder)
            try await Task.sleep(for: .milliseconds(10))
        }
        try result.get()
    }

    /// A person with an empty home.
    func person(_ name: String) throws -> Person {
        let home = folder.appending(path: "h-\(name)")
        try FileManager.default.createDirectory(
            at: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return Person(name: name, playground: self)
    }

    /// A person with a key.
    func person(_ name: String, _ key: Person.Key) async throws -> Person {
        let person = try person(name)
        try await person.makeKey(key)
        return person
    }

    struct Output {
        var status: Int32
        var stdout: [UInt8]
        var stderr: String
        var text: String { String(decoding: stdout, as: UTF8.self).trimmingCharacters(in: .newlines) }
    }

    /// Runs a program and returns its result, whatever its status.
    func tryTool(
        _ name: String, _ arguments: [String], input: [UInt8] = [], at directory: URL? = nil,
        environment: [String: String] = [:]
    ) async throws -> Output {
        var changes: [Environment.Key: String?] = ["LC_ALL": "C"]
        for (key, value) in environment { changes[Environment.Key(rawValue: key)!] = value }
        // A file, not a pipe: a program that does not read its input would make the writer fail.
        let path = folder.appending(path: "input-\(UUID().uuidString)").path
        let file = try FileDescriptor.open(
            FilePath(path), .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: [.ownerReadWrite])
        unlink(path)
        try file.writeAll(input)
        try file.seek(offset: 0, from: .start)
        let result = try await Subprocess.run(
            .name(name), arguments: Arguments(arguments), environment: .inherit.updating(changes),
            workingDirectory: FilePath((directory ?? folder).path),
            input: .fileDescriptor(file, closeAfterSpawningProcess: true), output: .bytes(limit: 64 << 20),
            error: .string(limit: 1 << 20))
        guard case .exited(let status) = result.terminationStatus else {
            throw SecretStoreError.gnupg(operation: name, reason: "\(result)")
        }
        return Output(status: status, stdout: result.standardOutput, stderr: result.standardError)
    }

    /// Runs a program that must succeed.
    @discardableResult
    func tool(_ name: String, _ arguments: String..., input: [UInt8] = []) async throws -> String {
        let output = try await tryTool(name, arguments, input: input)
        try #require(output.status == 0, "\(name) \(arguments): \(output.stderr)")
        return output.text
    }

    /// Runs git in the configuration; it must succeed.
    @discardableResult
    func git(_ arguments: String...) async throws -> String {
        let identity = [
            "-c", "user.name=Tester", "-c", "user.email=t@example.com", "-c", "commit.gpgSign=false", "-c",
            "core.hooksPath=/dev/null",
        ]
        let output = try await tryTool(
            "git", identity + arguments, at: configuration, environment: ["GIT_CONFIG_GLOBAL": "/dev/null"])
        try #require(output.status == 0, "git \(arguments): \(output.stderr)")
        return output.text
    }

    /// The content of all files of the store, by path.
    func snapshot() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: secrets.path) {
            let url = secrets.appending(path: path)
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            files[path] = try Data(contentsOf: url)
        }
        return files
    }
}

/// A deployer with a GnuPG home.
struct Person {
    let name: String
    let playground: Playground

    var home: String { playground.folder.appending(path: "h-\(name)").path }
    var mail: String { "\(name)@example.com" }
    /// The store, used with this person's GnuPG home.
    var store: SecretStore { SecretStore(folder: playground.secrets, gpgHome: home) }

    enum Key: CaseIterable, Sendable {
        case ed25519, rsa, signingOnly
    }

    static let passphrase = "correct horse"

    func makeKey(_ key: Key, passphrase: String = "", expires: String = "never", at time: String? = nil) async throws {
        let time = time.map { ["--faked-system-time", $0] } ?? []
        let user = "\(name.capitalized) <\(mail)>"
        func generate(_ arguments: String...) async throws {
            try await gpg(time + ["--quick-gen-key"] + arguments, passphrase: passphrase)
        }
        switch key {
        case .ed25519: try await generate(user, "future-default", "default", expires)
        case .rsa: try await generate(user, "rsa2048", "default", expires)
        case .signingOnly: try await generate(user, "ed25519", "sign", expires)
        }
        if key == .rsa {
            try await gpg(
                time + ["--quick-add-key", try await fingerprint, "rsa2048", "encr", expires], passphrase: passphrase)
        }
    }

    @discardableResult
    func gpg(_ arguments: [String], passphrase: String = "", input: [UInt8] = []) async throws -> Playground.Output {
        let output = try await tryGPG(
            ["--passphrase", passphrase, "--pinentry-mode", "loopback"] + arguments, input: input)
        try #require(output.status == 0, "gpg \(arguments): \(output.stderr)")
        return output
    }

    func tryGPG(_ arguments: [String], input: [UInt8] = []) async throws -> Playground.Output {
        try await playground.tryTool("gpg", ["--homedir", home, "--batch", "--quiet"] + arguments, input: input)
    }

    var fingerprint: String {
        get async throws {
            let keys = try await gpg(["--with-colons", "--list-keys", mail]).text
            let line = try #require(keys.split(separator: "\n").first { $0.hasPrefix("fpr:") })
            return String(try #require(line.split(separator: ":").last))
        }
    }

    /// A file with the person's public key.
    func exportedKey(armored: Bool = true) async throws -> String {
        let file = playground.folder.appending(path: "\(name).\(armored ? "asc" : "gpg")")
        try Data(try await gpg((armored ? ["--armor"] : []) + ["--export", mail]).stdout).write(to: file)
        return file.path
    }

    /// Revokes the key in this home.
    func revokeKey() async throws {
        let fingerprint = try await fingerprint
        let certificate = try String(contentsOfFile: "\(home)/openpgp-revocs.d/\(fingerprint).rev", encoding: .utf8)
        try await gpg(["--import"], input: Array(certificate.replacing(":-----", with: "-----").utf8))
    }

    func expireKey() async throws {
        try await gpg(["--quick-set-expire", try await fingerprint, "seconds=1"])
    }

    /// Imports keys of other people into this home, as for encrypting with gpg.
    func learn(_ others: Person...) async throws {
        for other in others { try await gpg(["--import", try await other.exportedKey()]) }
    }

    /// The plaintext that gpg decrypts from a file; nil if it fails.
    func decryptWithGPG(_ file: URL, passphrase: String = "") async throws -> [UInt8]? {
        let output = try await tryGPG([
            "--passphrase", passphrase, "--pinentry-mode", "loopback", "--decrypt", file.path,
        ])
        return output.status == 0 ? output.stdout : nil
    }

    /// Adds the key of this home to the keyring, using this or another person's home.
    @discardableResult
    func join(with other: Person? = nil) async throws -> Keyring.Change {
        try (other ?? self).store.keyring.add(KeySource(file: try await exportedKey()), passphrase: .agent)
    }

    @discardableResult
    func put(_ text: String, _ name: SecretName, _ context: SecretContext = .all) throws -> StoredSecret {
        try store.encrypt(SecretBytes(copying: Array(text.utf8)), as: name, for: context)
    }

    func text(_ secret: StoredSecret) throws -> String {
        String(decoding: try store.decrypt(secret, passphrase: .agent).array, as: UTF8.self)
    }
}

extension SecretBytes {
    /// A copy, for comparing.
    var array: [UInt8] { withUnsafeBytes { Array($0) } }
}

extension SecretName: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self.init(text)! }
}

/// Expects that `body` throws `expected`.
///
/// In a function: a closure within the macro `#expect` can be taken for another one of the same test (Swift 6.3).
func expect(
    _ expected: SecretStoreError, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async throws {
    let error = try await storeError(body, sourceLocation: sourceLocation)
    #expect(error == expected, sourceLocation: sourceLocation)
}

/// The error that `body` throws.
func storeError(
    _ body: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> SecretStoreError {
    let error = await #expect(throws: SecretStoreError.self, sourceLocation: sourceLocation) { try await body() }
    return try #require(error, sourceLocation: sourceLocation)
}
