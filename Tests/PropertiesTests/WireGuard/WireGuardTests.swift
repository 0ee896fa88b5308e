import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct WireGuardTests {
    private static let path: FilePath = "/etc/wireguard/wg0.conf"
    private static let privateKey = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
    private static let publicKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
    private static let peerKey = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="
    private static let otherKey = "gN65BkIKy1eCE9pP1wdc8ROUtkHLF2PfAqYdyYBz6EA="

    private let fake = FakeMachine()
    private let inputs = Inputs()

    private final class Inputs: Sendable { let last = Mutex("") }

    init() {
        fake.hasInstalled("wireguard-tools")
        fake.files.put(directory: "/etc/wireguard", mode: 0o700)
        _ = FakeSystemd(fake, ["wg-quick@wg0.service": .init()])
        fake.commands.program("wg") { [inputs] command in
            switch command.arguments[0] {
            case "genkey": return .printing(Self.privateKey + "\n")
            case "pubkey":
                return String(decoding: command.input, as: UTF8.self) == Self.privateKey + "\n"
                    ? .printing(Self.publicKey + "\n") : .failing()
            case "show": return .printing("off\n")
            default:
                inputs.last.withLock { $0 = String(decoding: command.input, as: UTF8.self) }
                return .printing()
            }
        }
        fake.commands.program("wg-quick") { [fake] _ in
            let text = fake.files.text(at: Self.path) ?? ""
            let own = ["Address", "MTU", "PostUp", "#"]
            let kept = text.lines.filter { line in !own.contains { line.hasPrefix($0) } }
            return .printing(kept.joined(separator: "\n"))
        }
        fake.commands.program("ip") { command in
            if command.arguments.contains("address") {
                return .printing(
                    #"[{"addr_info":[{"local":"10.8.0.1","prefixlen":24,"scope":"global"},"#
                        + #"{"local":"fe80::1","prefixlen":64,"scope":"link"}]}]"#)
            }
            guard command.arguments.starts(with: ["-json", "-4", "route"]) else { return .printing() }
            return .printing(
                #"[{"dst":"10.8.0.0/24","protocol":"kernel"},{"dst":"192.168.7.0/24","protocol":"boot"}]"#)
        }
    }

    private func tunnel(_ peers: WireGuard.Peer..., addresses: [String] = ["10.8.0.1/24"]) -> WireGuard {
        WireGuard("wg0", addresses: addresses, port: 51820, peers: peers)
    }

    private func enforce(_ tunnel: WireGuard) async -> RunSummary {
        fake.machine.forgetFacts()
        return await Engine(host: Host("x", runs: Debian.self) { tunnel }, machine: fake.machine) { _ in }.enforce()
    }

    @Test func `a key is made once, and the tunnel runs`() async throws {
        let peer = WireGuard.Peer(Self.peerKey, allowedIPs: ["10.8.0.2/32"])
        let run = await enforce(tunnel(peer))
        #expect(run[.failed] == 0 && run[.skipped] == 0)
        #expect(run.followUps == ["tell the peers of wg0 its public key: \(Self.publicKey)"])
        #expect(fake.files.text(at: "/etc/wireguard/wg0.key") == Self.privateKey + "\n")
        #expect(fake.files["/etc/wireguard/wg0.key"]?.status.mode == 0o600)
        #expect(fake.files.text(at: "/etc/wireguard/wg0.pub") == Self.publicKey + "\n")
        #expect(fake.files[Self.path]?.status.mode == 0o600)
        #expect(
            fake.files.text(at: Self.path) == """
                # Kept by Propel: changes are overwritten.
                [Interface]
                Address = 10.8.0.1/24
                ListenPort = 51820
                PostUp = wg set %i private-key /etc/wireguard/%i.key

                [Peer]
                PublicKey = \(Self.peerKey)
                AllowedIPs = 10.8.0.2/32

                """)
        #expect(!fake.commands.log.contains { $0.contains(Self.privateKey) })
        #expect(await enforce(tunnel(peer))[.ok] == 4)
        #expect(fake.commands.log.count { $0.contains("genkey") } == 1)
    }

    @Test func `a changed peer does not end the connections of other peers`() async throws {
        _ = await enforce(tunnel(.init(Self.peerKey, allowedIPs: ["192.168.7.0/24"])))
        let count = fake.commands.log.count
        let run = await enforce(
            tunnel(
                .init(Self.peerKey, allowedIPs: ["10.8.0.2/32"]),
                .init(
                    Self.otherKey, allowedIPs: ["192.168.8.0/24", "10.8.0.3/32"], endpoint: "[2001:db8::1]:51820",
                    keepalive: .seconds(25))))
        #expect(run[.failed] == 0)
        let log = fake.commands.log[count...]
        #expect(!log.contains { $0.contains("restart") })
        #expect(log.contains("wg syncconf wg0 /dev/stdin"))
        // The networks of the tunnel itself have a route of the kernel.
        #expect(
            log.filter { $0.contains("route replace") || $0.contains("route del") } == [
                "ip -4 route replace 192.168.8.0/24 dev wg0", "ip -4 route del 192.168.7.0/24 dev wg0",
            ])
        let input = inputs.last.withLock { $0 }
        #expect(input.hasPrefix("[Interface]\nPrivateKey = \(Self.privateKey)\n\nListenPort = 51820\n"))
        #expect(input.contains("Endpoint = [2001:db8::1]:51820\nPersistentKeepalive = 25"))
        #expect(!input.contains("Address"))
    }

    /// wg-quick reads there what it has to take down. A tunnel without configuration would stay up.
    @Test func `a tunnel is stopped before its configuration goes`() async throws {
        _ = await enforce(tunnel())
        fake.machine.forgetFacts()
        fake.operations.clear()
        let host = Host("x", runs: Debian.self) { WireGuard.Absent("wg0") }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && run[.skipped] == 0)
        #expect(fake.files[Self.path] == nil && fake.files["/etc/wireguard/wg0.key"] != nil)
        try fake.operations.require("systemctl stop -- wg-quick@wg0.service", before: "remove \(Self.path)")
    }

    @Test func `a tunnel that does not stop keeps its configuration`() async throws {
        _ = await enforce(tunnel())
        fake.machine.forgetFacts()
        let systemd = FakeSystemd(fake, ["wg-quick@wg0.service": .init(active: "active", file: "enabled")])
        fake.commands.program("systemctl") { command in
            command.arguments.first == "stop" ? .failing(1, "Job failed.\n") : systemd.answer(command)
        }
        let host = Host("x", runs: Debian.self) { WireGuard.Absent("wg0") }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 1 && run[.skipped] == 1)
        #expect(fake.files[Self.path] != nil)
    }

    @Test(arguments: [
        (["10.8.0.9/24"], ["10.8.0.2/32"]), (["10.8.0.1/24", "fd00::1/64"], ["10.8.0.2/32"]),
        (["10.8.0.1/24"], ["0.0.0.0/0"]),
    ])
    func `other addresses or a peer for all traffic start the tunnel again`(
        _ addresses: [String], _ allowed: [String]
    ) async throws {
        _ = await enforce(tunnel(.init(Self.peerKey, allowedIPs: [])))
        let count = fake.commands.log.count
        _ = await enforce(tunnel(.init(Self.peerKey, allowedIPs: allowed), addresses: addresses))
        let log = fake.commands.log[count...]
        #expect(log.contains("systemctl restart -- wg-quick@wg0.service"))
        #expect(!log.contains { $0.contains("syncconf") })
    }

    @Test func `a key from the secrets and a key of both are in no argument`() async throws {
        let secrets = Secrets(versions: ["key": "1", "psk": "1"]) { _ in
            [
                "key": try SecretBytes(copying: Array("of key".utf8)),
                "psk": try SecretBytes(copying: Array("of psk".utf8)),
            ]
        }
        let fake = self.fake.run(with: secrets)
        let tunnel = WireGuard(
            "wg0", addresses: ["10.8.0.1/24"], key: .secret(Secret("key")),
            peers: [.init(Self.peerKey, allowedIPs: ["10.8.0.2/32"], presharedKey: Secret("psk"))])
        #expect(tunnel.configuration.secrets.map(\.name) == ["key", "psk"])
        let run = await Engine(host: Host("x", runs: Debian.self) { tunnel }, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0)
        let text = fake.files.text(at: Self.path)
        #expect(text?.contains("PrivateKey = of key\n") == true && text?.contains("PresharedKey = of psk\n") == true)
        #expect(text?.contains("PostUp") == false && fake.files["/etc/wireguard/wg0.key"] == nil)
        #expect(!fake.commands.log.contains { $0.contains("of key") || $0.contains("of psk") })
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o620, 0o610] as [ModeBits])
    func `a file that is no key is not replaced, and open permissions are closed`(_ mode: ModeBits) async throws {
        fake.files.put("/etc/wireguard/wg0.key", "mine\n", mode: 0o600)
        await #expect(throws: Failure.self) { try await fake.check(WireGuardKey(interface: "wg0")) }
        fake.files.put("/etc/wireguard/wg0.key", Self.privateKey + "\n", mode: mode)
        let change = try await fake.obeysLaw(WireGuardKey(interface: "wg0"))
        #expect(change.reason == "mode \(octal(mode)) → 0600; write the public key, /etc/wireguard/wg0.pub")
        #expect(fake.files.text(at: "/etc/wireguard/wg0.key") == Self.privateKey + "\n")
    }

    @Test(arguments: Fault.allCases)
    func `the next run finishes what was cut`(_ fault: Fault) async throws {
        try await FakeMachine.verify(WireGuardKey(interface: "wg0"), survives: fault) { WireGuardTests().fake }
    }

    @Test func `its port is one of the declared ones`() throws {
        let host = Host("x", runs: Debian.self) {
            Firewall(.declaredPorts)
            tunnel()
        }
        let table = try #require(host.steps.compactMap { $0.property as? FirewallTable }.first)
        #expect(table.text(of: table.declared).contains("udp dport 51820 accept"))
    }

    static let invalid: [WireGuard] = [
        WireGuard("wg 0", addresses: [], peers: []), WireGuard("a-long-interface", addresses: [], peers: []),
        WireGuard("wg0", addresses: ["10.8.0.1/40"], peers: []), WireGuard("wg0", addresses: [], port: 0, peers: []),
        WireGuard("wg0", addresses: [], mtu: 100, peers: []),
        WireGuard("wg0", addresses: [], peers: [.init("short", allowedIPs: [])]),
        WireGuard("wg0", addresses: [], peers: [.init(peerKey, allowedIPs: ["10.0.0.0/8\nPostUp = x"])]),
        WireGuard("wg0", addresses: [], peers: [.init(peerKey, allowedIPs: [], endpoint: "vpn.example.com")]),
        WireGuard("wg0", addresses: [], peers: [.init(peerKey, allowedIPs: [], endpoint: "2001:db8::1:51820")]),
        WireGuard("wg0", addresses: [], peers: [.init(peerKey, allowedIPs: [], endpoint: "a\nPostUp = x:1")]),
        WireGuard("wg0", addresses: [], peers: [.init(peerKey, allowedIPs: [], keepalive: .zero)]),
        WireGuard("wg0", addresses: [], peers: [.init(peerKey, allowedIPs: []), .init(peerKey, allowedIPs: [])]),
        WireGuard(
            "wg0", addresses: [],
            peers: [.init(peerKey, allowedIPs: ["10.0.0.0/24"]), .init(otherKey, allowedIPs: ["10.0.0.7/24"])]),
    ]

    @Test(arguments: invalid)
    func `an invalid tunnel is refused and writes nothing`(_ tunnel: WireGuard) async throws {
        #expect(tunnel.configuration.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(tunnel.configuration) }
        await #expect(throws: Failure.self) { try await tunnel.configuration.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }
}
