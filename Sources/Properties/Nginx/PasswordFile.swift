extension Nginx {
    /// The users of a site and their passwords, hashed (htpasswd(5)): `/etc/nginx/NAME.htpasswd`.
    ///
    ///     let staff = Nginx.PasswordFile("staff", users: ["anna": .secret(Secret("anna-web"))])
    ///     Nginx.Site("admin", names: ["admin.example.com"], proxyTo: 9000, tls: .selfSigned,
    ///                options: .init(authentication: .passwords(staff)))
    ///
    /// A site that uses it includes it. Root and the group www-data can read it, and other users in it are removed. The
    /// machine hashes a password with openssl (SHA-512, as crypt(5) does); the hash is recorded, so that a change by
    /// somebody else is found.
    public struct PasswordFile: Revertible, Hashable {
        public typealias Target = DebianLike

        /// The password of a user.
        public enum Password: Sendable, Hashable {
            /// The password with this hash, as `htpasswd -n` or `openssl passwd` prints it: `$apr1$…`, `$6$…`.
            case hash(String)
            /// The plaintext of a secret, which the machine hashes.
            case secret(Secret)
            /// The hash in a secret.
            case hashedSecret(Secret)
        }

        public let id: String
        public let users: [String: Password]

        /// - Parameters:
        ///   - id: the name of the file: lowercase letters, digits, `-` and `_`.
        ///   - users: the password of each user.
        public init(_ id: String, users: [String: Password]) {
            self.id = id
            self.users = users
        }

        public var name: String { "nginx: passwords \(id)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            let state = sorted.map { "\($0.key) \($0.value.form)" }.joined(separator: "\n")
            return [.path(path, is: state, summary: "passwords of \(sorted.map(\.key).joined(separator: ", "))")]
        }
        public var secrets: [Secret] { sorted.compactMap(\.value.secret) }

        /// The path, on the machine and in a container.
        public var path: FilePath { FilePath("/etc/nginx").appending(escaping: "\(id).htpasswd") }
        private var sorted: [(key: String, value: Password)] { users.sorted { $0.key < $1.key } }

        /// The file, if all passwords are given as hashes.
        var hashedContent: Content? {
            sorted.reduce("" as Content?) { content, user in
                switch user.value {
                case .hash(let hash): content.map { $0 + "\(user.key):\(hash)\n" }
                case .hashedSecret(let secret): content.map { $0 + "\(user.key):\(secret)\n" }
                case .secret: nil
                }
            }
        }

        private func validate() throws {
            guard Stack.isName(id) else {
                throw Failure(
                    "invalid name of a password file “\(id.escaped)”",
                    advice: "Begin with a lowercase letter or a digit, then use lowercase letters, digits, - and _.")
            }
            guard !users.isEmpty else { throw Failure("the password file \(id) has no user", advice: "Name one.") }
            for (user, password) in sorted {
                guard !user.isEmpty, NginxText.isPrintable(user), !user.contains(anyOf: ":"), !user.begins(with: "#")
                else {
                    throw Failure(
                        "invalid user “\(user.escaped)” of the password file \(id)",
                        advice: "Use no colon, no control character, and no # at the beginning.")
                }
                if case .hash(let hash) = password, !Self.isHash(hash[...]) {
                    // It is not shown: it may be the password itself.
                    throw Failure(
                        "invalid password hash of \(user) in the password file \(id)",
                        advice: "`openssl passwd -6` prints one; it begins with $6$. `htpasswd -n` prints others.")
                }
            }
        }

        /// Whether it is a hash that nginx takes (`ngx_crypt`).
        private static func isHash(_ hash: Substring) -> Bool {
            let schemes = ["$apr1$", "$1$", "$5$", "$6$", "$2a$", "$2b$", "$2y$", "$y$", "{SHA}", "{SSHA}"]
            return schemes.contains { hash.hasPrefix($0) && hash.utf8.count > $0.utf8.count }
                && hash.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
        }

        // MARK: Property

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try machine.files.status(of: path) else {
                try await machine.requireDirectory(of: path)
                return .unmet("create for \(sorted.map(\.key).joined(separator: ", "))", secrets: secrets)
            }
            let present = try entries(on: machine)
            var reasons: [String] = [], needed: [Secret] = []
            for (user, password) in sorted {
                guard let reason = try password.difference(from: present[user], of: user, in: path, on: machine) else {
                    continue
                }
                reasons.append(reason)
                needed += password.secret.map { [$0] } ?? []
            }
            let others = present.keys.filter { users[$0] == nil }.sorted()
            if !others.isEmpty { reasons.append("remove \(others.joined(separator: ", ").escaped)") }
            return .unmet(
                unlessEmpty: reasons
                    + (try await machine.differences(of: found, mode: 0o640, owner: "root", group: "www-data")),
                secrets: needed)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let owner = try await machine.owner(user: "root", group: "www-data")
            let present = try machine.files.status(of: path) == nil ? [:] : try entries(on: machine)
            var lines: [UInt8] = [], made: [(user: String, password: Password, hash: String)] = []
            for (user, password) in sorted {
                let isSame = try password.difference(from: present[user], of: user, in: path, on: machine) == nil
                let hash = isSame ? present[user] ?? "" : try await password.hash(of: user, on: machine)
                guard isSame || Self.isHash(hash[...]) else {
                    throw Failure(
                        "the secret for \(user) in the password file \(id) is not a password hash",
                        advice: "`openssl passwd -6` prints one; give a password in plaintext with .secret.")
                }
                if !isSame { made.append((user, password, hash)) }
                lines += "\(user):\(hash)\n".utf8
            }
            try machine.originals.keep(path)
            try machine.files.replace(path, with: lines, mode: 0o640, owner: owner)
            for (user, password, hash) in made { try password.remember(hash, of: user, in: path, on: machine) }
        }

        /// The hashes by user. Comments and lines that nginx would not read are no user.
        private func entries(on machine: Machine) throws -> [String: String] {
            String(decoding: try machine.files.read(path), as: UTF8.self).lines.reduce(into: [:]) { entries, line in
                guard !line.begins(with: "#"), let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
                // nginx takes the first line of a user, and what follows another colon for a comment.
                let user = String(line[..<colon])
                guard entries[user] == nil else { return }
                let rest = line.utf8[line.utf8.index(after: colon)...].prefix { $0 != UInt8(ascii: ":") }
                entries[user] = String(Substring(rest).withoutCarriageReturn)
            }
        }

        public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }

        public func revert(on machine: Machine) async throws {
            try machine.originals.restore(path)
            for (user, password) in sorted { try password.forget(of: user, in: path, on: machine) }
        }
    }
}
