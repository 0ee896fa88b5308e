import PlainText

/// The program for the machine: one static executable on this disk.
public struct Enforcer: Sendable, Equatable {
    /// The directory on the machine that holds enforcers, each named by its SHA-256.
    public static let directory = "/var/lib/propel/enforcers"

    /// The path of the executable.
    public var file: String
    /// The SHA-256 of its content, 64 lowercase hexadecimal digits.
    public var sha256: String

    /// - Parameters:
    ///   - file: path of a static executable.
    ///   - sha256: of its content, 64 lowercase hexadecimal digits.
    public init(file: String, sha256: String) {
        self.file = file
        self.sha256 = sha256
    }

    func validate() throws {
        guard Self.isHash(sha256) else {
            throw TransportError.enforcerUnusable(file: file, reason: "\"\(sha256)\" is not a SHA-256")
        }
    }

    /// Whether a string is a SHA-256 as the names of enforcers have it.
    static func isHash(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy(\.isLowercaseHexadecimalDigit)
    }
}
