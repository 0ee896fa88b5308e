import Synchronization

/// Failures of programs because of the network.
enum NetworkError {
    /// The default pauses between attempts.
    static let pauses: [Duration] = [.seconds(5), .seconds(15), .seconds(30), .seconds(60), .seconds(120)]

    /// Runs a program, and again after each pause as long as it fails because of the network. There is only one attempt
    /// if all those of an earlier property of this run for the same origin have failed: they give up together.
    /// - Parameters:
    ///   - origin: what the program reaches, such as the name of a registry.
    ///   - attempt: runs it, given the number of the attempt from 0 on.
    static func tryingAgain(
        _ pauses: [Duration], reaching origin: String, on machine: Machine,
        _ attempt: (Int) async throws -> CommandResult
    ) async throws -> CommandResult {
        let outages = try await machine.fact(NetworkOutages.self)
        for (count, pause) in pauses.enumerated() where !outages.contains(origin) {
            let result = try await attempt(count)
            guard !result.succeeded, isReason(for: result) else { return result }
            machine.showProgress("\(origin) cannot be reached: next attempt in \(pause.inWords)")
            try await Task.sleep(for: pause)
        }
        let result = try await attempt(pauses.count)
        if !result.succeeded, isReason(for: result) { outages.insert(origin) }
        return result
    }

    static func isReason(for result: CommandResult) -> Bool {
        guard case .exited = result.ending else { return false }
        // Of a long build only the end of the last step counts.
        let output = String(decoding: result.output.suffix(4096), as: UTF8.self).lowercased()
        let text =
            output[(output.ranges(of: "\nstep ").last?.upperBound ?? output.startIndex)...]
            + String(decoding: result.errors.suffix(4096), as: UTF8.self).lowercased()
        return phrases.contains { text.firstRange(of: $0) != nil }
    }

    /// Phrases of docker, apt, curl, wget, git, pip, npm and Go, in lowercase.
    private static let phrases = [
        "temporary failure resolving", "temporary failure in name resolution", "could not resolve host",
        "couldn't resolve host",
        "unable to resolve host address", "eai_again", "server misbehaving", "no such host",
        "connection timed out", "connection reset", "connection refused", "econnreset", "etimedout",
        "network is unreachable",
        "no route to host", "tls handshake timeout", "i/o timeout", "read timed out", "operation timed out",
        "could not connect to", "failed to connect to", "connection broken", "early eof", "the remote end hung up",
        "request canceled while waiting",
        "503 service unavailable", "502 bad gateway", "504 gateway",
    ]
}

/// The registries and mirrors that could not be reached in this run, after all attempts.
final class NetworkOutages: LastingFact {
    private let origins = Mutex<Set<String>>([])

    func contains(_ origin: String) -> Bool { origins.withLock { $0.contains(origin) } }

    func insert(_ origin: String) { _ = origins.withLock { $0.insert(origin) } }

    static func read(from machine: Machine) async throws -> NetworkOutages { NetworkOutages() }
}
