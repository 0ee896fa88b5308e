import HostsConf
import Propel
import SecretStore

/// The names of hosts and roles that `--for` accepts.
struct ContextNames {
    let hosts: [String]
    let roles: [String]

    /// The context of `web1`, `host:web1` or `role:web`; nil means all hosts.
    /// - Throws: ``UsageError`` with the nearest names if the name is unknown, or if both a host and a role have it.
    func context(_ text: String?) throws -> SecretContext {
        guard let text else { return .all }
        if let name = text.after("host:") {
            guard hosts.contains(name) else { throw unknown(name, among: hosts, "a host") }
            return .host(name)
        }
        if let name = text.after("role:") {
            guard roles.contains(name) else { throw unknown(name, among: roles, "a role") }
            return .role(name)
        }
        switch (hosts.contains(text), roles.contains(text)) {
        case (true, true):
            throw UsageError(
                description:
                    "--for \(text): a host and a role have that name\nUse --for host:\(text) or --for role:\(text).")
        case (true, false): return .host(text)
        case (false, true): return .role(text)
        case (false, false): throw unknown(text, among: hosts + roles, "a host or a role")
        }
    }

    private func unknown(_ name: String, among names: [String], _ kind: String) -> UsageError {
        let nearest = nearestNames(to: name, among: Set(names).sorted())
        return UsageError(
            description: "--for: \(name.debugDescription) is not \(kind)"
                + (nearest.isEmpty
                    ? "" : "; did you mean \(nearest.map(\.debugDescription).joined(separator: " or "))?")
                + "\nHosts: \(list(hosts)). Roles: \(list(roles)).")
    }

    private func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : Set(names).sorted().joined(separator: ", ")
    }
}

extension String {
    /// The rest after `prefix`; nil if it does not begin with it.
    fileprivate func after(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}

extension Checkout {
    /// The hosts of hosts.conf, and the roles of the fleet.
    var contextNames: ContextNames {
        get throws {
            ContextNames(hosts: try hostsConf.hosts.map(\.entry.name), roles: Fleet.current.roles.map(\.name))
        }
    }

    /// The same with the hosts and roles of stored secrets that no longer exist.
    var storedContextNames: ContextNames {
        get throws {
            var (hosts, roles) = (try contextNames.hosts, try contextNames.roles)
            for secret in try secretStore.secrets() {
                switch secret.context {
                case .all: break
                case .host(let name): hosts.append(name)
                case .role(let name): roles.append(name)
                }
            }
            return ContextNames(hosts: hosts, roles: roles)
        }
    }
}
