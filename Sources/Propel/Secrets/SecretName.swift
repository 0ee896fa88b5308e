/// The name of a secret: letters, digits, `.`, `-` and `_`, not beginning with `.` or `-`, and at most 100 of them. It is the
/// name of a file.
public struct SecretName: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let description: String

    /// Nil where `text` is no such name.
    public init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard isPlain, let first = text.first, first != ".", first != "-", text.utf8.count <= 100 else { return nil }
        description = text
    }

    public static func < (left: SecretName, right: SecretName) -> Bool { left.description < right.description }
}
