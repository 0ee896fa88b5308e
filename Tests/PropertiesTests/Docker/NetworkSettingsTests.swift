import Propel
import Testing

@testable import Properties

@Suite struct NetworkSettingsTests {
    private let plain = NetworkSettings(driver: .bridge, isInternal: false, subnets: [], hasIPv6: false, options: [:])

    @Test func `a plain bridge has no arguments, and may be any network`() throws {
        #expect(plain.arguments.isEmpty && plain.creation == "create it")
        #expect(plain.claims(of: "network web").count == 1)
        try plain.require(of: FoundNetwork(docker: ["Driver": "macvlan", "Internal": true]), "network web", "Docker")
    }

    @Test func `both programs get the same arguments`() {
        var settings = plain
        settings.driver = .macvlan(parent: "eth0")
        settings.subnets = [Subnet("192.0.2.0/24", gateway: "192.0.2.1")]
        settings.options = ["mtu": "1400"]
        settings.labels = ["a": "b"]
        #expect(
            settings.creation == "create it with --driver macvlan --subnet 192.0.2.0/24 --gateway 192.0.2.1 "
                + "--opt mtu=1400 --opt parent=eth0 --label a=b")
    }

    @Test func `each difference is named`() throws {
        var settings = plain
        settings.isInternal = true
        settings.subnets = [Subnet("192.0.2.0/24", gateway: "192.0.2.1", range: "192.0.2.128/25")]
        settings.labels = ["place": "office"]
        let found = FoundNetwork(
            docker: [
                "Driver": "macvlan", "EnableIPv6": true,
                "IPAM": ["Config": [["Subnet": "192.0.2.0/24", "Gateway": "192.0.2.9"]]],
            ])
        let failure = #expect(throws: Failure.self) { try settings.require(of: found, "network web", "Docker") }
        #expect(
            failure?.message == "the network web has other settings than are declared: driver macvlan, and not bridge; "
                + "internal false, and not true; IPv6 true, and not false; label place unset, and not office; "
                + "gateway 192.0.2.9, and not 192.0.2.1; range unset, and not 192.0.2.128/25")
    }

    @Test func `a subnet that podman adds for IPv6 is no difference`() throws {
        var settings = plain
        settings.hasIPv6 = true
        settings.subnets = [Subnet("192.0.2.0/24", range: "192.0.2.128/25")]
        let json: JSON = [
            "driver": "bridge", "ipv6_enabled": true,
            "subnets": [["subnet": "fd00:1::/64"], ["subnet": "192.0.2.0/24"]],
        ]
        try settings.require(of: FoundNetwork(podman: json, for: settings), "network web", "Podman")
        settings.subnets.append("fd00:2::/64")
        let found = FoundNetwork(podman: json, for: settings)
        #expect(throws: Failure.self) { try settings.require(of: found, "network web", "Podman") }
    }
}
