public import Foundation
public import Propel

/// A secret of the store, encrypted.
public struct StoredSecret: Sendable, Hashable {
    public let name: SecretName
    public let context: SecretContext
    /// One OpenPGP message: `gpg -d` opens it.
    public let file: URL
    /// As people know it: `secrets/hosts/web1/db-password.gpg`.
    public let path: String
}

extension StoredSecret: Comparable {
    /// By name, then by context.
    public static func < (left: StoredSecret, right: StoredSecret) -> Bool {
        (left.name, left.context) < (right.name, right.context)
    }
}

/// A key that a secret is encrypted to.
public enum Recipient: Sendable, Hashable {
    /// A key of the keyring.
    case key(PublicKey)
    /// A key that the keyring does not have, by its key id (or fingerprint).
    case stranger(keyID: String)
    /// The message does not tell which.
    case hidden
}

extension Recipient: CustomStringConvertible {
    public var description: String {
        switch self {
        case .key(let key): key.name
        case .stranger(let keyID): "the key \(keyID), which is not in the keyring"
        case .hidden: "a key that the file does not name"
        }
    }
}

/// Where the passphrase of a private key comes from.
public enum PassphraseSource: Sendable {
    /// gpg-agent and pinentry, as the user has them set up.
    case agent
    /// For where nobody can be asked.
    case given(SecretBytes)
}
