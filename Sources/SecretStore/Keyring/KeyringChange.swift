import Foundation
import Propel

extension Keyring {
    /// The result of a change of the keyring.
    public struct Change: Sendable, Equatable {
        /// The keys that were added, updated or removed.
        public var keys: [PublicKey]
        /// The secrets that were re-encrypted, sorted.
        public var reencrypted: [StoredSecret]
        /// The secrets that a removed key could decrypt, sorted. Its owner may still have them, and git keeps the old
        /// files: they must be given new values.
        public var toRotate: [StoredSecret] = []
    }

    /// Adds or updates a key, and re-encrypts every secret that is not encrypted to exactly the keys of the new
    /// keyring. Atomic.
    ///
    /// - Parameter passphrase: of one of the user's keys that can read the secrets.
    /// - Throws: ``SecretStoreError/unusableKey(_:_:)`` if nothing can be encrypted to it.
    @discardableResult
    public func add(_ source: KeySource, passphrase: PassphraseSource) throws(SecretStoreError) -> Change {
        try change(passphrase: passphrase) { (present) throws(SecretStoreError) in
            let added = try source.keyFile(over: present, in: TemporaryHome())
            if let problem = added.key.problem { throw .unusableKey(added.key, problem) }
            return (present.filter { $0.key.fingerprint != added.key.fingerprint } + [added], [added.key])
        }
    }

    /// Removes keys, and re-encrypts every secret to the others. Atomic.
    ///
    /// - Parameters:
    ///   - names: fingerprints, key IDs, or parts of user IDs.
    ///   - lockingOut: whether it may remove the user's last key.
    /// - Throws: ``SecretStoreError/lastKey(_:)``, ``SecretStoreError/lockingOut(_:)``.
    @discardableResult
    public func remove(
        _ names: [String], passphrase: PassphraseSource, lockingOut: Bool = false
    ) throws(SecretStoreError) -> Change {
        // Before the lock, since starting gpg-agent may take a while.
        let own = try ownKeys().map(\.fingerprint)
        return try change(passphrase: passphrase) { (present) throws(SecretStoreError) in
            var removed: [PublicKey] = []
            for name in names {
                let key = try Self.key(named: name, among: present.map(\.key))
                if !removed.contains(key) { removed.append(key) }
            }
            let rest = present.filter { file in !removed.contains { $0.fingerprint == file.key.fingerprint } }
            guard !rest.isEmpty else {
                guard let last = removed.last else { throw .emptyKeyring(folder: "the keyring") }
                throw .lastKey(last)
            }
            let lost = removed.filter { own.contains($0.fingerprint) }
            if !lost.isEmpty, !lockingOut, !rest.contains(where: { own.contains($0.key.fingerprint) }) {
                throw .lockingOut(lost)
            }
            return (rest, removed)
        }
    }

    /// Re-encrypts every secret that is not encrypted to exactly the keys of the keyring, as after a merge of two
    /// branches. Atomic.
    @discardableResult
    public func reencrypt(passphrase: PassphraseSource) throws(SecretStoreError) -> Change {
        try change(passphrase: passphrase) { ($0, []) }
    }

    /// The key of the keyring that `name` denotes.
    private static func key(named name: String, among keys: [PublicKey]) throws(SecretStoreError) -> PublicKey {
        let wanted = name.replacing(" ", with: "").uppercased()
        let digits = wanted.hasPrefix("0X") ? String(wanted.dropFirst(2)) : wanted
        let isKeyID = digits.count >= 8 && digits.allSatisfy(\.isHexDigit)
        let found = keys.filter { key in
            isKeyID && key.parts.contains { $0.fingerprint.hasSuffix(digits) || $0.keyID == digits }
                || key.userIDs.contains { $0.localizedCaseInsensitiveContains(name) }
        }
        guard let key = found.first, !name.isEmpty else { throw .noSuchKey(name, place: "the keyring") }
        guard found.count == 1 else { throw .ambiguousKey(name, found) }
        return key
    }

    /// - Parameter choose: returns the new keyring for the present one, and the keys that were changed.
    private func change(
        passphrase: PassphraseSource,
        _ choose: ([KeyFile]) throws(SecretStoreError) -> (keyring: [KeyFile], about: [PublicKey])
    ) throws(SecretStoreError) -> Change {
        let files = try store.files
        let lock = try StoreLock(files)
        let secrets = try files.secrets()
        let (keyring, about) = try choose(keyFiles())
        let encryption = try Encryption(to: keyring, keyring: files.shown("keyring"))
        let replacement = try StoreReplacement(of: files)
        var change = Change(keys: about, reencrypted: [])
        do throws(SecretStoreError) {
            for file in keyring {
                try replacement.new.write(file.bytes, to: StoreFiles.path(ofKey: file.key.fingerprint))
            }
            let known = keyring.map(\.key) + about
            var outdated: [Reencryption.Item] = []
            for secret in secrets {
                let message = try files.read(secret)
                let recipients = try store.recipients(of: secret, message: message, keys: known)
                // Keys that are no longer in the keyring count too: a merged branch may have encrypted to them.
                let couldRead = recipients.contains { recipient in
                    guard case .key(let key) = recipient else { return true }
                    return !keyring.contains { $0.key.fingerprint == key.fingerprint }
                }
                if couldRead { change.toRotate.append(secret) }
                if try Self.isFor(exactly: keyring.map(\.key), message, of: secret) {
                    try replacement.new.write(message, of: secret)
                } else {
                    outdated.append(Reencryption.Item(secret: secret, message: message, recipients: recipients))
                }
            }
            let reencryption = Reencryption(encryption: encryption, home: store.userHome, passphrase: passphrase)
            for (item, message) in zip(outdated, try reencryption.messages(for: outdated)) {
                try replacement.new.write(message, of: item.secret)
                change.reencrypted.append(item.secret)
            }
            try replacement.exchange()
        } catch {
            replacement.discard()
            throw error
        }
        // The change is complete. Files that cannot be removed now are removed by the next change.
        replacement.discard()
        _ = consume lock
        return change
    }

    /// Whether the message is encrypted to every valid encryption part of each of these keys, and to nothing else.
    static func isFor(
        exactly keys: [PublicKey], _ message: [UInt8], of secret: StoredSecret
    ) throws(SecretStoreError) -> Bool {
        var reached = Set<String>()
        for identifier in try OpenPGPMessage.recipients(of: message, secret) {
            guard let identifier, let part = keys.lazy.compactMap({ $0.part(identifier) }).first, part.isValid else {
                return false
            }
            reached.insert(part.fingerprint)
        }
        return reached == Set(keys.flatMap(\.encryptionParts).map(\.fingerprint))
    }
}
