import CGPGME
public import Foundation
public import Propel

/// The secrets of a configuration, each encrypted to every key of the keyring.
///
/// The folder, which is kept in git, contains
///
///     keyring/FINGERPRINT.asc    the public keys of the readers
///     all/NAME.gpg               secrets for all hosts,
///     roles/ROLE/NAME.gpg        for the hosts with one role,
///     hosts/HOST/NAME.gpg        and for one host
///
/// Each secret is one OpenPGP message: `gpg -d` decrypts it without Propel, and a message of `gpg -e` is accepted.
///
/// Calls block: on gpg, on gpg-agent, which may ask the user, and on the store's lock.
public struct SecretStore: Sendable {
    public let folder: URL
    /// The GnuPG home with the user's keys; nil: `GNUPGHOME`, or `~/.gnupg`.
    public let gpgHome: String?

    /// - Parameters:
    ///   - folder: `…/secrets`. It need not exist yet.
    ///   - gpgHome: the GnuPG home with the user's keys; nil: GnuPG's default.
    public init(folder: URL, gpgHome: String? = nil) {
        self.folder = folder
        self.gpgHome = gpgHome
    }

    var files: StoreFiles {
        get throws(SecretStoreError) { try StoreFiles(folder: folder) }
    }

    var userHome: FilePath? { gpgHome.map { FilePath($0) } }

    /// The keys of the readers.
    public var keyring: Keyring { Keyring(store: self) }

    // MARK: Contents

    /// All secrets, sorted by name; empty if the folder does not exist.
    /// - Throws: ``SecretStoreError`` if the folder contains an unexpected file.
    public func secrets() throws(SecretStoreError) -> [StoredSecret] { try files.secrets() }

    /// The secret that a host gets under this name: for the host, else for its role, else for all; nil if there is no
    /// such secret.
    public func secret(_ name: SecretName, host: String, role: String) throws(SecretStoreError) -> StoredSecret? {
        for context in [SecretContext.host(host), .role(role), .all] {
            if let secret = try secret(name, in: context) { return secret }
        }
        return nil
    }

    /// The secret of exactly this context; nil if there is no such secret.
    public func secret(_ name: SecretName, in context: SecretContext) throws(SecretStoreError) -> StoredSecret? {
        try files.secret(name, of: context)
    }

    /// The encrypted message: the bytes of the file.
    public func message(of secret: StoredSecret) throws(SecretStoreError) -> [UInt8] { try files.read(secret) }

    /// The keys that can decrypt it. Decrypts nothing and asks for no passphrase.
    public func recipients(of secret: StoredSecret) throws(SecretStoreError) -> [Recipient] {
        try recipients(of: secret, message: message(of: secret), keys: keyring.keys())
    }

    /// The keys that can decrypt each of these secrets, in their order. Reads the keyring once: that takes a process of
    /// gpg for each key.
    public func recipients(of secrets: [StoredSecret]) throws(SecretStoreError) -> [[Recipient]] {
        let files = try files, keys = try keyring.keys()
        var recipients: [[Recipient]] = []
        for secret in secrets {
            recipients.append(try self.recipients(of: secret, message: files.read(secret), keys: keys))
        }
        return recipients
    }

    func recipients(
        of secret: StoredSecret, message: [UInt8], keys: [PublicKey]
    ) throws(SecretStoreError) -> [Recipient] {
        var recipients: [Recipient] = []
        for identifier in try OpenPGPMessage.recipients(of: message, secret) {
            let recipient: Recipient =
                if let identifier {
                    keys.first { $0.part(identifier) != nil }.map(Recipient.key) ?? .stranger(keyID: identifier)
                } else { .hidden }
            if !recipients.contains(recipient) { recipients.append(recipient) }
        }
        return recipients
    }

    // MARK: Reading and writing

    /// Decrypts a secret.
    /// - Throws: ``SecretStoreError``; a partial plaintext is wiped.
    public func decrypt(_ secret: StoredSecret, passphrase: PassphraseSource) throws(SecretStoreError) -> SecretBytes {
        let message = try message(of: secret)
        return try GnuPGContext(home: userHome).decrypt(message, of: secret, passphrase: passphrase) {
            () throws(SecretStoreError) in
            try recipients(of: secret, message: message, keys: (try? keyring.keys()) ?? [])
        }
    }

    /// Encrypts `bytes` to every key of the keyring, and replaces the secret of that name.
    ///
    /// - Parameter previous: the secret that may be replaced. If another exists, nothing is written.
    /// - Throws: ``SecretStoreError``, among them ``SecretStoreError/alreadyExists(_:)`` and
    ///   ``SecretStoreError/concurrentChange(_:)``.
    @discardableResult
    public func encrypt(
        _ bytes: SecretBytes, as name: SecretName, for context: SecretContext,
        replacing previous: Replaceable = .anything
    ) throws(SecretStoreError) -> StoredSecret {
        let files = try files
        let secret = try files.location(of: name, in: context)
        guard bytes.count <= Secret.sizeLimit else { throw .tooLarge(secret.path) }
        let lock = try StoreLock(files)
        // A store with a damaged file is not written to.
        _ = try files.secrets()
        try files.removeLeftOvers()
        let isThere = try files.secret(name, of: context) != nil
        switch previous {
        case .anything: break
        case .nothing: guard !isThere else { throw .alreadyExists(secret.path) }
        case .message(let message):
            guard isThere, try files.read(secret) == message else { throw .concurrentChange(secret.path) }
        }
        let message = try Encryption(to: keyring.keyFiles(), keyring: files.shown("keyring")).encrypt(bytes)
        try files.write(message, of: secret)
        _ = consume lock
        return secret
    }

    /// The secret that may be replaced.
    public enum Replaceable: Sendable {
        case anything, nothing
        /// This message, which the new plaintext was derived from.
        case message([UInt8])
    }

    /// Removes a secret. The git history still contains it.
    public func remove(_ secret: StoredSecret) throws(SecretStoreError) {
        let files = try files
        let lock = try StoreLock(files)
        guard try files.secret(secret.name, of: secret.context) != nil else { throw .noSuchSecret(secret.path) }
        try files.remove(secret)
        _ = consume lock
    }
}

extension PublicKey {
    /// The primary key or the subkey with this key ID or fingerprint.
    func part(_ identifier: String) -> Part? { parts.first { $0.keyID == identifier || $0.fingerprint == identifier } }
}
