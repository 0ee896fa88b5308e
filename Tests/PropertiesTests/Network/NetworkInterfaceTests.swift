import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct NetworkInterfaceTests {
    static let managers: [NetworkInterface.Manager] = [.netplan, .ifupdown, .networkManager, .networkd]

    static let fixed = NetworkInterface(
        "eth0", .static(["10.0.0.5/24", "2001:db8::5/64"], gateways: ["10.0.0.1", "2001:db8::1"]),
        nameservers: ["10.0.0.1"], domains: ["example.lan"])

    private static func path(_ manager: NetworkInterface.Manager) -> FilePath {
        InterfaceConfiguration(fixed, manager).file.path
    }

    // MARK: What the programs read

    @Test func `networkd gets a file that comes first`() {
        #expect(Self.path(.networkd) == "/etc/systemd/network/05-propel-eth0.network")
        #expect(
            InterfaceConfiguration(Self.fixed, .networkd).networkd == """
                # Kept by Propel: changes are overwritten.
                [Match]
                Name=eth0

                [Network]
                DHCP=no
                Address=10.0.0.5/24
                Address=2001:db8::5/64
                Gateway=10.0.0.1
                Gateway=2001:db8::1
                DNS=10.0.0.1
                Domains=example.lan

                """)
        let dhcp = InterfaceConfiguration(NetworkInterface("eth0", .dhcp), .networkd).networkd
        #expect(dhcp.hasSuffix("[Network]\nDHCP=yes\n"))
    }

    @Test func `netplan gets a file that comes last`() {
        #expect(Self.path(.netplan) == "/etc/netplan/90-propel-eth0.yaml")
        #expect(
            InterfaceConfiguration(Self.fixed, .netplan).netplan == """
                # Kept by Propel: changes are overwritten.
                network:
                  version: 2
                  ethernets:
                    eth0:
                      dhcp4: false
                      dhcp6: false
                      addresses:
                        - "10.0.0.5/24"
                        - "2001:db8::5/64"
                      routes:
                        - to: "0.0.0.0/0"
                          via: "10.0.0.1"
                        - to: "::/0"
                          via: "2001:db8::1"
                      nameservers:
                        addresses:
                          - "10.0.0.1"
                        search:
                          - example.lan

                """)
        let dhcp = InterfaceConfiguration(NetworkInterface("eth0", .dhcp), .netplan).netplan
        #expect(dhcp.hasSuffix("    eth0:\n      dhcp4: true\n      dhcp6: true\n"))
    }

    @Test func `NetworkManager gets a profile with both kinds`() {
        #expect(
            InterfaceConfiguration(Self.fixed, .networkManager).networkManager == """
                # Kept by Propel: changes are overwritten.
                [connection]
                id=propel-eth0
                type=ethernet
                interface-name=eth0
                autoconnect-priority=100

                [ipv4]
                method=manual
                address1=10.0.0.5/24
                gateway=10.0.0.1
                dns=10.0.0.1;
                dns-search=example.lan;

                [ipv6]
                method=manual
                address1=2001:db8::5/64
                gateway=2001:db8::1
                dns-search=example.lan;

                """)
        let one = NetworkInterface("eth0", .static(["10.0.0.5/24", "10.0.0.6/24"]))
        let text = InterfaceConfiguration(one, .networkManager).networkManager
        #expect(text.hasSuffix("address1=10.0.0.5/24\naddress2=10.0.0.6/24\n\n[ipv6]\nmethod=auto\n"))
        let six = InterfaceConfiguration(NetworkInterface("eth0", .static(["2001:db8::5/64"])), .networkManager)
        #expect(six.networkManager.contains("[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=manual\n"))
    }

    @Test func `ifupdown gets a stanza for each address`() {
        let two = NetworkInterface(
            "eth0", .static(["10.0.0.5/24", "10.0.0.6/24", "2001:db8::5/64"], gateways: ["10.0.0.1", "2001:db8::1"]),
            nameservers: ["10.0.0.1", "9.9.9.9"])
        #expect(
            InterfaceConfiguration(two, .ifupdown).ifupdown == """
                # Kept by Propel: changes are overwritten.
                auto eth0
                iface eth0 inet static
                    address 10.0.0.5/24
                    gateway 10.0.0.1
                    dns-nameservers 10.0.0.1 9.9.9.9
                iface eth0 inet static
                    address 10.0.0.6/24
                iface eth0 inet6 static
                    address 2001:db8::5/64
                    gateway 2001:db8::1

                """)
        let dhcp = InterfaceConfiguration(NetworkInterface("eth0", .dhcp), .ifupdown).ifupdown
        #expect(dhcp.hasSuffix("auto eth0\niface eth0 inet dhcp\n"))
    }

    // MARK: On a machine

    @Test(arguments: managers) func `the program of the machine brings the addresses up, and back`(
        _ manager: NetworkInterface.Manager
    ) async throws {
        let network = FakeNetwork(manager), fake = network.fake
        let before = fake.files.snapshot.filter { $0.key.starts(with: "/etc") }
        let change = try await fake.obeysLaw(Self.fixed)
        #expect(
            change.reason.hasPrefix(
                "10.0.0.5/24, 2001:db8::5/64, via 10.0.0.1, via 2001:db8::1, DNS 10.0.0.1, example.lan: "
                    + "\(Self.path(manager)), create with mode"))
        #expect(try fake.files.list("/run").filter { $0.hasPrefix("propel") }.isEmpty)
        // A check starts no program.
        let commands = fake.commands.log.count
        #expect(try await fake.check(Self.fixed) == .satisfied && fake.commands.log.count == commands)
        try await fake.obeysLaw(Self.fixed.reverted())
        #expect(fake.files.snapshot.filter { $0.key.starts(with: "/etc") } == before)
    }

    @Test(arguments: [
        (NetworkInterface.Manager.netplan, ["netplan apply"]),
        (.networkManager, ["nmcli connection reload", "nmcli connection up id propel-eth0"]),
        (.networkd, ["networkctl reload", "networkctl reconfigure eth0"]),
    ]) func `a change is brought into effect by its program`(
        _ manager: NetworkInterface.Manager, _ commands: [String]
    ) async throws {
        let fake = FakeNetwork(manager).fake
        try await fake.obeysLaw(NetworkInterface("eth0", .dhcp))
        #expect(fake.commands.log == commands)
    }

    @Test(arguments: [
        "network:\n  version: 2\n  ethernets:\n    eth0:\n      addresses: [10.0.0.9/24]\n",
        "network: {ethernets: {lan: {match: {name: e*}, set-name: \"eth0\", gateway4: 10.0.0.1}}}\n",
    ]) func `a file whose addresses netplan adds is named`(_ text: String) async throws {
        let fake = FakeNetwork(.netplan).fake, path: FilePath = "/etc/netplan/50-cloud-init.yaml"
        fake.files.put(path, text, mode: 0o600)
        #expect(try await fake.obeysLaw(Self.fixed).reason.hasSuffix("; \(path) adds its own"))
        #expect(fake.files.text(at: path) == text)
        let note = try #require(fake.machine.followUps.first)
        #expect(note.hasPrefix("\(path) has addresses, routes or name servers for eth0") && note.contains("disabled"))
    }

    @Test(arguments: [
        "network: {ethernets: {eth0: {dhcp4: true}}}\n", "network: {ethernets: {eth01: {addresses: [10.0.0.9/24]}}}\n",
        "# eth0\nnetwork: {ethernets: {eth1: {addresses: [10.0.0.9/24]}}}\n",
    ]) func `a file that adds nothing is not named`(_ text: String) async throws {
        let fake = FakeNetwork(.netplan).fake
        fake.files.put("/etc/netplan/50-cloud-init.yaml", text, mode: 0o600)
        #expect(try await !fake.obeysLaw(Self.fixed).reason.contains("adds its own"))
        #expect(fake.machine.followUps.isEmpty)
    }

    @Test func `lines of others for ifupdown become comments, and come back`() async throws {
        let fake = FakeNetwork(.ifupdown).fake
        fake.files.put("/etc/network/interfaces.d/50-cloud-init", "auto eth0\niface eth0 inet6 auto\n")
        let change = try await fake.obeysLaw(Self.fixed)
        #expect(
            change.reason.hasSuffix(
                "take eth0 out of /etc/network/interfaces; take eth0 out of /etc/network/interfaces.d/50-cloud-init"))
        #expect(
            fake.files.text(at: "/etc/network/interfaces")
                == FakeNetwork.stock.replacing("iface eth0 inet dhcp", with: "#propel eth0: iface eth0 inet dhcp")
                .replacing("    hostname", with: "#propel eth0:     hostname"))
        // It is taken down as it was.
        let shell = try #require(fake.commands.log.first { $0.hasPrefix("sh -c") })
        #expect(shell.hasSuffix("sh /run/propel-interface-eth0 eth0"))
        try fake.operations.require("write /run/.propel-interface-eth0.propel", before: "sh -c")
        try await fake.obeysLaw(Self.fixed.reverted())
        #expect(fake.files.text(at: "/etc/network/interfaces") == FakeNetwork.stock)
        #expect(fake.files.text(at: "/etc/network/interfaces.d/50-cloud-init")?.contains("#") == false)
    }

    @Test func `what ifupdown had is kept until the change is in effect`() async throws {
        let fake = FakeNetwork(.ifupdown).fake
        fake.commands.program("sh", status: 1)
        await #expect(throws: CommandFailure.self) { try await Self.fixed.apply(on: fake.machine) }
        #expect(fake.files.text(at: "/run/propel-interface-eth0") == "iface eth0 inet dhcp\n    hostname web1\n")
        #expect(try await fake.check(Self.fixed).reason == "bring it into effect")
        await #expect(throws: CommandFailure.self) { try await Self.fixed.apply(on: fake.machine) }
        #expect(fake.files.text(at: "/run/propel-interface-eth0") == "iface eth0 inet dhcp\n    hostname web1\n")
    }

    @Test func `an address that is gone is brought up again, unless no cable is in`() async throws {
        let fake = FakeNetwork(.networkd).fake
        try await fake.obeysLaw(Self.fixed)
        fake.files.put("/proc/net/fib_trie", "Local:\n     |-- 127.0.0.1\n        /32 host LOCAL\n")
        #expect(try await fake.check(Self.fixed) == .unmet("bring up 10.0.0.5/24"))
        fake.files.put("/sys/class/net/eth0/carrier", "0\n")
        #expect(try await fake.check(Self.fixed) == .satisfied)
        // It is down, which hides the cable.
        fake.files.put("/sys/class/net/eth0/flags", "0x1002\n")
        #expect(try await fake.check(Self.fixed) == .unmet("bring up 10.0.0.5/24"))
        fake.files.put("/sys/class/net/eth0/flags", "0x1003\n")
        fake.files.put("/sys/class/net/eth0/carrier", "1\n")
        try await fake.obeysLaw(Self.fixed)
    }

    @Test func `an address is not taken from under the connection`() async throws {
        let connection = SSHConnection(client: "10.0.0.9", server: "10.0.0.5", port: 22)
        let fake = FakeNetwork(.networkd, connection: connection).fake
        let moved = NetworkInterface("eth0", .static(["10.0.0.7/24"]))
        for isCheck in [true, false] {
            let failure = await #expect(throws: Failure.self) {
                if isCheck { _ = try await fake.check(moved) } else { try await moved.apply(on: fake.machine) }
            }
            #expect(failure?.message == "eth0 would lose 10.0.0.5, to which this connection goes")
        }
        #expect(fake.files[Self.path(.networkd)] == nil)
        try await fake.obeysLaw(NetworkInterface("eth0", .static(["10.0.0.7/24", "10.0.0.5/24"])))
        // It comes through another interface.
        fake.commands.program("ip", prints: #"[{"ifname":"eth1","addr_info":[{"local":"10.1.0.1"}]}]"#)
        try await fake.obeysLaw(NetworkInterface("eth1", .static(["10.1.0.7/24"])))
    }

    @Test func `an interface that is not there is a failure with those that are`() async throws {
        let fake = FakeNetwork(.networkd).fake
        let failure = await #expect(throws: Failure.self) { try await fake.check(NetworkInterface("eth7", .dhcp)) }
        #expect(failure?.advice == "It has eth0, eth1.")
    }

    @Test func `the manager is the one that has the interface`() throws {
        func manager(_ network: FakeNetwork, _ interface: String = "eth0") throws -> NetworkInterface.Manager {
            try .current(of: interface, on: network.fake.machine)
        }
        for wanted in Self.managers { #expect(try manager(FakeNetwork(wanted)) == wanted) }
        // NetworkManager leaves what /etc/network/interfaces names alone.
        let both = FakeNetwork(.ifupdown)
        both.fake.files.put(directory: "/run/NetworkManager")
        #expect(try manager(both) == .ifupdown)
        #expect(try manager(both, "eth9") == .networkManager)
        #expect(throws: Failure.self) {
            try NetworkInterface.Manager.current(of: "eth0", on: FakeMachine().machine)
        }
    }

    @Test func `the addresses of the kernel are read without a program`() {
        let trie =
            "Main:\n     |-- 10.0.0.0\n        /24 link UNICAST\n     |-- 10.0.0.255\n        /32 link BROADCAST\n"
            + "Local:\n     |-- 10.0.0.5\n        /32 host LOCAL\n"
        let addresses = KernelAddresses(
            trie: trie, ipv6: "20010db8000000000000000000000005 02 40 00 80 eth0\nshort\n")
        #expect(addresses.contains("10.0.0.5") && addresses.contains("2001:db8::5"))
        #expect(!addresses.contains("10.0.0.0") && !addresses.contains("10.0.0.255") && !addresses.contains("::5"))
    }

    static let flawed = [
        NetworkInterface("", .dhcp), NetworkInterface("a/b", .dhcp), NetworkInterface("wlan0", .dhcp),
        NetworkInterface("lo", .dhcp), NetworkInterface("eth0", .static([])),
        NetworkInterface("eth0", .static(["10.0.0.5"])), NetworkInterface("eth0", .static(["10.0.0.5/33"])),
        NetworkInterface("eth0", .static(["10.0.0.5/24", "10.0.0.5/24"])),
        NetworkInterface("eth0", .static(["10.0.0.5/24\nDNS=6.6.6.6"])),
        NetworkInterface("eth0", .static(["10.0.0.5/24"], gateways: ["10.0.1.1"])),
        NetworkInterface("eth0", .static(["10.0.0.5/24"], gateways: ["10.0.0.1", "10.0.0.2"])),
        NetworkInterface("eth0", .static(["10.0.0.5/24"], gateways: ["gate"])),
        NetworkInterface("eth0", .dhcp, nameservers: ["dns.example.com"]),
        NetworkInterface("eth0", .dhcp, domains: ["a b"]), NetworkInterface("eth0", .dhcp, domains: ["~a"]),
    ]

    @Test(arguments: flawed.indices) func `an invalid declaration is a problem, and writes nothing`(
        _ index: Int
    ) async throws {
        let fake = FakeNetwork(.networkd).fake
        #expect(Self.flawed[index].problems.count == 1)
        await #expect(throws: Failure.self) { try await Self.flawed[index].apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty && fake.commands.log.isEmpty)
    }

    @Test func `a router on the link is a gateway`() {
        #expect(
            NetworkInterface("eth0", .static(["2001:db8::5/64"], gateways: ["fe80::1"])).problems.isEmpty)
    }
}
