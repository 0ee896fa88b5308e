extension SSHKey {
    /// No key pair of that name of a user, such as one that nothing logs in with any longer.
    ///
    ///     SSHKey.Absent(of: "backup")
    ///     SSHKey.Absent(of: "deploy", name: "id_github")
    ///
    /// The private key `~/.ssh/NAME` and the public one beside it are removed for good, also those that Propel has not
    /// made. The report ends with the public key, which may still be authorized elsewhere: see
    /// ``AuthorizedKeys/Absent``. A file that is no key is never removed.
    public struct Absent: Property {
        public typealias Target = DebianLike

        public let user: String
        public let file: String

        /// - Parameters:
        ///   - user: the login of the user; one who does not exist has no keys.
        ///   - file: the name of the file in `~/.ssh`; `id_ed25519` by default.
        public init(of user: String, name file: String = "id_ed25519") {
            self.user = user
            self.file = file
        }

        public var name: String { "no ssh key \(file) of \(user)" }
        public var claims: [Claim] { [Claim("the ssh key \(file) of \(user)", is: "absent")] }
        public var problems: [String] { problems(in: validate) }

        private func validate() throws { try SSHKey.validate(file, of: user) }

        /// - Throws: ``Failure`` if the file is no key.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let found = try await files(on: machine)
            guard let first = found.first else { return .satisfied }
            return .unmet("remove \(first)\(found.count > 1 ? " and its public key" : "")")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            for path in try await files(on: machine) {
                if path.extension == "pub" {
                    let key = try machine.files.text(path).trimmed
                    machine.noteFollowUp(
                        "take the removed key of \(user) out where it is authorized: \(key.escaped)")
                }
                try machine.files.remove(path)
            }
        }

        /// The private key and the public one, as far as they are there.
        private func files(on machine: Machine) async throws -> [FilePath] {
            guard let account = try await machine.user(user), try machine.files.status(of: account.home) != nil else {
                return []
            }
            let directory = account.home.appending(".ssh")
            return try [file, file + ".pub"].map { directory.appending($0) }.filter { path in
                guard let found = try machine.files.status(of: path) else { return false }
                guard try found.kind == .file && isKey(path, on: machine) else {
                    throw Failure("\(path) is no ssh key", advice: "Remove it by hand, or name another file.")
                }
                return true
            }
        }

        private func isKey(_ path: FilePath, on machine: Machine) throws -> Bool {
            var bytes = try machine.files.read(path)
            defer { bytes.wipe() }
            guard path.extension == "pub" else { return bytes.hasPEM("PRIVATE KEY") }
            let text = String(decoding: bytes, as: UTF8.self)
            // One of DSA, which sshd no longer accepts, is a key that should go.
            return AuthorizedKey(found: text) != nil || text.hasPrefix("ssh-dss ")
        }
    }
}
