import Foundation
import Propel

/// Why the secret store could not do what was asked for. Its description says what to do next.
public enum SecretStoreError: Error, Sendable, Equatable {
    // The files of the store.
    case strangeFile(String)
    case symbolicLink(String)
    case file(operation: String, path: String, reason: String)
    /// A host's or role's name that cannot be the name of a folder.
    case unusableContext(String)
    /// Another process has been changing the store for as long as one waits for it.
    case busy(folder: String)
    /// The secret was changed since it was read.
    case changedMeanwhile(String)
    case alreadyThere(String)
    case noSuchSecret(String)
    /// The file system cannot exchange two directories in one step.
    case noExchange(folder: String)

    // The keyring.
    case emptyKeyring(folder: String)
    case damagedKey(String, reason: String)
    /// A file of the keyring is not named by the fingerprint of its key.
    case misnamedKey(String, fingerprint: String)
    /// It is in the keyring, or is to be, and nothing can be encrypted to it.
    case unusableKey(PublicKey, PublicKey.Problem)
    case noSuchKey(String, place: String)
    case ambiguousKey(String, [PublicKey])
    case privateKey(String)
    case lastKey(PublicKey)
    /// Afterwards no key of the user could read the secrets.
    case lockingOut([PublicKey])

    // Reading and writing secrets.
    case noSecretKey(String, recipients: [Recipient])
    case damaged(String, reason: String)
    case badPassphrase(String)
    case noAgent
    case noPinentry
    case cancelled
    /// More than `Secret.sizeLimit`.
    case tooLarge(String)
    case gnupgMissing(reason: String)
    /// Anything else, in GnuPG's words.
    case gnupg(operation: String, reason: String)
}

extension SecretStoreError: CustomStringConvertible {
    public var description: String { message + "\n" + advice }

    /// What is wrong.
    public var message: String {
        switch self {
        case .strangeFile(let path): "\(path) does not belong into the secret store"
        case .symbolicLink(let path): "\(path) is a symbolic link, which the secret store does not follow"
        case .file(let operation, let path, let reason): "cannot \(operation) \(path): \(reason)"
        case .unusableContext(let name): "\(name.debugDescription) cannot be the name of a folder of the secret store"
        case .busy(let folder): "another propel is changing \(folder)"
        case .changedMeanwhile(let path):
            "\(path) was changed by somebody else since it was read, so nothing was written"
        case .alreadyThere(let path): "there is a \(path) already; nothing was written"
        case .noSuchSecret(let path): "there is no \(path)"
        case .noExchange(let folder):
            "the file system of \(folder) cannot exchange two folders in one step; nothing was changed"
        case .emptyKeyring(let folder): "there is no key in \(folder), so a secret would be for nobody"
        case .damagedKey(let path, let reason): "\(path) is no OpenPGP public key: \(reason)"
        case .misnamedKey(let path, let fingerprint): "\(path) holds the key \(fingerprint)"
        case .unusableKey(let key, let problem): "the key of \(key.name) (\(key.fingerprint)) \(problem)"
        case .noSuchKey(let name, let place): "there is no key \(name.debugDescription) in \(place)"
        case .ambiguousKey(let name, let keys):
            "\(name.debugDescription) fits to \(keys.count) keys:\n"
                + keys.map { "  \($0.fingerprint)  \($0.name)" }.joined(separator: "\n")
        case .privateKey(let path): "\(path) holds a private key, which must not get into the repository"
        case .lastKey(let key):
            "\(key.name) (\(key.fingerprint)) is the last key; without it nobody could read the secrets"
        case .lockingOut(let keys):
            "without \(keys.map { "\($0.name) (\($0.fingerprint))" }.joined(separator: " and ")) you can no longer read the secrets"
        case .noSecretKey(let path, let recipients):
            "none of your keys can read \(path); it is for \(recipients.map(\.description).joined(separator: ", "))"
        case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
        case .badPassphrase(let path): "the passphrase is wrong for every key of yours that \(path) is for"
        case .noAgent: "gpg-agent, which keeps your keys, does not answer"
        case .noPinentry: "gpg-agent has nothing to ask for the passphrase with"
        case .cancelled: "the passphrase was not given"
        case .tooLarge(let path): "\(path) has more than \(Secret.sizeLimit >> 20) MiB"
        case .gnupgMissing(let reason): "GnuPG cannot be used: \(reason)"
        case .gnupg(let operation, let reason): "GnuPG could not \(operation): \(reason)"
        }
    }

    /// What to do next.
    public var advice: String {
        switch self {
        case .strangeFile:
            "Move it elsewhere. A secret is in all/NAME.gpg, hosts/HOST/NAME.gpg or roles/ROLE/NAME.gpg, a key in keyring/FINGERPRINT.asc."
        case .symbolicLink: "Put a file or a folder in its place."
        case .file: "Nothing was changed. Put that right, then try again."
        case .unusableContext:
            "Use a name without / and control characters that does not begin with a dot, of at most 253 bytes."
        case .busy: "Wait until it is done, then try again."
        case .changedMeanwhile: "Look at it with `propel secret get`, then try again."
        case .alreadyThere: "Say --replace to give it another value."
        case .noSuchSecret: "`propel secret list` shows those that are there."
        case .noExchange: "Move the configuration to another file system, such as ext4, xfs, btrfs or tmpfs."
        case .emptyKeyring:
            "Add yours first: propel key add YOU@EXAMPLE.COM   (gpg --quick-generate-key YOU@EXAMPLE.COM makes one)"
        case .damagedKey: "Get it back from git, or export it anew: gpg --armor --export FINGERPRINT"
        case .misnamedKey(_, let fingerprint):
            "Take it out of the keyring; if it belongs there, `propel key add \(fingerprint)` adds it."
        case .unusableKey(let key, .revoked):
            "Take it out: propel key remove \(key.fingerprint)"
        case .unusableKey(let key, .expired):
            "Have its owner extend it (gpg --quick-set-expire \(key.fingerprint) 1y), then `propel key add` it again; or `propel key remove \(key.fingerprint)`."
        case .unusableKey(let key, .noEncryptionKey):
            "Its owner can add one: gpg --quick-add-key \(key.fingerprint) cv25519 encr   Then `propel key add` it."
        case .noSuchKey:
            "Name it by its fingerprint, key id or mail address. `gpg --list-keys` and `propel key list` show them."
        case .ambiguousKey: "Name one by its fingerprint."
        case .privateKey: "Give the public one: gpg --armor --export ID"
        case .lastKey: "Add another first: propel key add ID"
        case .lockingOut: "If that is what you want, say --lock-me-out."
        case .noSecretKey: "Ask one of them to run: propel key add YOUR-KEY   (or set GNUPGHOME to where your key is)"
        case .damaged(let path, _): "Get it back from git: git log -- \(path)   Nothing was changed."
        case .badPassphrase: "Try again."
        case .noAgent: "Install it (apt-get install gpg-agent), or see what it says: gpg-connect-agent /bye"
        case .noPinentry:
            "Install one (apt-get install pinentry-curses) and set GPG_TTY=$(tty), or give the passphrase with --passphrase-fd N."
        case .cancelled: "Try again."
        case .tooLarge: "Keep it elsewhere, and a secret that opens it here."
        case .gnupgMissing: "Install it: apt-get install gnupg"
        case .gnupg:
            "Nothing was changed. `gpg --version` and `gpg --list-secret-keys` tell whether GnuPG works by itself."
        }
    }
}
