import Propel

/// The hosts of a file as roles see them.
struct FleetView: Sendable, Equatable {
    /// In the order of the file.
    let hosts: [FleetHost]
    /// The hosts that are not sandboxes.
    let machines: [FleetHost]
    let roles: Set<String>

    init(_ entries: [MachineEntry], roles: [Role]) {
        hosts = entries.map { FleetHost($0) }
        machines = zip(entries, hosts).filter { $0.0.sandbox == nil }.map(\.1)
        self.roles = Set(roles.map(\.name))
    }
}

extension FleetHost {
    init(_ machine: MachineEntry) {
        let entry = machine.entry, connection = machine.connection
        self.init(
            entry.name, role: entry.role, address: connection.address,
            port: connection.port.flatMap { UInt16(exactly: $0) } ?? 22, hostKeys: connection.hostKeys, tag: entry.tag,
            tags: entry.tags, keys: entry.keys)
    }
}

extension HostsConf {
    /// The hosts that the role of an entry sees: all, but no sandboxes if it is the entry of another machine, which
    /// cannot reach them.
    ///
    /// - Parameter machine: An entry of this file, maybe with another tag than in the file.
    public func fleet(for machine: MachineEntry) -> FleetHosts {
        var hosts = machine.sandbox == nil ? fleet.machines : fleet.hosts
        let own = FleetHost(machine)
        if let index = hosts.firstIndex(where: { $0.name == own.name }), hosts[index] != own { hosts[index] = own }
        return FleetHosts(hosts, roles: fleet.roles)
    }

    /// The error of a role that asks for an unknown host or role, with the nearest names.
    public func explanation(of unknown: FleetHosts.Unknown) -> String {
        let kind = unknown.kind.rawValue
        if unknown.kind == .host, hosts.contains(where: { $0.entry.name == unknown.name && $0.sandbox != nil }) {
            return "the host \(unknown.name.quoted) at \(unknown.place) is a sandbox: only sandboxes see it"
        }
        return "unknown \(kind) \(unknown.name.quoted) at \(unknown.place)"
            + suggestion(for: unknown.name, among: unknown.known, called: "\(kind)s")
    }
}
