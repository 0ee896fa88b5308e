extension TLS {
    /// A private key that is made on the machine once and never leaves it.
    ///
    ///     TLS.PrivateKey("/etc/ssl/private/app.key", .ed25519, owner: "app")
    ///
    /// A key that is there stays, whatever its algorithm: what was signed or encrypted with it would be lost. To
    /// replace it, remove the file.
    public struct PrivateKey: Revertible {
        public typealias Target = DebianLike

        public let path: FilePath
        public let algorithm: Algorithm
        public let mode: FileMode
        public let owner: String
        public let group: String?

        /// - Parameters:
        ///   - path: absolute. Its directory must exist, or be declared before.
        ///   - algorithm: ECDSA on P-256 by default.
        ///   - mode: the permission bits; 0600 by default. Others cannot get access.
        ///   - owner: the name of a user, or a UID; root by default.
        ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
        ///     given.
        public init(
            _ path: FilePath, _ algorithm: Algorithm = .ecdsa, mode: FileMode = 0o600, owner: String = "root",
            group: String? = nil
        ) {
            self.path = path
            self.algorithm = algorithm
            self.mode = mode
            self.owner = owner
            self.group = group ?? Owner.group(of: owner)
        }

        public var name: String { "private key \(path)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            let state = "a private key (\(algorithm)), \(described(mode: mode, owner: owner, group: group))"
            return [.path(path, is: state, summary: state)]
        }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Apt.Installed("openssl")])
        }

        private func validate() throws {
            try validateAbsolute(path)
            try Properties.validate(mode, of: path)
            if let problem = algorithm.problem { throw Failure("\(path): \(problem)", advice: "Use .rsa(4096).") }
            guard mode.bits & 0o007 == 0 else {
                throw Failure(
                    "the private key \(path) has the mode \(mode), with which everybody may read or change it",
                    advice: "Declare a mode such as 0o600, or 0o640 with the group that reads it.")
            }
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try machine.files.status(of: path) else {
                try await machine.requireDirectory(of: path)
                return .unmet("create with \(described(mode: mode, owner: owner, group: group))")
            }
            try refuseOther(found, on: machine)
            return .unmet(
                unlessEmpty: try await machine.differences(of: found, mode: mode, owner: owner, group: group))
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let owner = try await machine.owner(user: owner, group: group)
            if let found = try machine.files.status(of: path) {
                try refuseOther(found, on: machine)
                try machine.originals.keep(path)
                return try machine.files.setOwner(owner, mode: mode.bits, of: path, expecting: found)
            }
            var key = try await TLS.makeKey(algorithm, on: machine)
            defer { key.wipe() }
            try machine.originals.keep(path)
            try machine.files.replace(path, with: key, mode: mode.bits, owner: owner)
        }

        public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }
        public func revert(on machine: Machine) async throws { try machine.originals.restore(path) }

        private func refuseOther(_ found: FileStatus, on machine: Machine) throws {
            guard found.kind == .file else {
                throw Failure(
                    "\(path) is a \(found.kind.words), and a private key is declared there",
                    advice: "Move it away, or declare another path.")
            }
            var bytes = try machine.files.read(path)
            defer { bytes.wipe() }
            guard bytes.hasPEM("PRIVATE KEY") else {
                throw Failure(
                    "\(path) has no private key in it", advice: "Remove the file to have one made, or declare another.")
            }
        }
    }
}

extension [UInt8] {
    /// Whether there is a block of PEM whose label ends with this.
    func hasPEM(_ label: String) -> Bool {
        lines.contains { line in
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            return text.starts(with: "-----BEGIN ".utf8)
                && text.suffix(label.utf8.count + 5).elementsEqual("\(label)-----".utf8)
        }
    }
}
