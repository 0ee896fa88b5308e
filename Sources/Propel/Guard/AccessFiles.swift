/// The files and units that decide who comes in: the network, firewalls, ssh, accounts, and the ways to become root.
///
/// A change of one is guarded whatever property makes it; see ``Guarded``.
package enum AccessFiles {
    /// Files, and directories with all that is in them.
    private static let places: [FilePath] =
        [
            "/etc/ssh", "/root/.ssh/authorized_keys", "/etc/hosts.allow", "/etc/hosts.deny",
            "/etc/pam.d", "/etc/security",
            "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/nsswitch.conf", "/etc/shells",
            "/etc/nftables.conf", "/etc/iptables", "/etc/ufw", "/etc/firewalld",
        ] + networkPlaces
    private static let networkPlaces: [FilePath] = [
        "/etc/network", "/etc/netplan", "/etc/systemd/network", "/etc/NetworkManager", "/etc/dhcpcd.conf",
    ]
    /// The same for a deployer who does not log in as root.
    private static let rightsPlaces: [FilePath] = [
        "/etc/sudoers", "/etc/sudoers.d", "/etc/sudo.conf", "/etc/doas.conf",
    ]
    /// Exceptions: files that decide only where this machine goes.
    private static let others: [FilePath] = [
        "/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d", "/etc/ssh/ssh_known_hosts", "/etc/ssh/moduli",
    ]
    private static let unitDirectory: FilePath = "/etc/systemd/system"
    private static let units = networkUnits.union([
        "ssh.service", "ssh@.service", "sshd.service", "ssh.socket", "nftables.service", "ufw.service",
        "firewalld.service", "netfilter-persistent.service", "propel-firewall.service", "tailscaled.service",
    ])
    private static let networkUnits: Set<String> = [
        "networking.service", "systemd-networkd.service", "systemd-networkd.socket", "NetworkManager.service",
        "dhcpcd.service",
    ]

    /// Whether a change of what is at `path` can cut off the deployer of a run on a machine.
    package static func contain(_ path: FilePath, on machine: Machine) -> Bool {
        if let unit = path.unit(in: unitDirectory) { return containUnit(unit) }
        if machine.invoker != nil, rightsPlaces.contains(where: { path.starts(with: $0) }) { return true }
        return places.contains { path.starts(with: $0) } && !others.contains { path.starts(with: $0) }
    }

    /// Whether a change of what is at `path` changes the network.
    static func concernNetwork(_ path: FilePath) -> Bool { networkPlaces.contains { path.starts(with: $0) } }

    /// Whether a command is about a unit that configures the network, or about its interfaces.
    static func concernNetwork(_ command: Invocation) -> Bool {
        ["ifup", "ifdown", "ip", "netplan", "nmcli", "networkctl"].contains(command.program)
            || command.arguments.contains { networkUnits.contains($0) || networkUnits.contains("\($0).service") }
    }

    /// Whether stopping or disabling a unit can cut off the deployer.
    package static func containUnit(_ name: String) -> Bool {
        units.contains(name) || name.hasPrefix("wg-quick@")
    }
}

extension FilePath {
    /// The unit that a file in a directory is, or a drop-in of it is; nil elsewhere.
    fileprivate func unit(in directory: FilePath) -> String? {
        guard starts(with: directory), components.count > directory.components.count else { return nil }
        let name = Array(components)[directory.components.count].string
        return name.hasSuffix(".d") ? String(name.dropLast(2)) : name
    }
}
