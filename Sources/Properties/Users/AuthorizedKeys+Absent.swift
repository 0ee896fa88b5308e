extension AuthorizedKeys {
    /// Keys with which nobody can log in as a user, such as those of somebody who has left.
    ///
    ///     AuthorizedKeys.Absent(of: "anna", "ssh-ed25519 AAAA… ben@laptop")
    ///
    /// Lines with these keys are removed from `~/.ssh/authorized_keys`, whatever their options and comments are; all
    /// other lines stay. A user who does not exist has none.
    public struct Absent: Guarded {
        public typealias Target = AnyLinux

        /// The login of the user.
        public let user: String
        /// Lines as in a `.pub` file.
        public let keys: [String]

        /// - Parameters:
        ///   - user: the login of the user.
        ///   - keys: lines as in a `.pub` file.
        public init(of user: String, _ keys: String...) {
            self.user = user
            self.keys = keys
        }

        public var name: String { "no login as \(user) with \(keys.count == 1 ? "a key" : "\(keys.count) keys")" }
        public var claims: [Claim] { keys.compactMap { Self.claim(of: user, $0, is: "absent") } }
        public var problems: [String] { problems(in: validate) }

        private func validate() throws {
            try AccountName.validate(user, of: "user")
            _ = try keys.map(AuthorizedKey.init(declared:))
        }

        /// The claim on one key; nil for an invalid one.
        static func claim(of user: String, _ key: String, is state: String) -> Claim? {
            guard let key = try? AuthorizedKey(declared: key) else { return nil }
            return Claim("the key \(SHA256.hash(key.blob).prefix(16)) of \(user)", is: state)
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let place = try await place(on: machine),
                let present = try machine.files.readIfPresent(place.file)
            else { return .satisfied }
            let wanted = try without(present)
            let count = present.lines.count - wanted.lines.count
            return .unmet(
                unlessEmpty: count == 0 ? [] : ["remove \(count) \(count == 1 ? "line" : "lines")"],
                diff: Diff(from: present, to: wanted))
        }

        public func isGuarded(on machine: Machine) async throws -> Bool { machine.isDeployer(user) }

        public func apply(on machine: Machine) async throws {
            try validate()
            guard let place = try await place(on: machine),
                let present = try machine.files.readIfPresent(place.file)
            else { return }
            try machine.originals.keep(place.file)
            try await place.write(try without(present), machine)
        }

        /// The place of the keys; nil without a user or a home.
        private func place(on machine: Machine) async throws -> KeyPlace? {
            guard let account = try await machine.user(user) else { return nil }
            let place = try KeyPlace(account, on: machine)
            guard try place.isHomeThere(machine) else { return nil }
            try await place.refuseUnsafe(machine)
            return place
        }

        private func without(_ present: [UInt8]) throws -> [UInt8] {
            let unwanted = try keys.map { try AuthorizedKey(declared: $0).blob }
            let lines = present.split(separator: 0x0A, omittingEmptySubsequences: false).filter { line in
                guard let found = AuthorizedKey(found: String(decoding: line, as: UTF8.self)) else { return true }
                return !unwanted.contains(found.blob)
            }
            return Array(lines.joined(separator: [0x0A]))
        }
    }
}
