import CSSH
import Foundation

/// A pair of keys for ssh that libssh makes in memory.
public enum SSHKeyPair {
    /// Makes an Ed25519 pair.
    /// - Parameter body: gets the private key, in the format of OpenSSH and without a passphrase, which it must not
    ///   keep, and the public key as a line of authorized_keys without a comment.
    /// - Throws: ``SSHKeyError`` if libssh cannot, and the errors of `body`.
    public static func makeEd25519<Result>(
        _ body: (_ privateKey: UnsafeRawBufferPointer, _ publicKey: String) throws -> Result
    ) throws -> Result {
        var key: ssh_key?
        guard ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) == SSH_OK, let key else { throw SSHKeyError() }
        defer { ssh_key_free(key) }
        var text: UnsafeMutablePointer<CChar>?, base64: UnsafeMutablePointer<CChar>?
        defer {
            if let text {
                explicit_bzero(text, strlen(text))
                ssh_string_free_char(text)
            }
            if let base64 { ssh_string_free_char(base64) }
        }
        guard ssh_pki_export_privkey_base64(key, nil, nil, nil, &text) == SSH_OK, let text,
            ssh_pki_export_pubkey_base64(key, &base64) == SSH_OK, let base64,
            // Another version of libssh may write what sshd cannot read.
            strncmp(text, header, strlen(header)) == 0
        else { throw SSHKeyError() }
        return try body(
            UnsafeRawBufferPointer(start: text, count: strlen(text)), "ssh-ed25519 \(String(cString: base64))")
    }

    private static let header = "-----BEGIN OPENSSH PRIVATE KEY-----"
}

/// A key that libssh cannot make.
public struct SSHKeyError: Error, CustomStringConvertible {
    public var description: String { "libssh cannot make an Ed25519 key in the format of OpenSSH" }
}
