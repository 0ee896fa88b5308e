import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct FirewallTextTests {
    /// The lines of a chain, without those that every firewall has.
    private func chain(_ name: String, _ firewall: Firewall, _ declared: [DeclaredPort] = []) -> [String] {
        let lines = firewall.table.text(of: declared).lines.map { String($0).trimmed }
        guard let start = lines.firstIndex(of: "chain \(name) {") else { return [] }
        let all = lines[(start + 1)...].prefix { $0 != "}" }
        return all.filter { line in
            !line.hasPrefix("ct state established") && !line.hasPrefix("ct state invalid")
                && !line.hasPrefix("icmp") && !line.hasPrefix("udp sport") && !line.hasPrefix("ip6 saddr fe80")
                && line != "iifname \"lo\" accept" && line != "oifname \"lo\" accept"
                && line != "meta l4proto { icmp, ipv6-icmp } accept" && !line.contains("docker0")
                && !line.contains("br-*")
        }
    }

    @Test func `only its own table is replaced`() {
        let text = Firewall(.allow(80)).table.text(of: [])
        #expect(text.contains("\ntable inet propel\ndelete table inet propel\n\ntable inet propel {\n"))
        #expect(!text.contains("flush"))
        #expect(text.hasSuffix("\t}\n}\n"))
    }

    @Test func `rules keep their order, and ssh is allowed at the end`() {
        let firewall = Firewall(
            .deny(from: ["203.0.113.0/24", "2001:db8:bad::/48"]), .allow(80, 443),
            .allow(.range(6000...6010), 53, transport: .both, from: "10.1.2.3/8", on: "eth*", comment: "games"),
            .reject(113))
        #expect(
            chain("input", firewall) == [
                "type filter hook input priority filter; policy drop;",
                "ip saddr 203.0.113.0/24 drop",
                "ip6 saddr 2001:db8:bad::/48 drop",
                "tcp dport { 80, 443 } accept",
                "iifname \"eth*\" ip saddr 10.0.0.0/8 meta l4proto { tcp, udp } th dport { 53, 6000-6010 } accept "
                    + "comment \"games\"",
                "tcp dport 113 reject",
                "tcp dport 22 accept comment \"ssh\"",
            ])
    }

    @Test func `a rule for the port of ssh stands for itself`() {
        #expect(chain("input", Firewall(.allow(22, on: "wg0"))).dropFirst() == ["iifname \"wg0\" tcp dport 22 accept"])
        #expect(
            chain("input", Firewall(.allow(.range(20...30)), incoming: .allow)) == [
                "type filter hook input priority filter; policy accept;", "tcp dport 20-30 accept",
            ])
        // Neither a rule for UDP nor one for every port is about it.
        for rule in [Firewall.Rule.allow(22, transport: .udp), .allow(on: "wg0"), .deny(from: "192.0.2.0/24")] {
            #expect(chain("input", Firewall(rule)).last == "tcp dport 22 accept comment \"ssh\"")
        }
    }

    @Test func `networks and ports that overlap are merged, since nft refuses them`() {
        let rule = Firewall.Rule.allow(
            443, 80, .range(1...79), 80, from: ["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8", "192.0.2.1"])
        #expect(
            chain("input", Firewall(rule))[1]
                == "ip saddr { 10.0.0.0/8, 192.0.2.1 } tcp dport { 1-80, 443 } accept")
    }

    @Test func `a limit counts for each address`() {
        #expect(
            chain("input", Firewall(.limit(22, perMinute: 10))).dropFirst() == [
                "tcp dport 22 ct state new update @limited_0_v4 { ip saddr limit rate over 10/minute burst 5 packets } "
                    + "drop",
                "tcp dport 22 ct state new update @limited_0_v6 { ip6 saddr limit rate over 10/minute burst 5 packets }"
                    + " drop",
                "tcp dport 22 accept",
            ])
        let text = Firewall(.limit(22, from: "10.0.0.0/8")).table.text(of: [])
        #expect(text.contains("set limited_0_v4 {") && !text.contains("limited_0_v6"))
    }

    @Test func `a gateway forwards and masquerades`() {
        let gateway = Firewall(
            .forward(from: "wg0", to: "eth0"), .masquerade(from: "10.8.0.0/24", on: "eth0"),
            .deny(25, direction: .forwarded))
        #expect(
            chain("forward", gateway) == [
                "type filter hook forward priority filter; policy drop;", "iifname \"wg0\" oifname \"eth0\" accept",
                "tcp dport 25 drop",
            ])
        #expect(
            chain("postrouting", gateway) == [
                "type nat hook postrouting priority srcnat; policy accept;",
                "oifname \"eth0\" ip saddr 10.8.0.0/24 masquerade",
            ])
    }

    @Test func `outgoing packets pass unless they are denied`() {
        #expect(chain("output", Firewall()).isEmpty)
        #expect(
            chain("output", Firewall(.allow(53, transport: .both, direction: .outgoing), outgoing: .deny)) == [
                "type filter hook output priority filter; policy drop;", "meta l4proto { tcp, udp } th dport 53 accept",
            ])
        #expect(
            chain("output", Firewall(.deny(25, on: "eth0", direction: .outgoing))) == [
                "type filter hook output priority filter; policy accept;", "oifname \"eth0\" tcp dport 25 drop",
            ])
    }

    @Test func `docker judges its own packets, unless its ports are filtered`() {
        let open = Firewall(.allow(80)).table.text(of: [])
        #expect(open.contains("\t\toifname \"docker0\" accept\n") && !open.contains("chain published"))
        let filtered = Firewall(.allow(80, from: "10.0.0.0/8"), .limit(443), filtersDocker: true)
        let text = filtered.table.text(of: [])
        #expect(text.contains("\t\tiifname \"docker0\" accept\n"))
        #expect(text.contains("\t\tct status dnat jump published\n\t\tct status dnat oifname \"docker0\" accept\n"))
        #expect(!text.contains("\t\toifname \"docker0\" accept"))
        #expect(
            chain("published", filtered).first
                == "ip saddr 10.0.0.0/8 meta l4proto tcp ct original proto-dst 80 accept")
        #expect(chain("published", filtered).last == "drop")
        #expect(
            chain("published", filtered).contains(
                "meta l4proto tcp ct original proto-dst 443 accept"))
    }

    @Test func `declared ports come from the whole host, in ascending order`() throws {
        let host = Host("x", runs: Debian.self) {
            Firewall(.declaredPorts(except: [5432]))
            Service("nginx", ports: [443, 80])
            Service("postgresql", ports: [5432])
            Service("dns", ports: [53, Port(53, transport: "udp")])
        }
        let table = try #require(host.steps.compactMap { $0.property as? FirewallTable }.first)
        let input = table.text(of: table.declared).lines.map { String($0).trimmed }
        #expect(input.contains("tcp dport { 53, 80, 443 } accept"))
        #expect(input.contains("udp dport 53 accept"))
        #expect(table.expanded([]).map(\.description) == ["allow 22/tcp"])
    }

    @Test func `what a container publishes on loopback is not opened`() throws {
        let host = Host("x", runs: Debian.self) {
            Firewall(.declaredPorts)
            Stack("app") {
                Container("web", image: "nginx:1") {
                    Publish(8080, to: 80)
                    Publish(9000, on: "127.0.0.1")
                }
            }
        }
        let table = try #require(host.steps.compactMap { $0.property as? FirewallTable }.first)
        #expect(table.declared.map(\.port.number) == [8080])
    }

    @Test func `a port of a property for other machines stays closed`() async throws {
        let host = Host("x", runs: Debian.self) {
            Firewall(.declaredPorts)
            When(.architecture("nonexistent")) { Service("other", ports: [81]) }
            When(.codename("bookworm")) { Service("this", ports: [82]) }
        }
        let table = try #require(host.steps.compactMap { $0.property as? FirewallTable }.first)
        let fake = FakeMachine()
        FakeNft(fake)
        try await table.apply(on: fake.machine)
        let text = fake.files.text(at: "/etc/propel/firewall.nft")
        #expect(text?.contains("tcp dport 82 accept") == true)
    }
}

@Suite(.recorded) struct IPNetworkTests {
    @Test(arguments: [
        ("10.1.2.3/8", "10.0.0.0/8"), ("192.0.2.7", "192.0.2.7"), ("192.0.2.7/32", "192.0.2.7"),
        ("2001:DB8:0:0::1/33", "2001:db8::/33"), ("::/0", "::/0"), ("0.0.0.0/0", "0.0.0.0/0"),
    ])
    func `a network is read in its shortest spelling`(_ text: String, _ shortest: String) {
        #expect(IPNetwork(text)?.description == shortest)
    }

    @Test(arguments: [
        "", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0", "::/129", "a/8", "1.2.3.4/8/8",
    ])
    func `something else is not a network`(_ text: String) { #expect(IPNetwork(text) == nil) }

    @Test func `a network contains its addresses`() throws {
        let network = try #require(IPNetwork("10.1.0.0/15"))
        #expect(network.contains(try #require(IPNetwork("10.0.255.255"))))
        #expect(!network.contains(try #require(IPNetwork("10.2.0.0"))))
        #expect(!network.contains(try #require(IPNetwork("10.0.0.0/8"))))
        #expect(!(try #require(IPNetwork("0.0.0.0/0")).contains(try #require(IPNetwork("::1")))))
    }
}
