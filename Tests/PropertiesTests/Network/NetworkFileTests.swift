import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct NetworkFileTests {
    private let fake = FakeMachine()
    private static let text = "network:\n  bridges:\n    br0: {interfaces: [eth0], dhcp4: true}\n"
    private let bridge = NetworkFile(.netplan, "50-bridge", text: Self.text)
    private static let path: FilePath = "/etc/netplan/50-bridge.yaml"

    init() {
        fake.files.put(directory: "/etc/netplan")
        fake.files.put(directory: "/etc/systemd")
        fake.files.put(directory: "/run")
        for program in ["/usr/sbin/netplan", "/usr/bin/nmcli", "/usr/bin/networkctl", "/usr/sbin/ifup"] {
            fake.files.put(FilePath(program), "", mode: 0o755)
        }
        for program in ["netplan", "nmcli", "networkctl"] { fake.commands.program(program) }
    }

    @Test func `a file of netplan takes effect at once, and goes again`() async throws {
        let before = fake.files.snapshot
        try await fake.obeysLaw(bridge)
        #expect(fake.files.text(at: Self.path) == Self.text && fake.files[Self.path]?.status.mode == 0o600)
        #expect(fake.commands.log == ["netplan apply"])
        let marker = "/run/propel-network-"
        try fake.operations.require(order: [
            "replace \(marker)", "replace \(Self.path)", "netplan apply", "remove \(marker)",
        ])
        try await fake.obeysLaw(bridge.reverted())
        #expect(fake.files.snapshot == before && fake.commands.log == ["netplan apply", "netplan apply"])
    }

    @Test(arguments: [
        (NetworkFile(.networkd, "10-lan.link", "[Match]\n"), "/etc/systemd/network/10-lan.link", "networkctl reload"),
        (
            NetworkFile(.networkManager, "lan", "[connection]\n"),
            "/etc/NetworkManager/system-connections/lan.nmconnection", "nmcli connection reload"
        ),
    ]) func `the others have files and commands too`(
        _ property: NetworkFile, _ path: String, _ command: String
    ) async throws {
        fake.files.put(directory: "/etc/NetworkManager/system-connections")
        try await fake.obeysLaw(property)
        #expect(fake.files[FilePath(path)] != nil && fake.commands.log == [command])
    }

    @Test func `ifup must accept a file of ifupdown`() async throws {
        fake.files.put("/etc/network/interfaces", "auto lo\n")
        fake.files.put(directory: "/etc/network/interfaces.d")
        fake.commands.program("sh")
        fake.commands.program("ifup")
        let whole = NetworkFile(.ifupdown, "interfaces", "auto lo\niface lo inet loopback\n")
        let before = fake.files.snapshot
        try await fake.obeysLaw(whole)
        #expect(fake.files.text(at: "/etc/network/interfaces")?.contains("iface lo") == true)
        #expect(fake.commands.log.first?.hasPrefix("ifup --no-act --all --interfaces /etc/network/") == true)
        let last = try #require(fake.commands.log.last)
        #expect(last.contains("ifreload -a") && fake.commands.log.count == 2)
        try await fake.obeysLaw(whole.reverted())
        #expect(fake.files.snapshot == before)
        fake.commands.program("ifup", status: 1, errors: "ifup: couldn't read interfaces file\n")
        let part = NetworkFile(.ifupdown, "50-bridge", "iface br0 inet dhcpp\n")
        await #expect(throws: CommandFailure.self) { try await part.apply(on: fake.machine) }
        #expect(fake.files["/etc/network/interfaces.d/50-bridge"] == nil)
        try fake.files.remove("/usr/sbin/ifup")
        #expect(try await fake.check(part) == .unknown(until: "/usr/sbin/ifup is installed"))
    }

    @Test func `a change that was not brought into effect is, by the next run`() async throws {
        fake.commands.program("netplan", status: 1, errors: "Invalid YAML\n")
        await #expect(throws: CommandFailure.self) { try await bridge.apply(on: fake.machine) }
        fake.commands.program("netplan")
        #expect(try await fake.obeysLaw(bridge).reason == "bring it into effect")
    }

    @Test func `it can cut people off, and goes back with its command`() async throws {
        #expect(try await bridge.isGuarded(on: fake.machine))
        let restoration = try await bridge.restoration(on: fake.machine)
        #expect(restoration.reloads.map(\.description) == ["netplan apply"])
        #expect(restoration.paths == ["/run/propel-network-netplan-50-bridge"])
    }

    @Test func `the program may still come`() async throws {
        try fake.files.remove("/usr/sbin/netplan")
        #expect(try await fake.check(bridge) == .unknown(until: "/usr/sbin/netplan is installed"))
    }

    @Test func `a file of networkd with a secret is for it alone`() async throws {
        fake.files.put("/etc/group", "root:x:0:\nsystemd-network:x:998:\n")
        let fake = fake.run(
            with: Secrets(versions: ["key": "1"]) { _ in ["key": try SecretBytes(copying: Array("canary".utf8))] })
        try await fake.obeysLaw(
            NetworkFile(.networkd, "wg0.netdev", "[WireGuard]\nPrivateKey=\(Secret("key"))\n"))
        let file = fake.files["/etc/systemd/network/wg0.netdev"]
        #expect(file?.status.mode == 0o640 && file?.status.owner.group == 998)
    }

    @Test(arguments: [
        NetworkFile(.netplan, "", "x"), NetworkFile(.netplan, "a/b", "x"), NetworkFile(.netplan, ".a", "x"),
        NetworkFile(.networkd, "lan", "x"), NetworkFile(.netplan, "a", ""),
    ]) func `an invalid declaration is a problem and writes nothing`(_ property: NetworkFile) async throws {
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty && fake.commands.log.isEmpty)
    }
}
