import Properties

/// The interface of the sandbox, and one that has no cable.
@PropertyBuilder<Debian>
func interfaces(address: String, nameserver: String, isReverted: Bool) -> [Declaration] {
    let gateway = address.split(separator: ".").dropLast().joined(separator: ".") + ".1"
    let interface = NetworkInterface("host0", .static([address], gateways: [gateway]))
    let device = NetworkFile(.networkd, "20-inner.netdev", "[NetDev]\nName=inner0\nKind=bridge\n")
    let addresses = NetworkFile(
        .networkd, "20-inner.network",
        "[Match]\nName=inner0\n\n[Network]\nAddress=192.0.2.77/24\nConfigureWithoutCarrier=yes\n")
    let resolver = ResolvConf(nameserver, options: ["timeout:2"])
    let client = SSHHost("lan", "*.example.lan", ["User": "admin", "Port": "2222"])
    let connections = Sysctl("net.core.somaxconn", "1024")

    if isReverted {
        interface.reverted()
        addresses.reverted()
        device.reverted()
        resolver.reverted()
        client.reverted()
        connections.reverted()
    } else {
        interface
        device
        addresses
        resolver
        client
        connections
    }
}

@PropertyBuilder<Debian>
func network(isReverted: Bool) -> [Declaration] {
    let names = HostsFile("192.0.2.5", "db1.example.com", "db1")
    let key = KnownHosts(
        "git.example.com", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0")

    if isReverted {
        Firewall.Absent()
        Sshd.Absent()
        names.reverted()
        key.reverted()
    } else {
        Firewall(
            .deny(from: ["203.0.113.0/24", "2001:db8:bad::/48"]), .declaredPorts(except: [8000]), .limit(5432),
            .allow(.range(6000...6010), transport: .both, from: "10.0.0.0/8", on: "eth*", comment: "games"),
            .forward(from: "wg0", to: "host0"), .masquerade(from: "10.8.0.0/24", on: "host0"), filtersDocker: true)
        Sshd(.x11Forwarding(false), .maxAuthTries(5), .port(22), .match("User media", .forceCommand("internal-sftp")))
        names
        key
        Fail2ban(.sshd, banTime: .hours(1), ignoring: ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"])
        Mount("/srv/films", bind: "/srv/media", before: ["docker.service"])
    }
}
