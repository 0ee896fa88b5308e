/// A secret of the store, by its name; see docs/secrets.md.
///
///     File("/etc/app.conf", "user=app\npassword=\(Secret("db-password"))\n")
///     User("anna", password: .secret(Secret("anna-password")))
///
/// Which of the store's secrets of that name it is depends on the host: its own, else its role's, else that of all. A value
/// of this type is only the name. The plaintext is asked for where a run has to write it, and then only.
public struct Secret: Sendable, Hashable {
    /// See ``SecretName`` for what may be one.
    public let name: String

    /// - Parameter name: a ``SecretName``. Any other is refused before a machine is touched.
    public init(_ name: String) { self.name = name }
}

extension Secret: CustomStringConvertible {
    public var description: String { "<redacted>" }
}

extension DefaultStringInterpolation {
    @available(
        *, deprecated,
        message: "a secret in a String is not its plaintext but “<redacted>”; pass the literal where Content is taken"
    )
    public mutating func appendInterpolation(_ secret: Secret) { appendLiteral(secret.description) }
}

extension Host {
    /// The names of the secrets that its properties use, sorted.
    public var secrets: [SecretName] { secretNames.compactMap { SecretName($0) } }

    /// Those of the names that can be none of a secret.
    public var malformedSecretNames: [String] { secretNames.filter { SecretName($0) == nil } }

    private var secretNames: [String] { Set(steps.flatMap(\.property.secrets).map(\.name)).sorted() }
}
