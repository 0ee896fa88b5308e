/// The firewall of the machine, by nftables (nft(8)).
///
///     Firewall(.allow(80, 443), .limit(22), .allow(.range(6000...6010), transport: .udp, from: "10.0.0.0/8"))
///     Firewall(.declaredPorts, .deny(from: "203.0.113.0/24"))
///
/// All that no rule allows is dropped, but for established connections, loopback, the ICMP messages that IP needs, and
/// DHCP. Of several rules for a packet the first one counts.
///
/// **ssh stays open.** The port of ssh, which ``Sshd`` declares and is else 22, is allowed from everywhere if no rule
/// names it. Rules that would not let the present connection in, in their order, are refused before they are loaded.
///
/// **Other rules stay.** Everything is in a separate table, `inet propel`, which one transaction replaces; the
/// ruleset is never flushed. A packet has to pass every table, so docker's chains go on to judge what belongs to
/// docker. A ufw or firewalld that is active is refused, since its rules would count too.
///
/// **Docker** publishes ports ahead of the rules for incoming packets, to the whole world. With `filtersDocker: true` a
/// published port is reached only if a rule allows it, by the number that it is published under.
///
/// The rules are in `/etc/propel/firewall.nft`. A unit loads them at boot before the network is up, and again after
/// `nftables.service`, which flushes the ruleset. Each run compares the rules in the kernel, so that a table that was
/// deleted or edited by hand is seen. A gateway for WireGuard:
///
///     Sysctl("net.ipv4.ip_forward", "1")
///     Firewall(
///         .allow(51820, transport: .udp), .forward(from: "wg0", to: "eth0"),
///         .masquerade(from: "10.8.0.0/24", on: "eth0"))
public struct Firewall: CompositeProperty {
    public typealias Target = DebianLike

    /// The fate of packets that no rule matches.
    public enum Policy: String, Sendable {
        case allow, deny
    }

    let table: FirewallTable

    /// - Parameters:
    ///   - rules: the rules, of which the first that matches counts.
    ///   - incoming: what becomes of other packets for the machine; they are denied by default.
    ///   - outgoing: what becomes of other packets that the machine sends; they are allowed by default.
    ///   - forwarded: what becomes of other packets that the machine would pass on; they are denied by default, but
    ///     for those of docker.
    ///   - filtersDocker: whether the rules for incoming packets decide about the published ports of containers too;
    ///     no by default.
    public init(
        _ rules: Rule..., incoming: Policy = .deny, outgoing: Policy = .allow, forwarded: Policy = .deny,
        filtersDocker: Bool = false
    ) {
        self.init(
            rules, incoming: incoming, outgoing: outgoing, forwarded: forwarded, filtersDocker: filtersDocker)
    }

    /// Rules from a list; see the initializer that takes them one by one.
    public init(
        _ rules: [Rule], incoming: Policy = .deny, outgoing: Policy = .allow, forwarded: Policy = .deny,
        filtersDocker: Bool = false
    ) {
        table = FirewallTable(
            rules: rules, incoming: incoming, outgoing: outgoing, forwarded: forwarded, filtersDocker: filtersDocker)
    }

    public var name: String { "firewall" }

    public var body: [Declaration] {
        FirewallTable.package
        table.requires(FirewallTable.package)
        FirewallUnit.unit.requires(table)
        FirewallUnit.afterNftables.requires(table)
        Service(FirewallUnit.name).requires(FirewallUnit.unit)
    }

    /// No firewall of Propel: its table, its file and its unit are removed. The package stays.
    ///
    ///     Firewall.Absent()
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "no firewall" }

        public var body: [Declaration] {
            FirewallUnit.unit.reverted()
            FirewallUnit.afterNftables.reverted()
            FirewallTable(rules: [], incoming: .allow, outgoing: .allow, forwarded: .allow, filtersDocker: false)
                .reverted()
        }
    }
}

/// The unit that loads the rules at boot.
enum FirewallUnit {
    static let name = "propel-firewall.service"

    private static let load = "/usr/sbin/nft --file \(FirewallTable.path)"

    static let unit = SystemdUnit(
        name,
        """
        [Unit]
        Description=Firewall of Propel
        Documentation=man:nft(8)
        DefaultDependencies=no
        Conflicts=shutdown.target
        Wants=network-pre.target
        Before=network-pre.target shutdown.target
        After=nftables.service

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=\(load)
        ExecReload=\(load)

        [Install]
        WantedBy=sysinit.target

        """)

    /// Debian's unit flushes the ruleset when it starts and when it reloads.
    static let afterNftables = SystemdUnit.DropIn(
        "nftables.service", "propel",
        """
        [Service]
        ExecStartPost=-\(load)
        ExecReload=-\(load)

        """)
}
