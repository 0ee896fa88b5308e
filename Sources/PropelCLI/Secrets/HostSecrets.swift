import Foundation
import Propel
import SecretStore

/// The secrets of the store that a host gets, by the names that its properties use.
struct HostSecrets: Sendable {
    /// By the names that the properties use.
    let stored: [String: StoredSecret]
    /// The SHA-256 of each encrypted file. It changes when the secret is set or re-encrypted.
    let versions: [String: String]
    /// The missing ones that the next run makes.
    let ungenerated: [UngeneratedSecret]

    static let none = HostSecrets(stored: [:], versions: [:], ungenerated: [])

    private init(stored: [String: StoredSecret], versions: [String: String], ungenerated: [UngeneratedSecret]) {
        self.stored = stored
        self.versions = versions
        self.ungenerated = ungenerated
    }

    /// Looks up the secrets of a host.
    /// - Parameters:
    ///   - target: the host.
    ///   - only: the properties or groups that a run is restricted to: those of others are not generated. All if empty.
    ///   - store: the store.
    /// - Throws: ``UsageError`` if one is missing that no run generates, with the command that sets it;
    ///   `SecretStoreError` if the store is
    ///   damaged.
    init(of target: Target, only: [String] = [], in store: SecretStore) throws {
        if let malformed = target.host.malformedSecretNames.first {
            throw UsageError(
                description:
                    "\(target.name): invalid name of a secret “\(malformed)”: use at most 100 letters, digits, “.”, "
                    + "“-” and “_”, the first a letter, a digit or “_”"
            )
        }
        var stored: [String: StoredSecret] = [:], versions: [String: String] = [:], missing: [SecretName] = []
        var ungenerated: [UngeneratedSecret] = []
        let generations = target.host.secretGenerations
        let needed = target.host.secretNames(only: only)
        for name in target.host.secrets {
            guard let secret = try store.secret(name, host: target.name, role: target.machine.entry.role) else {
                guard let generation = generations[name.description] else {
                    missing.append(name)
                    continue
                }
                versions[name.description] = Secret.ungeneratedVersion
                if needed.contains(name.description) {
                    ungenerated.append(
                        UngeneratedSecret(
                            name: name, generator: generation.generator, context: generation.context(of: target)))
                }
                continue
            }
            stored[name.description] = secret
            versions[name.description] = SHA256.hash(try store.message(of: secret))
        }
        guard missing.isEmpty else { throw UsageError(description: Self.message(about: missing, of: target)) }
        self.init(stored: stored, versions: versions, ungenerated: ungenerated)
    }

    private static func message(about missing: [SecretName], of target: Target) -> String {
        let uses = missing.map { name in
            let step = target.host.steps.first { $0.property.secrets.contains { $0.name == name.description } }
            return "  \(name)" + (step.map { ", for \($0.path) (\($0.place))" } ?? "")
        }
        let commands = missing.map { "  propel secret set \($0)\(SecretContext.host(target.name).option)" }
        return """
            \(target.name) needs \(missing.count == 1 ? "a secret that is" : "\(missing.count) secrets that are") \
            not in the store:
            \(uses.joined(separator: "\n"))
            Set \(missing.count == 1 ? "it" : "them"):
            \(commands.joined(separator: "\n"))
            `\(SecretContext.role(target.machine.entry.role).option.dropFirst())` is for all hosts of that role; \
            without `--for` it is for all hosts.
            """
    }
}

extension Checkout {
    var secretStore: SecretStore { SecretStore(folder: root.appending(path: PackageLayout.secrets)) }
}
