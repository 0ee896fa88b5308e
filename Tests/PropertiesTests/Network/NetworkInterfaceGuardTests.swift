import PropelTesting
import Testing

@testable import Properties

@Suite struct NetworkInterfaceGuardTests {
    @Test(arguments: [
        (NetworkInterface.Manager.netplan, ["netplan apply"]),
        (.networkManager, ["nmcli connection reload", "nmcli device connect eth0"]),
        (.networkd, ["networkctl reload", "networkctl reconfigure eth0"]),
    ]) func `the program of the machine takes the former addresses again`(
        _ manager: NetworkInterface.Manager, _ commands: [String]
    ) async throws {
        let fake = FakeNetwork(manager).fake, interface = NetworkInterfaceTests.fixed
        #expect(try await interface.isGuarded(on: fake.machine))
        let restoration = try await interface.restoration(on: fake.machine)
        #expect(restoration.reloads.map(\.description) == commands)
        #expect(restoration.paths == ["/run/propel-interface-eth0"] && restoration.commands.isEmpty)
    }

    @Test func `ifupdown takes the interface down as it is declared, and up as it was`() async throws {
        let fake = FakeNetwork(.ifupdown).fake
        let reload = try #require(
            try await NetworkInterface("eth0", .dhcp).restoration(on: fake.machine).reloads.first)
        #expect(reload.program == "sh" && reload.arguments.suffix(3).first == "/run/propel-interface-eth0")
        #expect(
            reload.arguments.suffix(2) == [
                "# Kept by Propel: changes are overwritten.\nauto eth0\niface eth0 inet dhcp\n", "eth0",
            ])
    }
}
