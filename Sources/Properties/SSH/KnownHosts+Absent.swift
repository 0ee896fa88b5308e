extension KnownHosts {
    /// No keys of a host that ssh connects to, such as one that is gone or has got another key.
    ///
    ///     KnownHosts.Absent("old.example.com")
    ///     KnownHosts.Absent("old.example.com", port: 2222, of: "anna")
    ///
    /// Its lines are removed, also those in which ssh has hashed the name; lines of other hosts, of authorities and
    /// revoked keys stay. A user who does not exist knows no host. In the home of a user, the file is written with the
    /// rights of the user.
    public struct Absent: Property {
        public typealias Target = UnixLike

        public let host: String
        public let port: UInt16
        /// The user who does not know the host; nil for the file of all users.
        public let user: String?

        /// - Parameters:
        ///   - host: the name or the address, as it is given to ssh.
        ///   - port: the port of the host; 22 by default.
        ///   - user: the user who does not know the host; by default it is taken out of the file of all users.
        public init(_ host: String, port: UInt16 = 22, of user: String? = nil) {
            self.host = host
            self.port = port
            self.user = user
        }

        private var known: KnownHosts { KnownHosts(host, [], port: port, of: user) }

        public var name: String { "no \(known.name)" }
        public var claims: [Claim] { [Claim("the \(known.name)", is: "absent")] }
        public var problems: [String] { problems { try known.validateHost() } }

        public func check(on machine: Machine) async throws -> Check {
            try known.validateHost()
            guard user != nil else { return try await edit.check(on: machine) }
            guard let place = try await place(on: machine),
                let bytes = try machine.files.readIfPresent(place.file)
            else { return .satisfied }
            let before = TextLines(bytes)
            var after = before
            remove(from: &after)
            guard after != before else { return .satisfied }
            return .unmet("edit \(place.file)", diff: Diff(from: before.bytes, to: after.bytes))
        }

        public func apply(on machine: Machine) async throws {
            try known.validateHost()
            guard user != nil else { return try await edit.apply(on: machine) }
            guard let place = try await place(on: machine),
                let bytes = try machine.files.readIfPresent(place.file)
            else { return }
            try machine.originals.keep(place.file)
            var lines = TextLines(bytes)
            remove(from: &lines)
            try await place.write(lines.bytes, machine)
        }

        private var edit: TextEdit {
            TextEdit(
                path: KnownHosts.shared, allowsMissingFile: true, change: { remove(from: &$0) }, undo: { _, _ in })
        }

        /// The file of the user; nil without a user or a home.
        private func place(on machine: Machine) async throws -> KeyPlace? {
            guard let user, let account = try await machine.user(user) else { return nil }
            let place = try KeyPlace(account, name: KnownHosts.fileName, on: machine)
            guard try place.isHomeThere(machine) else { return nil }
            try await place.refuseUnsafe(machine)
            return place
        }

        private func remove(from lines: inout TextLines) {
            var gone: [Int] = []
            for index in lines.indices {
                let words = KnownHosts.words(lines[index], "")
                guard words.count >= 3 else { continue }
                let names = words[0].split(separator: ","), others = names.filter { !isHost($0) }
                if others.isEmpty {
                    gone.append(index)
                } else if others.count < names.count {
                    let rest = [others.joined(separator: ",")] + words.dropFirst().map(String.init)
                    lines.replace(index, with: rest.joined(separator: " "))
                }
            }
            lines.remove(gone)
        }

        /// Whether a name in the file is the host: as it is, or as `|1|SALT|HMAC` (ssh-keygen(1), `-H`).
        private func isHost(_ name: Substring) -> Bool {
            let parts = name.split(separator: "|")
            guard name.hasPrefix("|1|"), parts.count == 3 else { return name == known.pattern }
            guard let salt = Base64.decode(parts[1]), let code = Base64.decode(parts[2]) else {
                return false
            }
            return SHA1.authenticationCode(of: Array(known.pattern.utf8), with: salt) == code
        }
    }
}
