public import Foundation
public import Propel

/// An encrypted secret of the store.
public struct StoredSecret: Sendable, Hashable {
    public let name: SecretName
    public let context: SecretContext
    /// The file with one OpenPGP message: `gpg -d` decrypts it.
    public let file: URL
    /// The path in the repository: `secrets/hosts/web1/db-password.gpg`.
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
    /// A key that is not in the keyring, by its key ID or fingerprint.
    case stranger(keyID: String)
    /// The message does not say which.
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

/// The source of the passphrase of a private key.
public enum PassphraseSource: Sendable {
    /// gpg-agent and pinentry, as the user has configured them.
    case agent
    /// A passphrase that was passed in, for use without a terminal.
    case given(SecretBytes)
}
