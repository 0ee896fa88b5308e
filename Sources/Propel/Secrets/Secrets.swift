import Synchronization

/// The secrets of a run.
///
/// The versions in the store are known from the start, and checks use only them. The plaintexts that the run needs are
/// requested after the survey, with one request.
public final class Secrets: Sendable {
    /// Fetches the plaintexts of the secrets with these names.
    public typealias Source = @Sendable ([String]) async throws -> [String: SecretBytes]

    private let versions: [String: String]
    private let source: Source?
    private let plaintexts = Mutex<[String: SecretBytes]>([:])

    /// - Parameters:
    ///   - versions: the version of each secret that the host uses: the hash of its encrypted file.
    ///   - source: fetches plaintexts; nil in a plan.
    public init(versions: [String: String] = [:], source: Source? = nil) {
        self.versions = versions
        self.source = source
    }

    /// The version of a secret in the store: the hash of its encrypted file.
    /// - Throws: ``Failure`` if the host has no secret of the name.
    public func version(of secret: Secret) throws -> String {
        guard let version = versions[secret.name] else {
            throw Failure(
                "no secret “\(secret.name)” for this host", advice: "Set it with `propel secret set`."
            )
        }
        return version
    }

    /// The plaintext of a secret, if it has been fetched.
    public func known(_ secret: Secret) -> SecretBytes? { plaintexts.withLock { $0[secret.name] } }

    /// Fetches the missing plaintexts with one request.
    /// - Throws: ``Failure`` if they do not arrive.
    public func fetch(_ secrets: some Sequence<Secret>) async throws {
        let missing = Set(secrets).filter { known($0) == nil }.map(\.name).sorted()
        guard !missing.isEmpty else { return }
        guard let source else {
            throw Failure("the secret \(missing[0]) is needed, and this run cannot decrypt secrets")
        }
        let fetched = try await source(missing)
        plaintexts.withLock { $0.merge(fetched) { $1 } }
    }

    /// The plaintext of a secret, fetched if necessary.
    /// - Throws: ``Failure`` if it does not arrive.
    public func plaintext(of secret: Secret) async throws -> SecretBytes {
        try await fetch([secret])
        guard let plaintext = known(secret) else { throw Failure("the secret \(secret.name) did not arrive") }
        return plaintext
    }
}

extension Content {
    /// Calls `body` with the bytes, plaintexts included, and wipes them when it returns.
    ///
    ///     try await content.withBytes(on: machine) { try await machine.succeed(Invocation("chpasswd", [], input:
    ///     $0)) }
    ///
    /// - Parameters:
    ///   - machine: the machine whose run has the plaintexts.
    ///   - trimming: whether the newline at the end of a plaintext is left out; no by default. It is that of the editor
    ///     in which it was written, and would break a line in two.
    ///   - body: uses the bytes.
    /// - Throws: ``Failure`` if a plaintext is needed and does not arrive.
    public func withBytes<Result: Sendable>(
        on machine: Machine, trimming: Bool = false, _ body: ([UInt8]) async throws -> Result
    ) async throws -> Result {
        guard isResolved else {
            return try await resolved(on: machine).withBytes(on: machine, trimming: trimming, body)
        }
        try await machine.secrets.fetch(secrets)
        if let bytes { return try await body(bytes) }
        var bytes = try assemble(trimming: trimming) { secret in
            guard let plaintext = machine.secrets.known(secret) else {
                throw Failure("the secret \(secret.name) did not arrive")
            }
            return plaintext
        }
        defer { bytes.wipe() }
        return try await body(bytes)
    }
}
