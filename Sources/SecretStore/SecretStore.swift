import CGPGME
public import Foundation
public import Propel

/// The secrets of a configuration, each encrypted to every key of the keyring.
///
/// In the folder, which git keeps, are
///
///     keyring/FINGERPRINT.asc    the public keys of those who may read
///     all/NAME.gpg               secrets for all hosts,
///     roles/ROLE/NAME.gpg        for the hosts with one role,
///     hosts/HOST/NAME.gpg        and for one host
///
/// Each secret is one OpenPGP message, so `gpg -d` opens it without Propel, and what `gpg -e` wrote is read.
///
/// Calls block: on gpg, on gpg-agent that may ask a person, and on the store's lock.
public struct SecretStore: Sendable {
    public let folder: URL
    /// nil: `GNUPGHOME`, or `~/.gnupg`.
    public let gpgHome: String?

    /// - Parameters:
    ///   - folder: `…/secrets`. It need not be there yet.
    ///   - gpgHome: the GnuPG home with the user's keys; nil: GnuPG's own default.
    public init(folder: URL, gpgHome: String? = nil) {
        self.folder = folder
        self.gpgHome = gpgHome
    }

    var files: StoreFiles {
        get throws(SecretStoreError) { try StoreFiles(folder: folder) }
    }

    var userHome: FilePath? { gpgHome.map { FilePath($0) } }

    /// The keys of those who may read the secrets.
    public var keyring: Keyring { Keyring(store: self) }

    // MARK: What is there

    /// All secrets, sorted by name; none where the folder is not there.
    /// - Throws: ``SecretStoreError`` where something is in the folder that does not belong there.
    public func secrets() throws(SecretStoreError) -> [StoredSecret] { try files.secrets() }

    /// The secret that a host gets under this name: its own before its role's before that for all. nil: there is none.
    public func secret(_ name: SecretName, host: String, role: String) throws(SecretStoreError) -> StoredSecret? {
        for context in [SecretContext.host(host), .role(role), .all] {
            if let secret = try secret(name, in: context) { return secret }
        }
        return nil
    }

    /// The secret of exactly this context; nil: there is none.
    public func secret(_ name: SecretName, in context: SecretContext) throws(SecretStoreError) -> StoredSecret? {
        try files.secret(name, of: context)
    }

    /// The encrypted message, as it is in the file.
    public func message(of secret: StoredSecret) throws(SecretStoreError) -> [UInt8] { try files.read(secret) }

    /// Which keys can read it. Nothing is decrypted, and nobody asked for a passphrase.
    public func recipients(of secret: StoredSecret) throws(SecretStoreError) -> [Recipient] {
        try recipients(of: secret, message: message(of: secret), keys: keyring.keys())
    }

    func recipients(
        of secret: StoredSecret, message: [UInt8], keys: [PublicKey]
    ) throws(SecretStoreError) -> [Recipient] {
        let identifiers: [String?]
        do throws(OpenPGPMessage.Damage) {
            identifiers = try OpenPGPMessage(message).recipients
        } catch {
            throw .damaged(secret.path, reason: error.description)
        }
        var recipients: [Recipient] = []
        for identifier in identifiers {
            let recipient: Recipient =
                if let identifier {
                    keys.first { $0.part(identifier) != nil }.map(Recipient.key) ?? .stranger(keyID: identifier)
                } else { .hidden }
            if !recipients.contains(recipient) { recipients.append(recipient) }
        }
        return recipients
    }

    // MARK: Reading and writing

    /// - Throws: ``SecretStoreError``; whatever GnuPG had decrypted until then is thrown away.
    public func decrypt(_ secret: StoredSecret, passphrase: PassphraseSource) throws(SecretStoreError) -> SecretBytes {
        let message = try message(of: secret)
        // Without the keyring it can be read, too: that is for the words of an error only.
        let recipients = try recipients(of: secret, message: message, keys: (try? keyring.keys()) ?? [])
        return try GnuPGContext(home: userHome).decrypt(message, of: secret, for: recipients, passphrase: passphrase)
    }

    /// Encrypts `bytes` to every key of the keyring, in the place of what was there under that name.
    ///
    /// - Parameter previous: what may be there. Where something else is, nothing is written.
    /// - Throws: ``SecretStoreError``, among them ``SecretStoreError/alreadyThere(_:)`` and
    ///   ``SecretStoreError/changedMeanwhile(_:)``.
    @discardableResult
    public func encrypt(
        _ bytes: SecretBytes, as name: SecretName, for context: SecretContext,
        replacing previous: Replaceable = .anything
    ) throws(SecretStoreError) -> StoredSecret {
        let files = try files
        let secret = try files.location(of: name, in: context)
        guard bytes.count <= Secret.sizeLimit else { throw .tooLarge(secret.path) }
        let lock = try StoreLock(files)
        // A store that is damaged anywhere is not written to.
        _ = try files.secrets()
        try files.removeLeftOvers()
        let isThere = try files.secret(name, of: context) != nil
        switch previous {
        case .anything: break
        case .nothing: guard !isThere else { throw .alreadyThere(secret.path) }
        case .message(let message):
            guard isThere, try files.read(secret) == message else { throw .changedMeanwhile(secret.path) }
        }
        let message = try Encryption(to: keyring.keyFiles(), keyring: files.shown("keyring")).encrypt(bytes)
        try files.write(message, to: "\(try context.path)/\(name).gpg")
        _ = consume lock
        return secret
    }

    /// What may be in the place that a secret is written to.
    public enum Replaceable: Sendable {
        case anything, nothing
        /// The message that the new plaintext was made from.
        case message([UInt8])
    }

    /// Removes it. git keeps what it was.
    public func remove(_ secret: StoredSecret) throws(SecretStoreError) {
        let files = try files
        let lock = try StoreLock(files)
        guard try files.secret(secret.name, of: secret.context) != nil else { throw .noSuchSecret(secret.path) }
        try files.remove("\(try secret.context.path)/\(secret.name).gpg")
        _ = consume lock
    }
}

extension PublicKey {
    /// The primary key or the subkey with this key id or fingerprint.
    func part(_ identifier: String) -> Part? { parts.first { $0.keyID == identifier || $0.fingerprint == identifier } }
}
