/// The password of a PostgreSQL role, as the server keeps it.
struct PostgresPassword {
    let role: String
    let secret: Secret
    let iterations: Int

    private var applied: AppliedSecrets {
        AppliedSecrets(in: "the password of the PostgreSQL role \(role)", form: "password", of: [secret])
    }

    /// How what the server keeps differs from the secret; nil if it does not.
    /// - Parameter stored: `pg_authid.rolpassword`.
    /// - Throws: ``Undetermined`` if that takes the plaintext.
    func difference(from stored: String?, on machine: Machine) throws -> String? {
        guard let stored else { return "set the password" }
        guard let verifier = SCRAMVerifier(stored) else { return "hash the password with SCRAM-SHA-256" }
        let isSame: Bool
        if let plaintext = machine.secrets.known(secret) {
            isSame = try withPassword(plaintext) { verifier.matches($0) }
            if isSame { try applied.remember(Array(stored.utf8), on: machine) }
        } else {
            isSame = try applied.matches(Array(stored.utf8), on: machine)
        }
        return isSame ? nil : "another password"
    }

    /// Sets the password.
    func set(on machine: Machine, of cluster: PostgresCluster) async throws {
        let plaintext = try await machine.secrets.plaintext(of: secret)
        let verifier = try withPassword(plaintext) { SCRAMVerifier(of: $0, iterations: iterations).description }
        // Whatever the server logs: who has the verifier can guess passwords.
        try await cluster.ask(
            """
            SET log_statement = 'none';
            SET log_min_duration_statement = -1;
            SET log_min_error_statement = 'panic';
            ALTER ROLE \(PostgresSQL.name(role)) PASSWORD \(PostgresSQL.string(verifier));

            """, isSecret: true, on: machine)
        try applied.remember(Array(verifier.utf8), on: machine)
    }

    private func withPassword<Result>(
        _ plaintext: SecretBytes, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        try plaintext.withPassword(of: secret, for: "the PostgreSQL role \(role)", body)
    }
}
