import Propel
import SecretStore

/// The hosts that get each secret of the store.
struct SecretUse {
    private let hosts: [StoredSecret: [String]]

    /// Evaluates the roles of all hosts.
    /// - Throws: ``UsageError`` if the role of a host fails.
    init(in checkout: Checkout) throws {
        var hosts: [StoredSecret: [String]] = [:]
        let store = checkout.secretStore
        let conf = try checkout.hostsConf
        for machine in conf.hosts {
            let target = try checkout.target(machine, in: conf)
            for name in target.host.secrets {
                guard let secret = try store.secret(name, host: target.name, role: machine.entry.role) else { continue }
                hosts[secret, default: []].append(target.name)
            }
        }
        self.hosts = hosts
    }

    /// The hosts that get a secret, in the order of hosts.conf.
    func hosts(using secret: StoredSecret) -> [String] { hosts[secret] ?? [] }
}
