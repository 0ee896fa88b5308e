/// The name of a secret: at most 100 letters, digits, `.`, `-` and `_`, not beginning with `.` or `-`. It is also the
/// name of a file.
public struct SecretName: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let description: String

    /// Returns nil if `text` is not a valid name.
    public init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { $0.isASCIILetterOrDigit || ".-_".utf8.contains($0) }
        guard isPlain, let first = text.first, first != ".", first != "-", text.utf8.count <= 100 else { return nil }
        description = text
    }

    public static func < (lhs: SecretName, rhs: SecretName) -> Bool { lhs.description < rhs.description }
}
