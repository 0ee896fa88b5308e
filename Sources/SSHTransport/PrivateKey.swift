import CSSH
import Foundation

/// A private key, owned by libssh.
final class PrivateKey {
    let raw: OpaquePointer

    private init(_ raw: OpaquePointer) { self.raw = raw }

    deinit { ssh_key_free(raw) }

    /// The public key in the encoding of RFC 4253, 6.6.
    var publicBlob: [UInt8]? {
        var key: OpaquePointer?
        guard ssh_pki_export_privkey_to_pubkey(raw, &key) == SSH_OK, let key else { return nil }
        return PublicKey(adopting: key).blob
    }

    enum Loading {
        case key(PrivateKey)
        case needsPassphrase
        case unreadable(String)
    }

    static func load(_ file: String, passphrase: Password?) -> Loading {
        guard access(file, R_OK) == 0 else { return .unreadable(errorText(errno)) }
        var key: OpaquePointer?
        var wasAsked = false
        let result: Int32
        if let passphrase {
            result = passphrase.withCString { ssh_pki_import_privkey_file(file, $0, nil, nil, &key) }
        } else {
            // The callback is only called if the key has a passphrase.
            result = ssh_pki_import_privkey_file(
                file, nil,
                { _, _, _, _, _, asked in
                    asked?.assumingMemoryBound(to: Bool.self).pointee = true
                    return -1
                }, &wasAsked, &key)
        }
        if result == SSH_OK, let key { return .key(PrivateKey(key)) }
        return wasAsked || passphrase != nil ? .needsPassphrase : .unreadable("cannot be read as a private key")
    }
}
