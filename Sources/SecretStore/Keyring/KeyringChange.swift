import Foundation
import Propel

extension Keyring {
    /// What a change of the keyring did.
    public struct Change: Sendable, Equatable {
        /// The keys that were added, brought up to date or removed.
        public var keys: [PublicKey]
        /// The secrets that were encrypted anew, sorted.
        public var reencrypted: [StoredSecret]
        /// The secrets that a removed key could read, sorted. Its owner may have them still, and git keeps the files as they
        /// were: they must be given new values.
        public var toRotate: [StoredSecret] = []
    }

    /// Adds a key, or brings one up to date, and encrypts everything anew that is not for exactly the keys of the new
    /// keyring. It is done as a whole or not at all.
    ///
    /// - Parameter passphrase: of one of the user's keys that can read the secrets.
    /// - Throws: ``SecretStoreError/unusableKey(_:_:)`` where nothing can be encrypted to it.
    @discardableResult
    public func add(_ source: KeySource, passphrase: PassphraseSource) throws(SecretStoreError) -> Change {
        try change(passphrase: passphrase) { (present) throws(SecretStoreError) in
            let added = try source.keyFile(over: present, in: TemporaryHome())
            if let problem = added.key.problem { throw .unusableKey(added.key, problem) }
            return (present.filter { $0.key.fingerprint != added.key.fingerprint } + [added], [added.key])
        }
    }

    /// Removes keys, and encrypts everything anew to those that stay. It is done as a whole or not at all.
    ///
    /// - Parameters:
    ///   - names: fingerprints, key ids, or what a user id contains.
    ///   - lockingOut: whether it may leave no key of the user's own.
    /// - Throws: ``SecretStoreError/lastKey(_:)``, ``SecretStoreError/lockingOut(_:)``.
    @discardableResult
    public func remove(
        _ names: [String], passphrase: PassphraseSource, lockingOut: Bool = false
    ) throws(SecretStoreError) -> Change {
        // Before the lock: it may take a while until gpg-agent has started.
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

    /// Encrypts anew what is not for exactly the keys of the keyring, such as after two branches were merged. It is done as
    /// a whole or not at all.
    @discardableResult
    public func reencrypt(passphrase: PassphraseSource) throws(SecretStoreError) -> Change {
        try change(passphrase: passphrase) { ($0, []) }
    }

    /// The key of the keyring that is meant.
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

    /// - Parameter choose: makes the new keyring of the present one, and says which keys it is about.
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
            for file in keyring { try replacement.new.write(file.bytes, to: "keyring/\(file.key.fingerprint).asc") }
            let known = keyring.map(\.key) + about
            for secret in secrets {
                var message = try files.read(secret)
                let recipients = try store.recipients(of: secret, message: message, keys: known)
                // Also who is none of the keyring any more: a branch may have been merged that still encrypted to them.
                let couldRead = recipients.contains { recipient in
                    guard case .key(let key) = recipient else { return true }
                    return !keyring.contains { $0.key.fingerprint == key.fingerprint }
                }
                if couldRead { change.toRotate.append(secret) }
                if try !Self.isFor(exactly: keyring.map(\.key), message, of: secret) {
                    message = try encryption.encrypt(
                        GnuPGContext(home: store.userHome).decrypt(
                            message, of: secret, for: recipients, passphrase: passphrase))
                    change.reencrypted.append(secret)
                }
                try replacement.new.write(message, to: "\(try secret.context.path)/\(secret.name).gpg")
            }
            try replacement.exchange()
        } catch {
            replacement.discard()
            throw error
        }
        // It is done. What cannot be removed now is removed by the next change.
        replacement.discard()
        _ = consume lock
        return change
    }

    /// Whether the message can be read by each of these keys and no other, with parts of them that are still valid.
    static func isFor(
        exactly keys: [PublicKey], _ message: [UInt8], of secret: StoredSecret
    ) throws(SecretStoreError) -> Bool {
        let identifiers: [String?]
        do throws(OpenPGPMessage.Damage) {
            identifiers = try OpenPGPMessage(message).recipients
        } catch {
            throw .damaged(secret.path, reason: error.description)
        }
        var reached = Set<String>()
        for identifier in identifiers {
            guard let identifier, let key = keys.first(where: { $0.part(identifier) != nil }),
                key.part(identifier)?.isValid == true
            else {
                return false
            }
            reached.insert(key.fingerprint)
        }
        return reached == Set(keys.map(\.fingerprint))
    }
}
