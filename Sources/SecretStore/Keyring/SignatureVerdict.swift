import CGPGME

/// The result of verifying a detached signature with a keyring.
public enum SignatureVerdict: Sendable, Equatable {
    /// Made by this key of the keyring over exactly this payload.
    case good(PublicKey)
    /// Made by a key that is not in the keyring: its key ID or fingerprint.
    case stranger(keyID: String)
    /// The key or the signature has expired.
    case expired(PublicKey)
    case revoked(PublicKey)
    /// The signature does not match the payload.
    case bad(PublicKey)
    /// It is not a single, readable detached signature.
    case damaged(reason: String)

    /// Whether the signature proves who signed.
    public var isGood: Bool { if case .good = self { true } else { false } }
}

extension SignatureVerdict: CustomStringConvertible {
    public var description: String {
        switch self {
        case .good(let key): "signed by \(key.name) (key \(key.fingerprint))"
        case .stranger(let keyID): "signed by a key that is not in the keyring (\(keyID))"
        case .expired(let key):
            "signed by \(key.name), with a key or a signature that has expired (key \(key.fingerprint))"
        case .revoked(let key): "signed by \(key.name), with a key that was revoked (key \(key.fingerprint))"
        case .bad(let key):
            "signed by \(key.name), but the signature does not match: the content was changed afterwards (key "
                + "\(key.fingerprint))"
        case .damaged(let reason): "signed, but the signature cannot be read: \(reason)"
        }
    }
}

extension Keyring {
    /// Verifies a detached OpenPGP signature, binary or armored, with the keys of the keyring only. The keys, trust
    /// and options of the user's GnuPG home have no influence.
    ///
    /// - Throws: ``SecretStoreError`` if the keyring cannot be read. A bad signature is a result, not an error.
    public func verify(signature: [UInt8], of payload: [UInt8]) throws(SecretStoreError) -> SignatureVerdict {
        let files = try keyFiles()
        let context = try TemporaryHome().context()
        try context.importKeys(of: files)
        let keys = files.map(\.key)
        return context.withHandle { context in
            let error = GnuPGData(signature).withHandle { signature in
                GnuPGData(payload).withHandle { gpgme_op_verify(context, signature, $0, nil) }
            }
            guard error == 0 else { return .damaged(reason: GnuPGError(error).words) }
            return Self.verdict(on: gpgme_op_verify_result(context)?.pointee.signatures, by: keys)
        }
    }

    /// - Parameter list: the signatures that GnuPG has found, which live as long as the context.
    private static func verdict(on list: gpgme_signature_t?, by keys: [PublicKey]) -> SignatureVerdict {
        guard let signature = list?.pointee else { return .damaged(reason: "there is no signature") }
        // Of several signatures, one could be good and another bad.
        guard signature.next == nil else { return .damaged(reason: "there is more than one") }
        let identifier = signature.fpr.map { String(cString: $0) } ?? ""
        guard let key = keys.first(where: { $0.part(identifier) != nil }) else {
            return identifier.isEmpty ? .damaged(reason: "it names no key") : .stranger(keyID: identifier)
        }
        let error = GnuPGError(signature.status)
        switch error.code {
        case GPG_ERR_NO_ERROR:
            return signature.wrong_key_usage == 0 ? .good(key) : .damaged(reason: "the key is not for signing")
        case GPG_ERR_KEY_EXPIRED, GPG_ERR_SIG_EXPIRED: return .expired(key)
        case GPG_ERR_CERT_REVOKED: return .revoked(key)
        case GPG_ERR_BAD_SIGNATURE: return .bad(key)
        default: return .damaged(reason: error.words)
        }
    }
}
