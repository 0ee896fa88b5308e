import Foundation
import PlainText

/// A file that `IdentityFile` names (ssh_config(5)): a private key, or the public key of one that the agent holds.
struct IdentityFile {
    let path: String

    /// The public key: from the file itself, from `FILE.pub`, or from the unencrypted header of an OpenSSH private key.
    var publicKey: PublicKey? { Self.publicKey(in: path) ?? Self.publicKey(in: path + ".pub") ?? publicKeyOfHeader }

    /// Whether the file itself is a public key, so that only the agent can sign with it.
    var isPublic: Bool { Self.publicKey(in: path) != nil }

    /// Whether it is the handle of a key on a FIDO token, with which only OpenSSH's helper can sign.
    var isSecurityKey: Bool { publicKeyOfHeader?.type.hasPrefix("sk-") == true }

    private static func publicKey(in path: String) -> PublicKey? {
        // A special file could block or never end; OpenSSH reads lines of at most 8 KiB.
        guard let bytes = FileManager.default.contents(atPath: path, atMost: 64 << 10),
            let line = String(decoding: bytes, as: UTF8.self).nonEmptyLines.first
        else { return nil }
        return PublicKey(line: String(line))
    }

    /// PROTOCOL.key of OpenSSH: a magic, three strings, the number of keys, and the public key.
    private var publicKeyOfHeader: PublicKey? {
        guard let bytes = FileManager.default.contents(atPath: path, atMost: 64 << 10) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).nonEmptyLines
        guard lines.first?.hasPrefix("-----BEGIN OPENSSH PRIVATE KEY-----") == true else { return nil }
        let body = lines.dropFirst().prefix { !$0.hasPrefix("-----END") }.joined()
        let magic = Array("openssh-key-v1\0".utf8)
        guard let data = Data(base64Encoded: body, options: .ignoreUnknownCharacters), data.starts(with: magic) else {
            return nil
        }
        var rest = Array(data.dropFirst(magic.count))[...]
        for _ in 0..<3 { guard WireEncoding.takeString(&rest) != nil else { return nil } }
        guard let count = WireEncoding.takeNumber(&rest), count > 0, let blob = WireEncoding.takeString(&rest) else {
            return nil
        }
        return PublicKey(blob: blob)
    }
}

extension FileManager {
    /// The content of a regular file of at most `limit` bytes; nil for any other.
    fileprivate func contents(atPath path: String, atMost limit: Int) -> Data? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else { return nil }
        return contents(atPath: path)
    }
}
