extension Secret {
    /// A secret that Propel generates.
    ///
    ///     File("/etc/app.conf", "password=\(Secret("db-password", generate: .password(32)))\n")
    ///     File("/root/.ssh/id_ed25519", Content(Secret("deploy-key", generate: .key(.ed25519))))
    ///
    /// The first run that needs it makes it on the laptop, encrypts it to the deployers and commits it like any other;
    /// a plan says that it would. `propel secret rotate NAME` makes the next one.
    /// - Parameters:
    ///   - name: a valid ``SecretName``.
    ///   - generator: what is made.
    ///   - scope: the hosts that have it in common; each host has its own by default.
    public init(_ name: String, generate generator: Generator, for scope: Scope = .host) {
        self.name = name
        generation = Generation(generator: generator, scope: scope)
    }

    /// The kind of value that is made for a secret.
    public enum Generator: Sendable, Hashable {
        /// This number of random characters, from 8 to 4096: letters, digits, `-` and `_`, with 6 bits of entropy each.
        case password(Int)
        /// A private key without a passphrase, in the format of OpenSSH. Its public key is shown when it is made.
        case key(KeyKind)
    }

    /// The kind of a private key.
    public enum KeyKind: Sendable, Hashable {
        case ed25519
    }

    /// The hosts that have a generated secret in common.
    public enum Scope: Sendable, Hashable {
        /// Each host has its own.
        case host
        /// All hosts of the role have one.
        case role
        /// All hosts have one: of an application and its database on another host.
        case allHosts
    }

    /// How a secret is generated, and for which hosts.
    public struct Generation: Sendable, Hashable {
        public var generator: Generator
        public var scope: Scope
    }

    /// The version of a secret that is not in the store yet and that the next run generates.
    package static let ungeneratedVersion = "not generated yet"
}

extension Secret.Generator: CustomStringConvertible {
    /// “a password of 32 characters”.
    public var description: String {
        switch self {
        case .password(let count): "a password of \(count) characters"
        case .key(.ed25519): "an Ed25519 key"
        }
    }
}

extension Host {
    /// How secrets are generated, by their names.
    public var secretGenerations: [String: Secret.Generation] {
        Dictionary(generations.map { ($0.name, $0.generation) }) { first, _ in first }
    }

    /// Generations that are impossible, or differ for one name.
    var secretGenerationProblems: [String] {
        var problems: [String] = []
        for (name, all) in Dictionary(grouping: generations, by: \.name).sorted(by: { $0.key < $1.key }) {
            if Set(all.map(\.generation)).count > 1 {
                problems.append(
                    "the secret \(name) is generated in two ways: give it the same `generate` and `for` everywhere")
            }
            for case .password(let count) in Set(all.map(\.generation.generator)) where !(8...4096).contains(count) {
                problems.append("the secret \(name) cannot have \(count) characters: a password has 8 to 4096")
            }
        }
        return problems
    }

    private var generations: [(name: String, generation: Secret.Generation)] {
        steps.flatMap { $0.property.secrets + $0.actionSecrets }.compactMap { secret in
            secret.generation.map { (secret.name, $0) }
        }
    }
}
