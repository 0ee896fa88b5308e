/// The hosts of `hosts.conf`, for a role that depends on other hosts: their addresses, keys and values.
///
///     Role("backup", runs: Debian.self) { host in
///         let database = try host.fleet["db1.example.com"]
///         HostsFile(database.address, database.name)
///         for other in try host.fleet.hosts(role: "web") {
///             KnownHosts(other.name, other.hostKeys, port: other.port)
///         }
///     }
///
/// The host whose role it is is one of them. A sandbox sees all hosts; another machine sees no sandboxes, since it
/// cannot reach them.
///
/// A machine is told of the hosts that its role has read, and of no others. What changes in their entries is a change
/// of this host too, which its plan shows.
public struct FleetHosts: Sendable, ExpressibleByArrayLiteral {
    private let all: [FleetHost]
    private let roles: Set<String>
    /// The record of what is read; nil outside of roles.
    var reads: EntryReads?

    /// - Parameters:
    ///   - hosts: the hosts, in the order of `hosts.conf`.
    ///   - roles: the names of the roles that a host may have; those of `hosts` always count.
    public init(_ hosts: [FleetHost], roles: Set<String> = []) {
        all = hosts
        self.roles = roles
    }

    public init(arrayLiteral hosts: FleetHost...) { self.init(hosts) }

    /// All hosts, in the order of `hosts.conf`.
    public var hosts: [FleetHost] { noted(all) }

    /// The hosts with a role, in the order of `hosts.conf`; empty if no host has the role.
    /// - Throws: ``Unknown`` if the configuration has no such role.
    public func hosts(role: String, fileID: StaticString = #fileID, line: UInt = #line) throws -> [FleetHost] {
        let found = all.filter { $0.role == role }
        guard !found.isEmpty || roles.contains(role) else {
            throw Unknown(
                kind: .role, name: role, known: roles.union(all.map(\.role)).sorted(),
                place: SourcePlace(fileID: fileID, line: line))
        }
        return noted(found)
    }

    /// The host with a name.
    /// - Throws: ``Unknown`` if there is no such host.
    public subscript(name: String, fileID: StaticString = #fileID, line: UInt = #line) -> FleetHost {
        get throws {
            guard let host = all.first(where: { $0.name == name }) else {
                throw Unknown(
                    kind: .host, name: name, known: all.map(\.name), place: SourcePlace(fileID: fileID, line: line))
            }
            return noted([host])[0]
        }
    }

    private func noted(_ hosts: [FleetHost]) -> [FleetHost] {
        reads?.note(hosts)
        return hosts
    }

    /// The hosts that were read, in the order of `hosts.conf`.
    func read(in reads: EntryReads) -> [FleetHost] {
        let names = reads.hosts
        return names.isEmpty ? [] : all.filter { names.contains($0.name) }
    }

    /// The error of a role that asks for a host or a role that there is not.
    public struct Unknown: Error, Equatable, CustomStringConvertible {
        public enum Kind: String, Sendable {
            case host, role
        }

        public let kind: Kind
        /// The name that was asked for.
        public let name: String
        /// The names that there are.
        public let known: [String]
        /// The place that asks for it.
        public let place: SourcePlace

        public var description: String {
            "unknown \(kind.rawValue) “\(name.escaped)” at \(place): "
                + (known.isEmpty
                    ? "the fleet has no hosts" : "the \(kind.rawValue)s are \(known.joined(separator: ", "))")
        }
    }
}
