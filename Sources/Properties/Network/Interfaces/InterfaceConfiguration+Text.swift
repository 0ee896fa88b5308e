// The file of an interface, as each program reads it.
extension InterfaceConfiguration {
    private var isDHCP: Bool { interface.addresses == .dhcp }

    private func isIPv6(_ address: String) -> Bool { address.contains(":") }

    private static let head = "# Kept by Propel: changes are overwritten.\n"

    /// systemd.network(5).
    var networkd: String {
        let name = interface.interface
        var lines = ["[Match]", "Name=\(name)", "", "[Network]", "DHCP=\(isDHCP ? "yes" : "no")"]
        lines += interface.staticAddresses.map { "Address=\($0)" } + interface.gateways.map { "Gateway=\($0)" }
        lines += interface.nameservers.map { "DNS=\($0)" }
        if !interface.domains.isEmpty { lines.append("Domains=\(interface.domains.joined(separator: " "))") }
        return Self.head + lines.map { $0 + "\n" }.joined()
    }

    /// netplan(5).
    var netplan: String {
        func list(_ texts: [String]) -> YAML { .list(texts.map { .text($0) }) }
        // “default” as a destination is unknown before 0.103.
        let routes = interface.gateways.map { gateway -> YAML in
            ["to": .text(isIPv6(gateway) ? "::/0" : "0.0.0.0/0"), "via": .text(gateway)]
        }
        let servers = YAML.map(present: [
            "addresses": interface.nameservers.isEmpty ? nil : list(interface.nameservers),
            "search": interface.domains.isEmpty ? nil : list(interface.domains),
        ])
        let settings = YAML.map(present: [
            "dhcp4": .bool(isDHCP), "dhcp6": .bool(isDHCP),
            "addresses": isDHCP ? nil : list(interface.staticAddresses),
            "routes": routes.isEmpty ? nil : .list(routes),
            "nameservers": interface.nameservers.isEmpty && interface.domains.isEmpty ? nil : servers,
        ])
        let ethernets = YAML.map([YAML.Entry(key: interface.interface, value: settings)])
        let document: YAML = ["network": ["version": .integer(2), "ethernets": ethernets]]
        return Self.head + document.document
    }

    /// A keyfile of NetworkManager (nm-settings-keyfile(5)).
    var networkManager: String {
        func section(_ name: String, isIPv6 wanted: Bool) -> [String] {
            func own(_ addresses: [String]) -> [String] { addresses.filter { isIPv6($0) == wanted } }
            let addresses = own(interface.staticAddresses), servers = own(interface.nameservers)
            // Without an address of its kind: router advertisements for IPv6, and nothing for IPv4.
            let method = !addresses.isEmpty ? "manual" : isDHCP || wanted ? "auto" : "disabled"
            var lines = ["", "[\(name)]", "method=\(method)"]
            lines += addresses.enumerated().map { "address\($0.offset + 1)=\($0.element)" }
            lines += own(interface.gateways).map { "gateway=\($0)" }
            if !servers.isEmpty { lines.append("dns=\(servers.map { $0 + ";" }.joined())") }
            if !interface.domains.isEmpty, method != "disabled" {
                lines.append("dns-search=\(interface.domains.map { $0 + ";" }.joined())")
            }
            return lines
        }
        let name = interface.interface
        let head = [
            "[connection]", "id=propel-\(name)", "type=ethernet", "interface-name=\(name)", "autoconnect-priority=100",
        ]
        let lines = head + section("ipv4", isIPv6: false) + section("ipv6", isIPv6: true)
        return Self.head + lines.map { $0 + "\n" }.joined()
    }

    /// interfaces(5).
    var ifupdown: String {
        let name = interface.interface
        var options = [("dns-nameservers", interface.nameservers), ("dns-search", interface.domains)]
            .filter { !$0.1.isEmpty }.map { "    \($0.0) \($0.1.joined(separator: " "))" }
        guard !isDHCP else {
            return Self.head + (["auto \(name)", "iface \(name) inet dhcp"] + options).map { $0 + "\n" }.joined()
        }
        var lines = ["auto \(name)"], gateways = interface.gateways
        for address in interface.staticAddresses {
            lines += ["iface \(name) \(isIPv6(address) ? "inet6" : "inet") static", "    address \(address)"]
            // With the first address of its kind.
            if let index = gateways.firstIndex(where: { isIPv6($0) == isIPv6(address) }) {
                lines.append("    gateway \(gateways.remove(at: index))")
            }
            lines += options
            options = []
        }
        return Self.head + lines.map { $0 + "\n" }.joined()
    }
}
