import Propel
import SecretStore

/// Which hosts get which secret of the store.
struct SecretUse {
    private let hosts: [StoredSecret: [String]]

    /// - Throws: ``UsageError`` where a host of hosts.conf cannot be described.
    init(in checkout: Checkout) throws {
        var hosts: [StoredSecret: [String]] = [:]
        let store = checkout.secretStore
        for machine in try checkout.hostsConf.hosts {
            let target = try checkout.target(machine)
            for name in target.host.secrets {
                guard let secret = try store.secret(name, host: target.name, role: machine.entry.role) else { continue }
                hosts[secret, default: []].append(target.name)
            }
        }
        self.hosts = hosts
    }

    /// In the order of hosts.conf.
    func hosts(using secret: StoredSecret) -> [String] { hosts[secret] ?? [] }
}
