import Foundation
import Propel
import SecretStore

/// Which of the store's secrets a host gets under the names that its properties use.
struct HostSecrets: Sendable {
    /// By the names that the properties use.
    let stored: [String: StoredSecret]
    /// What tells each encrypted file from any other: the hash of its content. It changes where the secret is set, and where
    /// it is encrypted anew.
    let versions: [String: String]

    static let none = HostSecrets(stored: [:], versions: [:])

    private init(stored: [String: StoredSecret], versions: [String: String]) {
        self.stored = stored
        self.versions = versions
    }

    /// - Throws: ``UsageError`` where one is missing, with the command that sets it; `SecretStoreError` where the store is damaged.
    init(of target: Target, in store: SecretStore) throws {
        if let malformed = target.host.malformedSecretNames.first {
            throw UsageError(
                description:
                    "\(target.name): \(malformed.debugDescription) cannot be the name of a secret\nUse letters, digits, `.`, `-` and `_`, at most 100 of them, with a letter, a digit or `_` first."
            )
        }
        var stored: [String: StoredSecret] = [:], versions: [String: String] = [:], missing: [SecretName] = []
        for name in target.host.secrets {
            guard let secret = try store.secret(name, host: target.name, role: target.machine.entry.role) else {
                missing.append(name)
                continue
            }
            stored[name.description] = secret
            versions[name.description] = SHA256.hash(try store.message(of: secret))
        }
        guard missing.isEmpty else { throw UsageError(description: Self.complaint(about: missing, of: target)) }
        self.init(stored: stored, versions: versions)
    }

    private static func complaint(about missing: [SecretName], of target: Target) -> String {
        let uses = missing.map { name in
            let step = target.host.steps.first { $0.property.secrets.contains { $0.name == name.description } }
            return "  \(name)" + (step.map { ", for \($0.path) (\($0.place))" } ?? "")
        }
        let commands = missing.map { "  propel secret set \($0) --for \(target.name)" }
        return """
            \(target.name) needs \(missing.count == 1 ? "a secret that is" : "\(missing.count) secrets that are") not in the store:
            \(uses.joined(separator: "\n"))
            Set \(missing.count == 1 ? "it" : "them"):
            \(commands.joined(separator: "\n"))
            With `--for \(target.machine.entry.role)` it is for all hosts of that role, and without `--for` for all hosts.
            """
    }
}

extension Checkout {
    var secretStore: SecretStore { SecretStore(folder: root.appending(path: "secrets")) }
}
