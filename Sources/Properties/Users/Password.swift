extension User {
    /// The password of a user.
    public enum Password: Sendable, Hashable {
        /// The password with this hash (crypt(5)), as `mkpasswd` prints it: `$y$j9T$…`.
        case hash(String)
        /// The plaintext of a secret. The machine hashes it with its settings (PAM). The resulting hash is recorded, so
        /// that a change by somebody else is found.
        case secret(Secret)
        /// No password. A present hash stays, but matches no password (passwd(1), `--lock`).
        case locked

        /// - Throws: ``Failure`` if the hash is invalid.
        func validate() throws {
            guard case .hash(let hash) = self else { return }
            let isPlain = hash.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value < 0x7F && !":;*!\\".unicodeScalars.contains($0)
            }
            let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
            guard isPlain, parts.count >= 4, parts[0].isEmpty, !parts[1].isEmpty, parts.last?.isEmpty == false else {
                // It is not shown: it may be the password itself.
                throw Failure(
                    "invalid password hash",
                    advice: "`mkpasswd` prints one; it begins with $y$ or $6$.")
            }
        }

        /// A string that identifies the password in claims.
        var form: String {
            switch self {
            case .hash(let hash): "hash \(hash)"
            case .secret(let secret): "secret \(secret.name)"
            case .locked: "locked"
            }
        }

        /// The difference from the password field of shadow(5); nil if there is none.
        func difference(from field: String?, of login: String, on machine: Machine) throws -> String? {
            switch self {
            case .hash(let hash): return field == hash ? nil : "another password"
            case .locked:
                return field?.hasPrefix("!") == true || field?.hasPrefix("*") == true ? nil : "lock the password"
            case .secret(let secret):
                do {
                    let isSame = try applied(secret, to: login).matches(Array((field ?? "").utf8), on: machine)
                    return isSame ? nil : "another password"
                } catch is Undetermined {
                    // A hash does not reveal its password, so it is set again.
                    return "set the password from the secret \(secret.name)"
                }
            }
        }

        /// Sets the password.
        func set(for login: String, on machine: Machine) async throws {
            switch self {
            // Standard input, since everybody can read arguments.
            case .hash(let hash):
                try await machine.succeed(
                    Invocation("chpasswd", ["--encrypted"], input: Array("\(login):\(hash)\n".utf8)))
            case .locked: try await machine.run("usermod", "--lock", "--", login)
            case .secret(let secret):
                let plaintext = try await machine.secrets.plaintext(of: secret)
                var command = Invocation("chpasswd", [], input: try Self.line(for: login, plaintext, of: secret))
                defer { command.input.wipe() }
                try await machine.succeed(command)
                machine.forgetFacts()
                let field = try await machine.fact(Shadow.self).password(of: login) ?? ""
                try applied(secret, to: login).remember(Array(field.utf8), on: machine)
            }
        }

        private func applied(_ secret: Secret, to login: String) -> AppliedSecrets {
            AppliedSecrets(in: "the password of \(login)", form: "password", of: [secret])
        }

        /// The input of chpasswd(8).
        private static func line(for login: String, _ plaintext: SecretBytes, of secret: Secret) throws -> [UInt8] {
            try plaintext.withPassword { password in
                guard !password.isEmpty, !password.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) else {
                    throw Failure(
                        "the secret \(secret.name), declared as the password of \(login), is empty or has more than "
                            + "one line",
                        advice: "Set another with `propel secret set \(secret.name)`.")
                }
                var line: [UInt8] = []
                line.reserveCapacity(login.utf8.count + password.count + 2)
                line += login.utf8
                line.append(UInt8(ascii: ":"))
                line += password
                line.append(0x0A)
                return line
            }
        }
    }
}
