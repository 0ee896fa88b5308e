import Synchronization

/// The secrets that a role has put into a String, where they are not their plaintexts.
///
/// The compiler warns of an interpolation. It cannot refuse it: instead of a function that is unavailable it takes the
/// one for any value. So the evaluation of a role notes it, in whatever way the String is made.
final class SecretsInStrings: Sendable {
    /// The secrets of the role that is being evaluated; nil outside of roles.
    @TaskLocal static var current: SecretsInStrings?

    private let names = Mutex<Set<String>>([])

    /// The names, sorted.
    var sortedNames: [String] { names.withLock { $0.sorted() } }

    func note(_ secret: Secret) { names.withLock { _ = $0.insert(secret.name) } }
}

extension Host {
    /// The problems of secrets in Strings.
    var secretStringProblems: [String] {
        secretsInStrings.map { name in
            """
            the secret \(name) is put into a String, where it is “<redacted>” instead of its plaintext
              Write the literal with the secret where a Content is taken, as in File(path, "password=\\(Secret(…))").
            """
        }
    }
}
