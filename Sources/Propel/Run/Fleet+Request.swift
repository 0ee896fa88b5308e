extension Fleet {
    /// The host that a request is about, if this machine can be it.
    func host(for request: Request, on machine: Machine) async throws -> Host {
        var entry = request.entry
        entry.fleet = FleetHosts(request.fleet, roles: Set(roles.map(\.name)))
        guard let role = role(named: entry.role) else {
            throw Failure(
                "this propel-enforce has no role “\(entry.role)”",
                advice: "Build it from the configuration that has the role.")
        }
        var host = try role.host(for: entry)
        host.repository = request.repository
        if let difference = request.stepHashes.flatMap(host.firstDifference) {
            throw Failure(role: entry.role, difference)
        }
        let system = try await machine.fact(OperatingSystem.self)
        guard host.includes(system) else {
            throw Failure(
                "this machine runs \(system.description), and the role \(entry.role) is for \(host.platform)",
                advice: "Give \(entry.name) another role in hosts.conf, or let the role run on what the machine runs.")
        }
        return host
    }
}
