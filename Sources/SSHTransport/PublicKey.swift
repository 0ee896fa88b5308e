import CSSH
import Foundation

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

extension PublicKey {
    /// Reads a certificate file, as `ssh-keygen -s` writes it.
    convenience init?(certificateFile path: String) {
        var key: OpaquePointer?
        guard ssh_pki_import_cert_file(path, &key) == SSH_OK, let key else { return nil }
        self.init(adopting: key)
    }

    /// Reads a key or a certificate in the encoding of RFC 4253, 6.6.
    convenience init?(blob: [UInt8]) {
        var rest = blob[...]
        guard let type = WireEncoding.takeString(&rest) else { return nil }
        self.init(line: "\(String(decoding: type, as: UTF8.self)) \(Data(blob).base64EncodedString())")
    }

    /// Whether a certificate is for a public key: after its type and its nonce it has the fields of the key
    /// (PROTOCOL.certkeys of OpenSSH). libssh 0.10 cannot compare the two.
    static func certificate(_ certificate: [UInt8], isFor key: [UInt8]) -> Bool {
        var fields = certificate[...], wanted = key[...]
        guard WireEncoding.takeString(&fields) != WireEncoding.takeString(&wanted),
            WireEncoding.takeString(&fields) != nil, !wanted.isEmpty
        else {
            return false
        }
        return fields.starts(with: wanted)
    }
}
