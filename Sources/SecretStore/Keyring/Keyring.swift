import CGPGME
import Foundation
import Propel

/// The public keys of the readers of the secrets.
public struct Keyring: Sendable {
    let store: SecretStore

    /// All keys, sorted by fingerprint; empty if there is no keyring yet.
    /// - Throws: ``SecretStoreError`` if a file is damaged or not named after its key.
    public func keys() throws(SecretStoreError) -> [PublicKey] { try keyFiles().map(\.key) }

    func keyFiles() throws(SecretStoreError) -> [KeyFile] {
        let files = try store.files
        let fingerprints = try files.fingerprints()
        guard !fingerprints.isEmpty else { return [] }
        let context = try TemporaryHome().context()
        var keys: [KeyFile] = []
        for fingerprint in fingerprints {
            let path = StoreFiles.path(ofKey: fingerprint)
            let file = try KeyFile(reading: try files.read(path), path: files.shown(path), by: context)
            guard file.key.fingerprint == fingerprint else {
                throw .misnamedKey(files.shown(path), fingerprint: file.key.fingerprint)
            }
            keys.append(file)
        }
        return keys
    }

    /// The keys of the keyring whose secret parts are in the user's GnuPG home. Starts gpg-agent, and asks for no
    /// passphrase.
    public func ownKeys() throws(SecretStoreError) -> [PublicKey] { try secretParts().map(\.key) }

    /// The first key of the keyring that the user can sign with, for `git commit --gpg-sign=FINGERPRINT`; nil if
    /// there is none.
    public func signingKey() throws(SecretStoreError) -> PublicKey? {
        try secretParts().first { own in
            own.key.problem != .revoked && !own.key.isExpired
                && own.parts.contains { $0.canSign && $0.isValid && $0.isSecretThere }
        }?.key
    }

    /// The user's keys in the keyring, with their parts as the user's GnuPG home has them.
    private func secretParts() throws(SecretStoreError) -> [(key: PublicKey, parts: [PublicKey.Part])] {
        // GnuPG would create a missing home.
        guard let home = store.userHome?.string ?? gpgme_get_dirinfo("homedir").map({ String(cString: $0) }),
            access(home, F_OK) == 0
        else { return [] }
        let context = try GnuPGContext(home: store.userHome)
        var own: [(PublicKey, [PublicKey.Part])] = []
        for key in try keys() {
            guard let found = try context.keys(matching: key.fingerprint, secretOnly: true).first else { continue }
            own.append((key, found.parts))
        }
        return own
    }
}
