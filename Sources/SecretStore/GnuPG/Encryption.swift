import CGPGME
import Propel

/// Encrypts to a set of keys, and to every encryption subkey of each: their owner may have one per computer. By itself
/// gpg takes only the newest subkey. The keys and options of the user's GnuPG home have no influence.
struct Encryption {
    private let contexts: GnuPGContexts
    private let recipients: String

    /// - Parameter keyring: the path of the keyring, for errors.
    /// - Throws: ``SecretStoreError/emptyKeyring(folder:)``, or ``SecretStoreError/unusableKey(_:_:)`` for the first
    ///   key that cannot be encrypted to: a secret is encrypted to all keys or not written.
    init(to keys: [KeyFile], keyring: String) throws(SecretStoreError) {
        guard !keys.isEmpty else { throw .emptyKeyring(folder: keyring) }
        for file in keys {
            if let problem = file.key.problem { throw .unusableKey(file.key, problem) }
        }
        let home = try TemporaryHome()
        let contexts = GnuPGContexts { () throws(SecretStoreError) in try home.context() }
        try contexts.withContext { (context) throws(SecretStoreError) in try context.importKeys(of: keys) }
        self.contexts = contexts
        // One per line; the exclamation mark takes the subkey itself.
        recipients = keys.flatMap(\.key.encryptionParts).map { $0.fingerprint + "!" }.joined(separator: "\n")
    }

    func encrypt(_ bytes: SecretBytes) throws(SecretStoreError) -> [UInt8] {
        let output = GnuPGData()
        // The length of a compressed message would reveal something about the secret.
        let flags: [gpgme_encrypt_flags_t] = [
            GPGME_ENCRYPT_ALWAYS_TRUST, GPGME_ENCRYPT_NO_ENCRYPT_TO, GPGME_ENCRYPT_NO_COMPRESS,
        ]
        let allFlags = gpgme_encrypt_flags_t(rawValue: flags.reduce(0) { $0 | $1.rawValue })
        let error = try contexts.withContext { (context) throws(SecretStoreError) -> gpgme_error_t in
            bytes.withGnuPGData { input in
                output.withHandle { output in
                    context.withHandle { gpgme_op_encrypt_ext($0, nil, recipients, allFlags, input, output) }
                }
            }
        }
        try GnuPGError.check(error) { .gnupg(operation: "encrypt", reason: $0.words) }
        return output.bytes
    }
}
