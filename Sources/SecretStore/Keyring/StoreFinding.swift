public import Foundation
import Propel

/// Something about a store that a person should look at.
public enum StoreFinding: Sendable, Equatable {
    /// The keyring has no key.
    case noKeys
    /// Nothing can be encrypted as long as this key is in the keyring.
    case unusableKey(PublicKey, PublicKey.Problem)
    case expiringKey(PublicKey, Date)
    /// A key of the keyring cannot read it: it was added on another branch.
    case unreadable(StoredSecret, by: [PublicKey])
    /// It can be read by keys that are not in the keyring, or with subkeys that are no longer valid.
    case readableByOthers(StoredSecret, [Recipient])
    case outdatedSubkey(StoredSecret, PublicKey)
    /// A key file or a secret that cannot be read, or a file that does not belong there.
    case damaged(SecretStoreError)
    /// No host or role has this name.
    case unknownContext(StoredSecret)
    case unused(StoredSecret)
}

extension StoreFinding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noKeys: "the keyring is empty"
        case .unusableKey(let key, let problem): "the key of \(key.name) (\(key.fingerprint)) \(problem)"
        case .expiringKey(let key, let date): "the key of \(key.name) (\(key.fingerprint)) expires on \(date.dayInUTC)"
        case .unreadable(let secret, let keys):
            "\(secret.path) cannot be read by \(keys.map(\.name).joined(separator: ", "))"
        case .readableByOthers(let secret, let others):
            "\(secret.path) can be read by \(others.map(\.description).joined(separator: ", "))"
        case .outdatedSubkey(let secret, let key):
            "\(secret.path) is for a subkey of \(key.name) that is no longer valid"
        case .damaged(let error): error.message
        case .unknownContext(let secret):
            "\(secret.path) is for \(secret.context), which hosts.conf and the roles do not have"
        case .unused(let secret): "\(secret.path) is used by no host"
        }
    }

    /// Whether it stands in the way of anything, or lets somebody read what they should not.
    public var isProblem: Bool {
        switch self {
        case .expiringKey, .unknownContext, .unused: false
        default: true
        }
    }

    /// What to do about it.
    public var advice: String {
        switch self {
        case .noKeys: SecretStoreError.emptyKeyring(folder: "").advice
        case .unusableKey(let key, let problem): SecretStoreError.unusableKey(key, problem).advice
        case .expiringKey(let key, _): SecretStoreError.unusableKey(key, .expired(nil)).advice
        case .unreadable, .readableByOthers, .outdatedSubkey: "Encrypt it anew: propel key check --reencrypt"
        case .damaged(let error): error.advice
        case .unknownContext(let secret), .unused(let secret):
            "If nobody needs it: propel secret remove \(secret.name)\(secret.context.option)"
        }
    }
}

extension SecretContext {
    /// ` --for host:web1`; nothing for all.
    public var option: String {
        switch self {
        case .all: ""
        case .host(let name): " --for host:\(name)"
        case .role(let name): " --for role:\(name)"
        }
    }
}

extension Keyring {
    /// What is wrong with the store, or will be soon. Nothing is decrypted.
    ///
    /// - Parameters:
    ///   - hosts: the names of all hosts.
    ///   - roles: the names of all roles.
    ///   - isUsed: whether any host gets this secret.
    ///   - days: how many days ahead the expiry of a key is told.
    /// - Throws: ``SecretStoreError`` where the store cannot be looked at at all.
    public func check(
        hosts: Set<String>, roles: Set<String>, days: Int = 30, isUsed: (StoredSecret) -> Bool
    ) throws(SecretStoreError) -> [StoreFinding] {
        var findings: [StoreFinding] = []
        let secrets: [StoredSecret]
        let keys: [PublicKey]
        do {
            secrets = try store.secrets()
            keys = try self.keys()
        } catch {
            return [.damaged(error)]
        }
        if keys.isEmpty { findings.append(.noKeys) }
        findings += keys.compactMap { key in
            if let problem = key.problem { return .unusableKey(key, problem) }
            guard let end = key.usableUntil, end < Date() + Double(days) * 86_400 else { return nil }
            return .expiringKey(key, end)
        }
        for secret in secrets {
            do {
                let message = try store.message(of: secret)
                findings += try readers(of: secret, message, keys: keys)
            } catch {
                findings.append(.damaged(error))
            }
            let isKnown =
                switch secret.context {
                case .all: true
                case .host(let name): hosts.contains(name)
                case .role(let name): roles.contains(name)
                }
            if !isKnown {
                findings.append(.unknownContext(secret))
            } else if !isUsed(secret) {
                findings.append(.unused(secret))
            }
        }
        return findings
    }

    private func readers(
        of secret: StoredSecret, _ message: [UInt8], keys: [PublicKey]
    ) throws(SecretStoreError) -> [StoreFinding] {
        if try Self.isFor(exactly: keys, message, of: secret) { return [] }
        let recipients = try store.recipients(of: secret, message: message, keys: keys)
        let known = recipients.compactMap { recipient in if case .key(let key) = recipient { key } else { nil } }
        let others = recipients.filter { recipient in if case .key = recipient { false } else { true } }
        let excluded = keys.filter { !known.contains($0) }
        var findings: [StoreFinding] = []
        if !excluded.isEmpty { findings.append(.unreadable(secret, by: excluded)) }
        if !others.isEmpty { findings.append(.readableByOthers(secret, others)) }
        // What is left are subkeys. A key that is not valid as a whole is told of by itself.
        if findings.isEmpty { findings += known.filter { $0.problem == nil }.map { .outdatedSubkey(secret, $0) } }
        return findings
    }
}
