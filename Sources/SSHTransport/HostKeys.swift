import CSSH
import Foundation
import Subprocess

/// A public key, owned by libssh.
final class PublicKey {
    let raw: OpaquePointer

    /// Takes ownership of a key that libssh has allocated.
    init(adopting raw: OpaquePointer) { self.raw = raw }

    /// Parses `ssh-ed25519 AAAA…`; a comment may follow.
    init?(line: String) {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 2 else { return nil }
        var key: OpaquePointer?
        let type = ssh_key_type_from_name(String(fields[0]))
        guard ssh_pki_import_pubkey_base64(String(fields[1]), type, &key) == SSH_OK, let key else { return nil }
        raw = key
    }

    deinit { ssh_key_free(raw) }

    /// The type, such as `ssh-ed25519`.
    var type: String { String(cString: ssh_key_type_to_char(ssh_key_type(raw))) }

    /// The SHA-256 fingerprint as `ssh-keygen -l` prints it: `SHA256:…`.
    var fingerprint: String {
        var hash: UnsafeMutablePointer<UInt8>?
        var length = 0
        guard ssh_get_publickey_hash(raw, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == 0 else { return "?" }
        defer { ssh_clean_pubkey_hash(&hash) }
        guard let text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length) else { return "?" }
        defer { ssh_string_free_char(text) }
        return String(cString: text)
    }

    var base64: String? {
        var text: UnsafeMutablePointer<CChar>?
        guard ssh_pki_export_pubkey_base64(raw, &text) == SSH_OK, let text else { return nil }
        defer { ssh_string_free_char(text) }
        return String(cString: text)
    }

    /// The key in the encoding of RFC 4253, 6.6.
    var blob: [UInt8]? { base64.flatMap { Data(base64Encoded: $0) }.map { Array($0) } }

    func isSame(as other: PublicKey) -> Bool { ssh_key_cmp(raw, other.raw, SSH_KEY_CMP_PUBLIC) == 0 }

    /// The signature algorithms of a key of this type, preferred ones first.
    var algorithms: [String] {
        type == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]
    }
}

/// The accepted and the revoked host keys of a machine: those pinned in hosts.conf, or those of the known_hosts files.
///
/// libssh reads a single file and skips lines marked `@revoked`, so the files are read here (sshd(8), SSH_KNOWN_HOSTS
/// FILE FORMAT). libssh matches and decodes each line, including hashed names and patterns.
struct HostKeys {
    /// The source of a key from hosts.conf.
    static let pinned = "pinned in hosts.conf"

    struct Entry {
        let key: PublicKey
        let source: String
    }

    private(set) var accepted: [Entry] = []
    private(set) var revoked: [Entry] = []
    let isPinned: Bool

    init(pinned lines: [String], configuration: ClientConfiguration) throws {
        isPinned = !lines.isEmpty
        for line in lines {
            guard let key = PublicKey(line: line) else {
                throw TransportError.hostKeyMalformed(host: configuration.alias, key: line)
            }
            accepted.append(Entry(key: key, source: Self.pinned))
        }
        let files = try configuration.userKnownHostsFiles + configuration.globalKnownHostsFiles
        var withoutPort: [Entry] = []
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else { continue }
            // Split as bytes: CR LF is one Character in Swift, and a file with such line endings would be one line.
            for (index, bytes) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .enumerated()
            {
                let content = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
                var line = Substring(decoding: content, as: UTF8.self).drop { $0 == " " || $0 == "\t" }
                guard let first = line.first, first != "#" else { continue }
                let source = "\(file):\(index + 1)"
                let isRevoked = line.hasPrefix("@revoked")
                if isRevoked {
                    line = line.dropFirst("@revoked".count).drop { $0 == " " || $0 == "\t" }
                } else if first == "@" {
                    // A certificate authority: libssh does not support host certificates, so no key can match it.
                    continue
                }
                if let key = Self.match(String(line), name: configuration.hostKeyName) {
                    isRevoked
                        ? revoked.append(Entry(key: key, source: source))
                        : accepted.append(Entry(key: key, source: source))
                } else if configuration.port != 22, configuration["hostkeyalias"] == nil,
                    let key = Self.match(String(line), name: configuration.hostName)
                {
                    isRevoked
                        ? revoked.append(Entry(key: key, source: source))
                        : withoutPort.append(Entry(key: key, source: source))
                }
            }
        }
        if isPinned {
            accepted.removeAll { $0.source != Self.pinned }
        } else if accepted.isEmpty {
            self.withoutPort = withoutPort
        }
    }

    /// Keys listed for the name without a port, where the port is not 22. An equal key is accepted; a different one
    /// proves nothing, since another port may be another machine.
    private var withoutPort: [Entry] = []

    private static func match(_ line: String, name: String) -> PublicKey? {
        var entry: UnsafeMutablePointer<ssh_knownhosts_entry>?
        // A key type that libssh does not know does not match either.
        guard ssh_known_hosts_parse_line(name, line, &entry) == SSH_OK, let entry else { return nil }
        defer { ssh_knownhosts_entry_free(entry) }
        guard let key = entry.pointee.publickey, let copy = ssh_key_dup(key) else { return nil }
        return PublicKey(adopting: copy)
    }

    enum Trust {
        case known
        case unknown
        case changed([ExpectedHostKey])
        case revoked(source: String)
    }

    func trust(in key: PublicKey) -> Trust {
        if let entry = revoked.first(where: { $0.key.isSame(as: key) }) { return .revoked(source: entry.source) }
        if (accepted + withoutPort).contains(where: { $0.key.isSame(as: key) }) { return .known }
        if accepted.isEmpty { return .unknown }
        return .changed(
            accepted.map { ExpectedHostKey(fingerprint: "\($0.key.type) \($0.key.fingerprint)", source: $0.source) })
    }

    /// The algorithms with those of the known keys first, so that the server presents a key that can be compared.
    func preferred(of algorithms: [String]) -> [String] {
        let known = (accepted + withoutPort).flatMap { $0.key.algorithms }
        return algorithms.filter(known.contains) + algorithms.filter { !known.contains($0) }
    }
}

// MARK: - Adding a key

extension HostKeys {
    /// Appends a key to the first of the user's known_hosts files, under a lock, unless another process has added it.
    static func add(
        _ key: PublicKey, configuration: ClientConfiguration, isolation: isolated (any Actor)? = #isolation
    ) async throws {
        guard let file = try configuration.userKnownHostsFiles.first, let base64 = key.base64 else { return }
        func failure(_ reason: String) -> TransportError {
            .hostKeyNotSaved(host: configuration.alias, file: file, reason: reason)
        }
        let directory = (file as NSString).deletingLastPathComponent
        if !FileManager.default.fileExists(atPath: directory), mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw failure(errorText(errno))
        }
        var line = "\(configuration.hostKeyName) \(key.type) \(base64)"
        if configuration.isOn("hashknownhosts") { line = try await hashed(line) ?? line }
        let descriptor = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errorText(errno)) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { throw failure(errorText(errno)) }
        if case .known = try HostKeys(pinned: [], configuration: configuration).trust(in: key) { return }

        var last: UInt8 = 10
        let end = lseek(descriptor, 0, SEEK_END)
        if end > 0 { pread(descriptor, &last, 1, end - 1) }
        let bytes = Array(((last == 10 ? "" : "\n") + line + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw failure(errorText(errno))
        }
    }

    /// The line with its host name hashed (`HashKnownHosts`), by `ssh-keygen -H` on a temporary file.
    private static func hashed(_ line: String) async throws -> String? {
        var template = Array((NSTemporaryDirectory() + "/known-host-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        let directory = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/known_hosts"
        try (line + "\n").write(toFile: file, atomically: false, encoding: .utf8)
        let result = try await run(
            .name("ssh-keygen"), arguments: ["-q", "-H", "-f", file], input: .none, output: .discarded,
            error: .discarded)
        guard result.terminationStatus.isSuccess, let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            return nil
        }
        return text.utf8.split(separator: UInt8(ascii: "\n")).first.flatMap(String.init)
    }
}
