/// A tunnel can cut off the deployer who comes through it, or whose answers it takes.
extension WireGuardConfiguration: Guarded {
    func isGuarded(on machine: Machine) async throws -> Bool {
        guard let connection = machine.connection, let client = IPNetwork(connection.client),
            let server = IPNetwork(connection.server)
        else { return true }
        let networks = (addresses + peers.flatMap(\.allowedIPs)).compactMap { IPNetwork($0) }
        // One that is taken away does not tell its networks.
        if networks.isEmpty { return true }
        return (networks + (try formerNetworks(on: machine))).contains { $0.contains(client) || $0.contains(server) }
    }

    /// The networks that the file has now: one that it will no longer have may be that of the deployer.
    private func formerNetworks(on machine: Machine) throws -> [IPNetwork] {
        var former = try machine.files.readIfPresent(file.path) ?? []
        // There is a private key in it.
        defer { former.wipe() }
        let settings = TunnelSettings(former)
        return settings.networks + settings.addresses.compactMap { IPNetwork($0) }
    }

    func restoration(on machine: Machine) async throws -> Restoration {
        Restoration(reloads: [Invocation("systemctl", ["try-restart", "--", "wg-quick@\(interface).service"])])
    }
}
