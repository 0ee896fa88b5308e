import Properties

// The Swift of docs/fleets.md. DocumentationTests holds the page to it.

let fleetOfDatabases = Role("database", runs: Debian.self, keys: ["vpn-key", "vpn-address"]) { host in
    let web = try host.fleet.hosts(role: "web")
    // A rule for each of them, so that there is no rule where there is no web server.
    let rules = web.map { Firewall.Rule.allow(5432, from: Firewall.Addresses([$0.address])) }
    Firewall([.limit(22)] + rules)
    for other in web { HostsFile(other.address, other.name) }
    for other in host.fleet.hosts { KnownHosts(other.name, other.hostKeys, port: other.port) }
}

let fleetOfPeers = Role("vpn", runs: Debian.self, keys: ["vpn-key", "vpn-address"]) { host in
    let others = try host.fleet.hosts(role: "vpn").filter { $0.name != host.name }
    let peers = try others.map { other in
        WireGuard.Peer(
            try other.required("vpn-key"), allowedIPs: ["\(try other.required("vpn-address"))/32"],
            endpoint: other.endpoint(51820))
    }
    WireGuard("wg0", addresses: ["\(try host.required("vpn-address"))/24"], port: 51820, peers: peers)
}

let fleetOfSites = Role("site", runs: Debian.self) { host in
    File("/etc/app.conf", "database = \(try host.fleet["db1.example.com"].endpoint(5432))\n")
}

let fleetOfRepositories = Role("nas", runs: Debian.self) { host in
    let keys = try host.fleet.hosts.reduce(into: [String: String]()) { keys, other in
        keys[other.name] = try other.string("backup-key")
    }
    Borg.Server(in: "/srv/borg", clients: keys)
}

let fleetOfWikis = Role("wiki", runs: Debian.self, keys: ["backup-key"]) { host in
    let nas = try host.fleet["nas.example.com"]
    SSHKey(of: "root")
    KnownHosts(nas.address, nas.hostKeys, port: nas.port)
    let copies = Borg(
        "stacks", to: Borg.Server.address(on: nas, of: host.name, "stacks"), password: Secret("borg-passphrase"),
        paths: ["/var/backups/propel"])
    copies
    Stack("wiki") {
        BackupCopies(in: copies)
        Container("wiki", image: "wiki", tag: "1.4") { Volume("pages", at: "/pages") }
    }
}
