import Synchronization

/// The secrets of a run, as far as it knows them.
///
/// Of each it knows from the start which version the store has, and that is what checks look at. The plaintexts come when
/// they are asked for: after the survey, in one request, those that the run needs.
public final class Secrets: Sendable {
    /// Brings the plaintexts of the secrets with these names.
    public typealias Source = @Sendable ([String]) async throws -> [String: SecretBytes]

    private let versions: [String: String]
    private let source: Source?
    private let plaintexts = Mutex<[String: SecretBytes]>([:])

    /// - Parameters:
    ///   - versions: of each secret that the host uses, what tells the encrypted file from any other.
    ///   - source: brings plaintexts; none where the machine is only looked at.
    public init(versions: [String: String] = [:], source: Source? = nil) {
        self.versions = versions
        self.source = source
    }

    /// What tells the present encrypted file of a secret from any other.
    /// - Throws: ``Failure`` where there is none of that name.
    public func version(of secret: Secret) throws -> String {
        guard let version = versions[secret.name] else {
            throw Failure(
                "there is no secret \(secret.name) for this host", advice: "`propel secret set` puts it into the store."
            )
        }
        return version
    }

    /// The plaintext, where it is here.
    public func known(_ secret: Secret) -> SecretBytes? { plaintexts.withLock { $0[secret.name] } }

    /// Asks for those of the plaintexts that are not here, all with one request.
    /// - Throws: ``Failure`` where they do not come.
    public func fetch(_ secrets: some Sequence<Secret>) async throws {
        let missing = Set(secrets).filter { known($0) == nil }.map(\.name).sorted()
        guard !missing.isEmpty else { return }
        guard let source else {
            throw Failure("the secret \(missing[0]) is needed, and nobody is there who could decrypt it")
        }
        let brought = try await source(missing)
        plaintexts.withLock { $0.merge(brought) { $1 } }
    }

    /// The plaintext, which is asked for where it is not here.
    /// - Throws: ``Failure`` where it does not come.
    public func plaintext(of secret: Secret) async throws -> SecretBytes {
        try await fetch([secret])
        guard let plaintext = known(secret) else { throw Failure("the secret \(secret.name) did not come") }
        return plaintext
    }
}

extension Content {
    /// Lends all bytes to `body`, with the plaintexts in their places, and wipes them when it returns.
    /// - Throws: ``Failure`` where a plaintext is needed and does not come.
    public func withBytes<Result: Sendable>(
        on machine: Machine, _ body: ([UInt8]) throws -> Result
    ) async throws -> Result {
        try await machine.secrets.fetch(secrets)
        return try withBytes(
            { secret in
                guard let plaintext = machine.secrets.known(secret) else {
                    throw Failure("the secret \(secret.name) did not come")
                }
                return plaintext
            }, body)
    }
}
