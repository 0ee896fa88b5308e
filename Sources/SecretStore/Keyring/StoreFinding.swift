public import Foundation
import Propel

/// A finding of `propel key check`.
public enum StoreFinding: Sendable, Equatable {
    /// The keyring has no key.
    case noKeys
    /// Nothing can be encrypted while this key is in the keyring.
    case unusableKey(PublicKey, PublicKey.Problem)
    case expiringKey(PublicKey, Date)
    /// A key of the keyring cannot decrypt it, as after a merge of a branch that added the key.
    case unreadable(StoredSecret, by: [PublicKey])
    /// Keys that are not in the keyring can decrypt it.
    case readableByOthers(StoredSecret, [Recipient])
    case outdatedSubkey(StoredSecret, PublicKey)
    /// The owner of a key with several encryption subkeys cannot decrypt it with each of them.
    case missingSubkey(StoredSecret, PublicKey)
    /// A key file or a secret that cannot be read, or an unexpected file.
    case damaged(SecretStoreError)
    /// It is for a host or role that does not exist.
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
            "\(secret.path) is encrypted to a subkey of \(key.name) that is no longer valid"
        case .missingSubkey(let secret, let key):
            "\(secret.path) is not encrypted to every encryption subkey of \(key.name)"
        case .damaged(let error): error.message
        case .unknownContext(let secret):
            "\(secret.path) is for \(secret.context), which is neither in hosts.conf nor a role"
        case .unused(let secret): "\(secret.path) is not used by any host"
        }
    }

    /// Whether it prevents an operation, or lets somebody read a secret who should not.
    public var isProblem: Bool {
        switch self {
        case .expiringKey, .unknownContext, .unused: false
        case .noKeys, .unusableKey, .unreadable, .readableByOthers, .outdatedSubkey, .missingSubkey, .damaged: true
        }
    }

    /// Advice in one sentence.
    public var advice: String {
        switch self {
        case .noKeys: SecretStoreError.emptyKeyring(folder: "").advice
        case .unusableKey(let key, let problem): SecretStoreError.unusableKey(key, problem).advice
        case .expiringKey(let key, _): SecretStoreError.unusableKey(key, .expired(nil)).advice
        case .unreadable, .readableByOthers, .outdatedSubkey, .missingSubkey:
            "Re-encrypt it: propel key check --reencrypt"
        case .damaged(let error): error.advice
        case .unknownContext(let secret), .unused(let secret):
            "If it is not needed: propel secret remove \(secret.name)\(secret.context.option)"
        }
    }
}

extension SecretContext {
    /// The option ` --for host:web1`; empty for all.
    public var option: String {
        switch self {
        case .all: ""
        case .host(let name): " --for host:\(name)"
        case .role(let name): " --for role:\(name)"
        }
    }
}

extension Keyring {
    /// The present and coming problems of the store. Decrypts nothing.
    ///
    /// - Parameters:
    ///   - hosts: the names of all hosts.
    ///   - roles: the names of all roles.
    ///   - isUsed: whether any host gets this secret.
    ///   - days: the number of days ahead for which the expiry of a key is reported.
    /// - Throws: ``SecretStoreError`` if the store cannot be read.
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
        // Only subkeys are left. A key that is invalid as a whole is a finding by itself.
        guard findings.isEmpty else { return findings }
        let reached = try OpenPGPMessage.recipients(of: message, secret).compactMap { identifier in
            identifier.flatMap { identifier in keys.lazy.compactMap { $0.part(identifier) }.first }
        }
        return known.filter { $0.problem == nil }.compactMap { key in
            if key.parts.contains(where: { reached.contains($0) && !$0.isValid }) {
                return .outdatedSubkey(secret, key)
            }
            return key.encryptionParts.allSatisfy(reached.contains) ? nil : .missingSubkey(secret, key)
        }
    }
}
