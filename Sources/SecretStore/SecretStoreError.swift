import Foundation
import Propel

/// An error of the secret store. Its description says what to do next.
public enum SecretStoreError: Error, Sendable, Equatable {
    // The files of the store.
    case strangeFile(String)
    case symbolicLink(String)
    case file(operation: String, path: String, reason: String)
    /// A name of a host or role that cannot be a folder name.
    case unusableContext(String)
    /// Another process holds the store's lock.
    case busy(folder: String)
    /// The secret was changed since it was read.
    case concurrentChange(String)
    case alreadyExists(String)
    case noSuchSecret(String)
    /// The file system cannot exchange two directories in one step.
    case noExchange(folder: String)

    // The keyring.
    case emptyKeyring(folder: String)
    case damagedKey(String, reason: String)
    /// A file of the keyring is not named after the fingerprint of its key.
    case misnamedKey(String, fingerprint: String)
    /// A key of the keyring, or one that should be added, cannot be encrypted to.
    case unusableKey(PublicKey, PublicKey.Problem)
    case noSuchKey(String, place: String)
    case ambiguousKey(String, [PublicKey])
    case privateKey(String)
    case lastKey(PublicKey)
    /// The user could no longer read the secrets.
    case lockingOut([PublicKey])

    // Reading and writing secrets.
    case noSecretKey(String, recipients: [Recipient])
    case damaged(String, reason: String)
    case badPassphrase(String)
    case noAgent
    case noPinentry
    case cancelled
    /// Larger than `Secret.sizeLimit`.
    case tooLarge(String)
    case gnupgMissing(reason: String)
    /// Another error, with GnuPG's message.
    case gnupg(operation: String, reason: String)
}

extension SecretStoreError {
    /// The error of the last system call, which was about a file.
    static func systemCall(to operation: String, _ path: String) -> SecretStoreError {
        .file(operation: operation, path: path, reason: String(cString: strerror(errno)))
    }
}

extension SecretStoreError: CustomStringConvertible {
    public var description: String { message + "\n" + advice }

    /// The error in one sentence without a full stop.
    public var message: String {
        switch self {
        case .strangeFile(let path): "unexpected file in the secret store: \(path)"
        case .symbolicLink(let path): "\(path) is a symbolic link, which the secret store does not follow"
        case .file(let operation, let path, let reason): "cannot \(operation) \(path): \(reason)"
        case .unusableContext(let name): "\(name.debugDescription) cannot be a folder name in the secret store"
        case .busy(let folder): "another propel process is changing \(folder)"
        case .concurrentChange(let path):
            "\(path) was changed by another process since it was read; nothing was written"
        case .alreadyExists(let path): "\(path) exists already; nothing was written"
        case .noSuchSecret(let path): "\(path) does not exist"
        case .noExchange(let folder):
            "the file system of \(folder) cannot exchange two folders in one step; nothing was changed"
        case .emptyKeyring(let folder): "\(folder) has no key, so nobody could read a secret"
        case .damagedKey(let path, let reason): "\(path) is not an OpenPGP public key: \(reason)"
        case .misnamedKey(let path, let fingerprint): "\(path) contains the key \(fingerprint)"
        case .unusableKey(let key, let problem): "the key of \(key.name) (\(key.fingerprint)) \(problem)"
        case .noSuchKey(let name, let place): "there is no key \(name.debugDescription) in \(place)"
        case .ambiguousKey(let name, let keys):
            "\(name.debugDescription) matches \(keys.count) keys:\n"
                + keys.map { "  \($0.fingerprint)  \($0.name)" }.joined(separator: "\n")
        case .privateKey(let path): "\(path) contains a private key, which must not be added to the repository"
        case .lastKey(let key):
            "\(key.name) (\(key.fingerprint)) is the last key: without it nobody could read the secrets"
        case .lockingOut(let keys):
            "without \(keys.map { "\($0.name) (\($0.fingerprint))" }.joined(separator: " and ")) you can no longer "
                + "read the secrets"
        case .noSecretKey(let path, let recipients):
            "none of your keys can decrypt \(path), which is encrypted to "
                + "\(recipients.map(\.description).joined(separator: ", "))"
        case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
        case .badPassphrase(let path): "wrong passphrase for each of your keys that can decrypt \(path)"
        case .noAgent: "gpg-agent does not respond"
        case .noPinentry: "gpg-agent has no pinentry to ask for the passphrase with"
        case .cancelled: "no passphrase was entered"
        case .tooLarge(let path): "\(path) is larger than \(Secret.sizeLimit >> 20) MiB"
        case .gnupgMissing(let reason): "GnuPG cannot be used: \(reason)"
        case .gnupg(let operation, let reason): "GnuPG could not \(operation): \(reason)"
        }
    }

    /// Advice in one or two sentences.
    public var advice: String {
        switch self {
        case .strangeFile:
            "Move it elsewhere. A secret belongs into all/NAME.gpg, hosts/HOST/NAME.gpg or roles/ROLE/NAME.gpg, a "
                + "key in keyring/FINGERPRINT.asc."
        case .symbolicLink: "Replace it with a file or a folder."
        case .file: "Nothing was changed. Fix the cause, then try again."
        case .unusableContext:
            "Use a name without / and control characters that does not begin with a dot, of at most 253 bytes."
        case .busy: "Wait until it has finished, then try again."
        case .concurrentChange: "Look at it with `propel secret get`, then try again."
        case .alreadyExists: "Pass --replace to overwrite it."
        case .noSuchSecret: "`propel secret list` lists the secrets."
        case .noExchange: "Move the configuration to another file system, such as ext4, xfs, btrfs or tmpfs."
        case .emptyKeyring:
            "Add yours first: propel key add YOU@EXAMPLE.COM   (gpg --quick-generate-key YOU@EXAMPLE.COM creates one)"
        case .damagedKey: "Restore it from git, or export it again: gpg --armor --export FINGERPRINT"
        case .misnamedKey(_, let fingerprint):
            "Remove it from the keyring; if it belongs there, `propel key add \(fingerprint)` adds it."
        case .unusableKey(let key, .revoked):
            "Remove it: propel key remove \(key.fingerprint)"
        case .unusableKey(let key, .expired):
            "Ask its owner to extend it (gpg --quick-set-expire \(key.fingerprint) 1y), then `propel key add` it "
                + "again; or `propel key remove \(key.fingerprint)`."
        case .unusableKey(let key, .noEncryptionKey):
            "Its owner can add one: gpg --quick-add-key \(key.fingerprint) cv25519 encr   Then `propel key add` it."
        case .noSuchKey:
            "Give a fingerprint, key ID or mail address. `gpg --list-keys` and `propel key list` show them."
        case .ambiguousKey: "Give the fingerprint of one."
        case .privateKey: "Export the public key: gpg --armor --export ID"
        case .lastKey: "Add another first: propel key add ID"
        case .lockingOut: "If that is what you want, pass --lock-me-out."
        case .noSecretKey:
            "Ask one of the readers to run: propel key add YOUR-KEY   (or set GNUPGHOME to where your key is)"
        case .damaged(let path, _): "Restore it from git: git log -- \(path)   Nothing was changed."
        case .badPassphrase: "Try again."
        case .noAgent: "Install it (apt-get install gpg-agent), or run: gpg-connect-agent /bye"
        case .noPinentry:
            "Install one (apt-get install pinentry-curses) and set GPG_TTY=$(tty), or pass the passphrase with "
                + "--passphrase-fd N."
        case .cancelled: "Try again."
        case .tooLarge: "Keep it elsewhere, encrypted with a key that is a secret here."
        case .gnupgMissing: "Install it: apt-get install gnupg"
        case .gnupg:
            "Nothing was changed. `gpg --version` and `gpg --list-secret-keys` show whether GnuPG works."
        }
    }
}
