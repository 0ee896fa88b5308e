/// The ID that the laptop gives to a request for a run: 128 random bits in hexadecimal.
package struct RequestID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    private static let length = 32

    /// A new ID.
    package init() {
        description = String(UInt128.random(in: .min ... .max), radix: 16, digits: Self.length)
    }

    /// Nil if the string is no such ID. It becomes a part of a file name.
    package init?(_ text: String) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(\.isLowercaseHexadecimalDigit) else { return nil }
        description = text
    }
}
