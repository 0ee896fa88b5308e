import Foundation
import Propel
import SSHTransport
import SecretStore

/// A secret that a host needs, that is not in the store yet, and that Propel makes.
struct UngeneratedSecret: Sendable, Hashable {
    var name: SecretName
    var generator: Secret.Generator
    var context: SecretContext
}

extension Secret.Generation {
    /// The context of the secret that it makes for a host.
    func context(of target: Target) -> SecretContext {
        switch scope {
        case .host: .host(target.name)
        case .role: .role(target.machine.entry.role)
        case .allHosts: .all
        }
    }
}

extension Secret.Generator {
    /// Makes a plaintext.
    /// - Returns: the plaintext, and the public key if it is a private one.
    func make() throws -> (plaintext: SecretBytes, publicKey: String?) {
        switch self {
        case .password(let count): return (try SecretBytes(randomCharacters: count), nil)
        case .key(.ed25519):
            do {
                return try SSHKeyPair.makeEd25519 { key, publicKey in
                    let plaintext = try SecretBytes(capacity: key.count) { memory in
                        memory.copyMemory(from: key)
                        return key.count
                    }
                    return (plaintext, publicKey)
                }
            } catch let error as SSHKeyError {
                throw Failure(
                    "\(error)",
                    advice: "Make one with ssh-keygen, and set it with `propel secret set NAME --file FILE`.")
            }
        }
    }
}

/// The report about a secret that was generated.
struct GeneratedSecretReport: Report {
    var secret: StoredSecret
    var generator: Secret.Generator
    var publicKey: String?
    /// Whether it takes the place of an earlier one.
    var isReplacement = false

    // On standard error: the answer of the command is that of its run.
    var text: TextOutput {
        let verb = isReplacement ? "generated the next" : "generated"
        var notes = [StyledLine("\(verb) \(secret.path): \(generator)".oneLine)]
        if let publicKey { notes.append(StyledLine("its public key: \(publicKey)".oneLine)) }
        return TextOutput(notes: notes)
    }

    var json: [JSON] {
        [
            .line(
                "secret-change",
                secret.jsonMembers.merging([
                    "change": .string(isReplacement ? "rotated" : "generated"),
                    "public-key": publicKey.map(JSON.string),
                ]) { $1 })
        ]
    }
}

/// The part of a plan about the secrets that a run would generate.
struct SecretPlanReport: Report {
    var host: String
    var secrets: [UngeneratedSecret]

    var text: TextOutput {
        TextOutput(
            lines: secrets.map { secret in
                StyledLine(
                    "\(host): would generate the secret \(secret.name) for \(secret.context): \(secret.generator)"
                        .oneLine)
            })
    }

    var json: [JSON] {
        secrets.map { secret in
            .line(
                "secret-plan",
                [
                    "host": .string(host), "name": .string(secret.name.description),
                    "context": .string(secret.context.description), "status": "would-generate",
                ])
        }
    }
}

extension SecretStore {
    /// Makes a secret that is missing. If somebody else has made it in the meantime, that one stays.
    /// - Returns: the report; nil if it is there already.
    func generate(_ secret: UngeneratedSecret) throws -> GeneratedSecretReport? {
        try requireWritable()
        let (plaintext, publicKey) = try secret.generator.make()
        do {
            let stored = try encrypt(plaintext, as: secret.name, for: secret.context, replacing: .nothing)
            return GeneratedSecretReport(secret: stored, generator: secret.generator, publicKey: publicKey)
        } catch SecretStoreError.alreadyExists {
            return nil
        }
    }

    /// Makes the next value of a secret.
    func rotate(_ secret: StoredSecret, _ generator: Secret.Generator) throws -> GeneratedSecretReport {
        try requireWritable()
        let former = try message(of: secret)
        let (plaintext, publicKey) = try generator.make()
        let stored = try encrypt(plaintext, as: secret.name, for: secret.context, replacing: .message(former))
        return GeneratedSecretReport(
            secret: stored, generator: generator, publicKey: publicKey, isReplacement: true)
    }
}

extension Deployment {
    /// Makes the secrets that the hosts need and that are missing, once nothing else is wrong with the configuration.
    /// - Returns: whether any was missing, so that the hosts have to be read again.
    func generateSecrets(of targets: [Target]) async throws -> Bool {
        var seen: Set<UngeneratedSecret> = []
        let missing = targets.flatMap(\.secrets.ungenerated).filter { seen.insert($0).inserted }
        if missing.isEmpty { return false }
        try await DeploymentPolicy(of: session.checkout, for: targets).require(prompter: session.prompter)
        let format = OutputFormat(isJSON: session.reportFormat.isJSON)
        for secret in missing {
            if let report = try session.checkout.secretStore.generate(secret) { format.print(report) }
        }
        return true
    }
}
