extension Apt {
    /// The public key of repositories, in `/etc/apt/keyrings/ID.asc`.
    ///
    ///     Apt.Key("example", text)
    ///     Apt.Repository(
    ///         "example", uri: "https://apt.example.com", suites: ["stable"], key: "/etc/apt/keyrings/example.asc")
    ///
    /// For one repository, give the key to ``Repository``, in whose file it stands then.
    public struct Key: FileBacked {
        public typealias Target = DebianLike

        public let id: String
        public let key: String

        /// - Parameters:
        ///   - id: the name of the file without `.asc`: letters, digits, `-`, `_` and `.`.
        ///   - key: the public key in ASCII armour, as `gpg --export --armor` prints it.
        public init(_ id: String, _ key: String) {
            self.id = id
            self.key = key
        }

        public var name: String { "apt key \(id)" }
        // apt reads it as the user _apt, and takes armour only from a file with this ending.
        public var file: File { File(FilePath("/etc/apt/keyrings/\(id).asc"), key.trimmed + "\n") }
        public var createsDirectory: Bool { true }

        public func validate() throws {
            try Self.validate(name: id, "key")
            try Self.validate(key, "the key \(id)")
        }

        static func validate(name id: String, _ what: String) throws {
            let isName =
                !id.isEmpty && id.utf8.first != UInt8(ascii: ".")
                && id.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
            guard isName else {
                throw Failure(
                    "invalid name of a \(what) “\(id.escaped)”", advice: "Use letters, digits, “-”, “_” and “.”.")
            }
        }

        static func validate(_ key: String, _ what: String) throws {
            guard key.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----"),
                key.contains("-----END PGP PUBLIC KEY BLOCK-----")
            else {
                throw Failure(
                    "\(what) is not an armoured public key",
                    advice: "Paste the output of gpg --export --armor, from the first dash to the last.")
            }
        }
    }
}
