import PropelTesting

@testable import Properties

extension FakeMachine {
    /// The same machine in a run that has the secret `password`.
    /// - Parameters:
    ///   - plaintext: the plaintext of the secret, which is fetched.
    ///   - version: the version of the secret; 1 by default.
    func run(password plaintext: String, version: String = "1") async throws -> FakeMachine {
        let fake = run(
            with: Secrets(versions: ["password": version]) { names in
                try Dictionary(uniqueKeysWithValues: names.map { ($0, try SecretBytes(copying: plaintext.utf8)) })
            })
        try await fake.machine.secrets.fetch([Secret("password")])
        return fake
    }
}
