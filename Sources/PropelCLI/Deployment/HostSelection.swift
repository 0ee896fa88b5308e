import Foundation
import HostsConf

/// The hosts that a command line means: names, patterns, roles, or all.
struct HostSelection: Sendable {
    /// Names and patterns with `*`, `?` and `[…]` (glob(7)).
    var names: [String] = []
    var roles: [String] = []
    var isEach = false
    /// Names and patterns of hosts that are left out.
    var exceptions: [String] = []

    /// Whether it says anything: no command means all hosts unless it says so.
    var isEmpty: Bool { names.isEmpty && roles.isEmpty && !isEach }

    /// The names of the hosts: those that are written out in their order, the others in the order of hosts.conf.
    ///
    /// - Throws: ``UsageError`` for a pattern, a role or an exception that means no host: a mistyped exception would
    ///   deploy to the host that it was to spare. ``HostsConf/UnknownHost`` for an unknown name.
    func names(in conf: HostsConf) throws -> [String] {
        var found: [String] = []
        for name in names { found += try Self.hosts(named: name, in: conf, for: nil) }
        for role in roles { found += try Self.hosts(ofRole: role, in: conf) }
        if isEach { found += conf.hosts.map(\.entry.name) }
        guard !isEach || !found.isEmpty else { throw UsageError(description: "\(conf.file) has no host yet") }
        let excluded = Set(try exceptions.flatMap { try Self.hosts(named: $0, in: conf, for: "--except") })
        var seen = excluded
        let selected = found.filter { seen.insert($0).inserted }
        guard !selected.isEmpty else {
            throw UsageError(description: "--except leaves no host: drop it, or name other hosts")
        }
        return selected
    }

    private static func hosts(named name: String, in conf: HostsConf, for option: String?) throws -> [String] {
        guard name.contains(where: { "*?[".contains($0) }) else { return [try conf.host(named: name).entry.name] }
        let matching = conf.hosts.map(\.entry.name).filter { fnmatch(name, $0, 0) == 0 }
        guard !matching.isEmpty else {
            let prefix = option.map { "\($0): " } ?? ""
            throw UsageError(
                description:
                    "\(prefix)no host in \(conf.file) matches \(name.debugDescription); `propel hosts` lists them")
        }
        return matching
    }

    private static func hosts(ofRole role: String, in conf: HostsConf) throws -> [String] {
        let matching = conf.hosts.filter { $0.entry.role == role }.map(\.entry.name)
        guard matching.isEmpty else { return matching }
        let nearest = nearestNames(to: role, among: Set(conf.hosts.map(\.entry.role)).sorted())
        let suggestion =
            nearest.first.map { "did you mean \($0.debugDescription)?" } ?? "`propel hosts` lists the roles"
        throw UsageError(
            description: "--role: no host in \(conf.file) has the role \(role.debugDescription); \(suggestion)")
    }
}
