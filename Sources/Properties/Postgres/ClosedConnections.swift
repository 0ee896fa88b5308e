/// Nobody new can connect to a database, or as a role, while it is being removed.
///
/// The statement that lets them connect again is recorded before that. If the run is killed in between, the next one
/// finds it, and knows what was there before.
struct ClosedConnections {
    let cluster: PostgresCluster
    private let record: FilePath

    static func to(database: String, of cluster: PostgresCluster) -> ClosedConnections {
        ClosedConnections(cluster, "database \(database)")
    }

    static func of(role: String, in cluster: PostgresCluster) -> ClosedConnections {
        ClosedConnections(cluster, "role \(role)")
    }

    private init(_ cluster: PostgresCluster, _ subject: String) {
        self.cluster = cluster
        record = Machine.state.appending("closed-connections").appending(
            escaping: "\(cluster.version)-\(cluster.name) \(subject)")
    }

    /// Whether a run that was killed has left them closed.
    func areLeft(on machine: Machine) throws -> Bool { try machine.files.status(of: record) != nil }

    /// Closes them for some work, and opens them if it fails.
    /// - Parameters:
    ///   - closing: the statement that closes them.
    ///   - opening: the statement that opens them as they are now.
    func during(
        _ closing: String, _ opening: String, on machine: Machine, _ work: () async throws -> Void
    ) async throws {
        // After a run that was killed, what is there now is not what was there before.
        if try !areLeft(on: machine) { try machine.files.replacePrivate(record, with: Array(opening.utf8)) }
        do {
            try await cluster.ask(closing, on: machine)
            try await work()
        } catch {
            // Also if the run was interrupted.
            await Task { _ = try? await open(on: machine) }.value
            throw error
        }
        try forget(on: machine)
    }

    /// Opens those that a run has left closed; does nothing if there are none.
    func open(on machine: Machine) async throws {
        guard let bytes = try machine.files.readIfPresent(record) else { return }
        try await cluster.ask(String(decoding: bytes, as: UTF8.self), on: machine)
        try forget(on: machine)
    }

    /// Forgets them: what they led to is gone.
    func forget(on machine: Machine) throws { try machine.files.remove(record) }
}
