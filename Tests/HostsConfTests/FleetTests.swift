import Propel
import Testing

@testable import HostsConf

/// The hosts of the file as roles see them.
@Suite struct FleetTests {
    private let conf: HostsConf

    init() throws {
        conf = try parse(
            """
            ["db1.example.com"]
            role = "open"
            address = "192.0.2.7"
            port = 2222
            user = "anna"
            host-keys = "\(ed25519) root@db1"
            tag = "v1"
            tags = { shop = "v2" }
            x = "value"

            [web1]
            role = "demo"

            ["demo.sandbox"]
            role = "demo"
            sandbox = true
            """)
    }

    private func fleet(of name: String) throws -> FleetHosts { conf.fleet(for: try conf.host(named: name)) }

    @Test func `a host has its address, its public keys and the keys of its role`() throws {
        let database = FleetHost(
            "db1.example.com", role: "open", address: "192.0.2.7", port: 2222, hostKeys: [ed25519], tag: "v1",
            tags: ["shop": "v2"], keys: ["x": "value"])
        #expect(try fleet(of: "web1")["db1.example.com"] == database)
        #expect(try fleet(of: "db1.example.com")["web1"] == FleetHost("web1", role: "demo"))
        #expect(try fleet(of: "web1")["web1"].address == "web1")
    }

    @Test func `a machine sees no sandbox, and a sandbox sees all`() throws {
        #expect(try fleet(of: "web1").hosts.map(\.name) == ["db1.example.com", "web1"])
        #expect(try fleet(of: "web1").hosts(role: "demo").map(\.name) == ["web1"])
        #expect(try fleet(of: "demo.sandbox").hosts.map(\.name) == ["db1.example.com", "web1", "demo.sandbox"])
        let unknown = #expect(throws: FleetHosts.Unknown.self) { try fleet(of: "web1")["demo.sandbox"] }
        let explanation = conf.explanation(of: try #require(unknown))
        #expect(explanation.hasPrefix("the host “demo.sandbox” at Sources/HostsConfTests/FleetTests.swift:"))
        #expect(explanation.hasSuffix(" is a sandbox: only sandboxes see it"))
    }

    @Test func `the entry itself is seen as it is given`() throws {
        var machine = try conf.host(named: "web1")
        machine.entry.tag = "v3"
        #expect(try conf.fleet(for: machine)["web1"].tag == "v3")
        #expect(try fleet(of: "db1.example.com")["web1"].tag == nil)
    }

    @Test func `a role without hosts has none, and an unknown one is explained`() throws {
        let fleet = try fleet(of: "web1")
        #expect(try fleet.hosts(role: "production").isEmpty)
        let unknown = #expect(throws: FleetHosts.Unknown.self) { try fleet.hosts(role: "producton") }
        #expect(conf.explanation(of: try #require(unknown)).hasSuffix(": did you mean “production”?"))
        let far = #expect(throws: FleetHosts.Unknown.self) { try fleet["mail"] }
        #expect(conf.explanation(of: try #require(far)).hasSuffix(": the hosts are db1.example.com, web1"))
    }
}
