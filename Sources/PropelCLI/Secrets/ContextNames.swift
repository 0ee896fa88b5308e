import HostsConf
import Propel
import SecretStore

/// The names that `--for` takes.
struct ContextNames {
    let hosts: [String]
    let roles: [String]

    /// What is meant by `web1`, `host:web1` or `role:web`; nil means all.
    /// - Throws: ``UsageError`` with the nearest names where there is none, or where both a host and a role have it.
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
                    "--for \(text): a host and a role have that name\nSay --for host:\(text) or --for role:\(text).")
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
    /// What follows `prefix`; nil where it does not begin with that.
    fileprivate func after(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}

extension Checkout {
    /// The hosts of hosts.conf, and the roles that there are.
    var contextNames: ContextNames {
        get throws {
            ContextNames(hosts: try hostsConf.hosts.map(\.entry.name), roles: Fleet.current.roles.map(\.name))
        }
    }

    /// These, and those that secrets are for which somebody has left behind.
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
