import CSSH
import Foundation
import Vocabulary

extension Connection {
    /// Connects, checks the host key and logs in.
    func open(
        _ destination: Destination, _ configuration: ClientConfiguration, resolver: any Resolver, liveness: Liveness
    ) async throws {
        do {
            var hostKeys = try HostKeys(pinned: destination.hostKeys, configuration: configuration)
            let revoked = try RevokedKeys(configuration)
            if hostKeys.needsCertificate || revoked != nil,
                let certificate = try await HostCertificate.request(destination, configuration)
            {
                if let revoked, try await certificate.isListed(in: revoked) {
                    throw certificate.revoked(by: revoked, host)
                }
                try await hostKeys.consider(certificate, configuration)
            }
            for order in [Authentication.Order.files, .agent] {
                do {
                    let session = try connect(
                        destination, configuration, hostKeys, resolver: resolver, liveness: liveness)
                    try await accept(try session.serverKey(), hostKeys, revoked, configuration)
                    var authentication = Authentication(
                        session: session, order: order, prompter: prompter, timeout: timeout(destination, configuration)
                    )
                    try await authentication.run(isolation: self)
                    return session.serve()
                } catch is Authentication.Unfinished {
                    session?.close()
                }
            }
        } catch {
            shutDown()
            throw cancellation.isCancelled ? CancellationError() : error
        }
    }

    private func timeout(_ destination: Destination, _ configuration: ClientConfiguration) -> Duration {
        destination.connectTimeout ?? configuration.connectTimeout ?? .seconds(10)
    }

    private func connect(
        _ destination: Destination, _ configuration: ClientConfiguration, _ hostKeys: HostKeys,
        resolver: any Resolver, liveness: Liveness
    ) throws -> Session {
        let timeout = timeout(destination, configuration)
        var limit = TimeLimit(timeout)
        let transport = try Transport.open(
            configuration, configurationFile: destination.configurationFile, resolver: resolver, until: &limit,
            timeout: timeout, cancellation: cancellation)
        let session = Session(configuration, transport: transport, cancellation: cancellation, liveness: liveness)
        self.session = session
        try session.handshake(hostKeys: hostKeys, until: &limit, timeout: timeout)
        return session
    }

    private func accept(
        _ key: PublicKey, _ hostKeys: HostKeys, _ revoked: RevokedKeys?, _ configuration: ClientConfiguration
    ) async throws {
        let line = "\(key.type) \(key.base64 ?? "")"
        if let revoked, try await revoked.contains(line) {
            throw TransportError.hostKeyRevoked(host: host, fingerprint: key.fingerprint, source: revoked.file)
        }
        switch hostKeys.trust(in: key) {
        case .known: return
        case .revoked(let source):
            throw TransportError.hostKeyRevoked(host: host, fingerprint: key.fingerprint, source: source)
        case .changed(let expected):
            throw TransportError.hostKeyChanged(
                host: host, presented: "\(key.type) \(key.fingerprint)", expected: expected)
        case .unknown:
            guard try await isAccepted(key, hostKeys, configuration) else {
                if let reason = hostKeys.certificateProblem {
                    throw TransportError.hostCertificateInvalid(host: host, reason: reason, key: line)
                }
                if let command = configuration["knownhostscommand"], command != "none" {
                    throw TransportError.configuration(
                        host: host,
                        reason: "known_hosts does not list the key, and KnownHostsCommand is not supported; "
                            + "if the key is right, set host-keys = [\"\(line)\"] in hosts.conf")
                }
                throw TransportError.hostKeyUnknown(
                    host: host, keyType: key.type, fingerprint: key.fingerprint, key: line)
            }
            do {
                try await HostKeys.add(key, configuration: configuration)
            } catch let error as TransportError {
                // As ssh does: the key was confirmed, and is asked about again the next time.
                connectionWarnings.withLock { $0.append(error.description) }
            }
        }
    }

    private func isAccepted(
        _ key: PublicKey, _ hostKeys: HostKeys, _ configuration: ClientConfiguration
    ) async throws -> Bool {
        switch configuration["stricthostkeychecking"] {
        case "yes", "true": return false
        case "accept-new", "no", "off", "false": return true
        case _ where !prompter.isInteractive: return false
        default:
            let problem = hostKeys.certificateProblem.map { "Its certificate is not accepted: \($0).\n" } ?? ""
            return try await prompter.confirm(
                """
                \(host) (\(configuration.hostKeyName)) has an unknown host key:
                  \(key.type) \(key.fingerprint)
                \(problem)With yes, propel saves the key and logs in there as \(user).
                Is this the right machine?
                """)
        }
    }
}
