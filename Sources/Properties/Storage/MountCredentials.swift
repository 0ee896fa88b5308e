extension Mount {
    /// The file with the user and the password of a share of cifs, which root alone can read (mount.cifs(8)).
    public struct Credentials: FileBacked {
        public typealias Target = DebianLike

        public let path: FilePath
        public let username: String
        public let password: Secret
        public let domain: String?

        /// - Parameters:
        ///   - path: absolute: the file.
        ///   - username: the name of the user on the server.
        ///   - password: the password, without a newline.
        ///   - domain: the domain of the user; none by default.
        public init(_ path: FilePath, username: String, password: Secret, domain: String? = nil) {
            self.path = path
            self.username = username
            self.password = password
            self.domain = domain
        }

        public var name: String { "credentials \(path)" }

        public var file: File {
            let domain = domain.map { "domain=\($0)\n" } ?? ""
            return File(path, "username=\(username)\npassword=\(password)\n\(domain)")
        }

        public func validate() throws {
            try validateAbsolute(path)
            for text in [username, domain ?? "-"] where text.isEmpty || text.utf8.contains(where: { $0 < 0x20 }) {
                throw Failure("the credentials \(path) have an empty name, or one with a newline in it")
            }
            guard !path.string.contains(anyOf: ", ") else {
                throw Failure(
                    "the path of the credentials \(path) has a comma or a space in it", advice: "Use another.")
            }
        }
    }
}
