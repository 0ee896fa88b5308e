/// The name of a secret in the store; see docs/secrets.md.
///
///     File("/etc/app.conf", "user=app\npassword=\(Secret("db-password"))\n")
///     User("anna", password: .secret(Secret("anna-password")))
///
/// If the store has several secrets of the name, a host gets its own, else that of its role, else that of all hosts.
/// The plaintext is requested only when a run has to write it. One that Propel generates need not be set by a person;
/// see ``Secret/Generator``.
///
/// Secrets of one name are one, also if only one of them says how it is generated.
public struct Secret: Sendable, Hashable {
    /// The name; see ``SecretName`` for what is valid.
    public let name: String
    /// How it is generated if the store has none of the name; nil if a person sets it.
    public let generation: Generation?

    /// The size limit of a plaintext in bytes: 64 MiB, since it is held in memory as a whole.
    public static let sizeLimit = 64 << 20

    /// - Parameter name: a valid ``SecretName``. Any other is refused before a machine is touched.
    public init(_ name: String) {
        self.name = name
        generation = nil
    }

    public static func == (lhs: Secret, rhs: Secret) -> Bool { lhs.name == rhs.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Secret: CustomStringConvertible {
    /// `<redacted>`. In a role it is a problem that is found before any machine is touched.
    public var description: String {
        SecretsInStrings.current?.note(self)
        return "<redacted>"
    }
}

extension DefaultStringInterpolation {
    @available(
        *, deprecated,
        message: "a secret in a String is not its plaintext but “<redacted>”; pass the literal where Content is taken"
    )
    public mutating func appendInterpolation(_ secret: Secret) { appendLiteral(secret.description) }
}

extension Host {
    /// The names of the secrets that the properties and their actions use, sorted.
    public var secrets: [SecretName] { secretNames.compactMap { SecretName($0) } }

    /// The names that are not valid for a secret.
    public var malformedSecretNames: [String] { secretNames.filter { SecretName($0) == nil } }

    private var secretNames: [String] { secretNames(only: []).sorted() }

    /// The names of the secrets that a run on a part of the host may need; those of all properties if `names` is empty.
    package func secretNames(only names: [String]) -> Set<String> {
        Set(steps(only: names).flatMap { $0.property.secrets + $0.actionSecrets }.map(\.name))
    }
}
