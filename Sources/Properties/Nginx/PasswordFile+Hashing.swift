extension Nginx.PasswordFile.Password {
    var secret: Secret? {
        switch self {
        case .hash: nil
        case .secret(let secret), .hashedSecret(let secret): secret
        }
    }

    /// A string that identifies the password in claims.
    var form: String {
        switch self {
        case .hash(let hash): "hash \(hash)"
        case .secret(let secret): "secret \(secret.name)"
        case .hashedSecret(let secret): "hash in the secret \(secret.name)"
        }
    }

    /// The difference from the present hash of a user; nil without one.
    func difference(from present: String?, of user: String, in path: FilePath, on machine: Machine) throws -> String? {
        let reason = present == nil ? "add \(user)" : "another password of \(user)"
        if case .hash(let hash) = self { return present == hash ? nil : reason }
        guard let present, let secret else { return reason }
        do {
            return try applied(secret, of: user, in: path).matches(Array(present.utf8), on: machine) ? nil : reason
        } catch is Undetermined {
            // A hash does not reveal its password, so it is set again.
            return "set the password of \(user) from the secret \(secret.name)"
        }
    }

    /// The hash of the password.
    func hash(of user: String, on machine: Machine) async throws -> String {
        switch self {
        case .hash(let hash): return hash
        case .hashedSecret(let secret):
            let plaintext = try await machine.secrets.plaintext(of: secret)
            return plaintext.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.trimmed
        case .secret(let secret):
            let plaintext = try await machine.secrets.plaintext(of: secret)
            // Standard input, since everybody can read arguments.
            var command = Invocation(
                "openssl", ["passwd", "-6", "-stdin"], input: try Self.line(of: plaintext, secret, for: user))
            defer { command.input.wipe() }
            return try await machine.succeed(command).text.trimmed
        }
    }

    /// The input of openssl-passwd(1): one line.
    private static func line(of plaintext: SecretBytes, _ secret: Secret, for user: String) throws -> [UInt8] {
        try plaintext.withPassword { password in
            // openssl ignores what follows the 256th byte.
            guard (1...256).contains(password.count), !password.contains(where: { [0, 0x0A, 0x0D].contains($0) }) else {
                throw Failure(
                    "the secret \(secret.name), declared as the password of \(user), is empty, has more than one line, "
                        + "or more than 256 bytes",
                    advice: "Set another with `propel secret set \(secret.name)`.")
            }
            var line: [UInt8] = []
            line.reserveCapacity(password.count + 1)
            line += password
            line.append(0x0A)
            return line
        }
    }

    /// Records the hash, if the password is a secret.
    func remember(_ hash: String, of user: String, in path: FilePath, on machine: Machine) throws {
        guard let secret else { return }
        try applied(secret, of: user, in: path).remember(Array(hash.utf8), on: machine)
    }

    /// Removes the record.
    func forget(of user: String, in path: FilePath, on machine: Machine) throws {
        guard let secret else { return }
        try applied(secret, of: user, in: path).forget(on: machine)
    }

    private func applied(_ secret: Secret, of user: String, in path: FilePath) -> AppliedSecrets {
        AppliedSecrets(in: "the password of \(user) in \(path)", form: form, of: [secret])
    }
}
