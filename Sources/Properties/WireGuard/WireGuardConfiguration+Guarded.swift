/// A tunnel can cut off the deployer who comes through it, or whose answers it takes.
extension WireGuardConfiguration: Guarded {
    func isGuarded(on machine: Machine) async throws -> Bool {
        guard let connection = machine.connection, let client = IPNetwork(connection.client),
            let server = IPNetwork(connection.server)
        else { return true }
        let networks = (addresses + peers.flatMap(\.allowedIPs)).compactMap { IPNetwork($0) }
        // One that is taken away does not tell its networks.
        return networks.isEmpty || networks.contains { $0.contains(client) || $0.contains(server) }
    }

    func restoration(on machine: Machine) async throws -> Restoration {
        Restoration(reloads: [Invocation("systemctl", ["try-restart", "--", "wg-quick@\(interface).service"])])
    }
}
