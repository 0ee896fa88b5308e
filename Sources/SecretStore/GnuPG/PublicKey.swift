import CGPGME
import Foundation

/// An OpenPGP key, without its secret part.
public struct PublicKey: Sendable, Hashable {
    /// The fingerprint of the primary key: 40 uppercase hexadecimal digits, or 64 for a version 5 or 6 key.
    public var fingerprint: String
    /// The user IDs, such as `Anna <anna@example.com>`, the primary one first, without revoked ones.
    public var userIDs: [String]
    /// The primary key and the subkeys, in this order.
    public var parts: [Part]
    public var isRevoked: Bool
    public var isExpired: Bool
    /// The expiry of the primary key; nil: never.
    public var expires: Date?

    /// The primary key or a subkey.
    public struct Part: Sendable, Hashable {
        public var fingerprint: String
        /// The key ID: 16 uppercase hexadecimal digits.
        public var keyID: String
        public var canEncrypt: Bool
        public var canSign: Bool
        /// Neither revoked, expired nor invalid.
        public var isValid: Bool
        /// The expiry; nil: never.
        public var expires: Date?
        /// Whether the GnuPG home that it was listed from has its secret part.
        public var isSecretThere: Bool
    }

    /// The first user ID, or the fingerprint if the key has no user ID.
    public var name: String { userIDs.first ?? fingerprint }

    /// The valid parts for encryption.
    public var encryptionParts: [Part] { parts.filter { $0.canEncrypt && $0.isValid } }

    /// The reason why nothing can be encrypted to it; nil if it is usable.
    public var problem: Problem? {
        if isRevoked { return .revoked }
        if isExpired { return .expired(expires) }
        if encryptionParts.isEmpty {
            let encrypting = parts.filter(\.canEncrypt)
            guard let last = encrypting.compactMap(\.expires).max(), last <= Date() else { return .noEncryptionKey }
            return .expired(last)
        }
        return nil
    }

    /// The reason why nothing can be encrypted to a key.
    public enum Problem: Sendable, Hashable {
        case revoked
        /// nil: GnuPG does not say when.
        case expired(Date?)
        /// It has no part for encryption.
        case noEncryptionKey
    }

    /// The date until which it can be encrypted to; nil: forever.
    public var usableUntil: Date? {
        let parts = encryptionParts.map { $0.expires ?? .distantFuture }
        return [expires, parts.max().flatMap { $0 == .distantFuture ? nil : $0 }].compactMap(\.self).min()
    }
}

extension PublicKey.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .revoked: "was revoked"
        case .expired(let date?): "expired on \(date.dayInUTC)"
        case .expired(nil): "has expired"
        case .noEncryptionKey: "has no subkey for encryption"
        }
    }
}

extension Date {
    /// `2026-11-21`.
    public var dayInUTC: String { formatted(.iso8601.year().month().day()) }
}

extension PublicKey {
    init?(_ key: gpgme_key_t) {
        let key = key.pointee
        let parts = sequence(first: key.subkeys) { $0?.pointee.next }.prefix { $0 != nil }.compactMap {
            $0.flatMap(Part.init)
        }
        guard let primary = parts.first else { return nil }
        fingerprint = primary.fingerprint
        userIDs = sequence(first: key.uids) { $0?.pointee.next }.prefix { $0 != nil }.compactMap { user in
            // Revoking the key makes all its user IDs invalid, but the name of the owner is still useful.
            guard let user = user?.pointee,
                key.revoked != 0 || user.revoked == 0 && (user.invalid == 0 || key.expired != 0)
            else { return nil }
            return user.uid.map { String(cString: $0) }
        }
        self.parts = parts
        isRevoked = key.revoked != 0
        isExpired = key.expired != 0
        expires = primary.expires
    }
}

extension PublicKey.Part {
    init?(_ subkey: gpgme_subkey_t) {
        let subkey = subkey.pointee
        guard let fingerprint = subkey.fpr, let keyID = subkey.keyid else { return nil }
        self.fingerprint = String(cString: fingerprint)
        self.keyID = String(cString: keyID)
        canEncrypt = subkey.can_encrypt != 0
        canSign = subkey.can_sign != 0
        isValid = subkey.revoked == 0 && subkey.expired == 0 && subkey.disabled == 0 && subkey.invalid == 0
        expires = subkey.expires > 0 ? Date(timeIntervalSince1970: TimeInterval(subkey.expires)) : nil
        isSecretThere = subkey.secret != 0
    }
}

extension GnuPGContext {
    /// The keys in `bytes`, without importing them.
    func keys(in bytes: [UInt8]) throws(GnuPGError) -> [(key: PublicKey, isSecret: Bool)] {
        // The data is read while the keys are listed.
        try GnuPGData(bytes).withHandle { (data) throws(GnuPGError) in
            try attempt { gpgme_op_keylist_from_data_start($0, data, 0) }
            return try listedKeys()
        }
    }

    /// The keys of the home that match `pattern` (gpg(1), HOW TO SPECIFY A USER ID).
    func keys(matching pattern: String, secretOnly: Bool = false) throws(SecretStoreError) -> [PublicKey] {
        do throws(GnuPGError) {
            try attempt { gpgme_op_keylist_start($0, pattern, secretOnly ? 1 : 0) }
            return try listedKeys().map(\.key)
        } catch {
            throw .gnupg(operation: "list your keys", reason: error.words)
        }
    }

    private func listedKeys() throws(GnuPGError) -> [(key: PublicKey, isSecret: Bool)] {
        defer { withHandle { _ = gpgme_op_keylist_end($0) } }
        var keys: [(PublicKey, Bool)] = []
        while true {
            var key: gpgme_key_t?
            let error = withHandle { gpgme_op_keylist_next($0, &key) }
            if gpgme_err_code(error) == GPG_ERR_EOF { return keys }
            try GnuPGError.check(error)
            guard let key else { return keys }
            defer { gpgme_key_unref(key) }
            if let read = PublicKey(key) { keys.append((read, key.pointee.secret != 0)) }
        }
    }
}
