import PropelTesting
import Properties
import Testing

@Suite struct FleetExampleTests {
    private static let keys = [
        "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ]
    private static let ed25519 =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0"

    @Test func `a role writes the address of another host`() async throws {
        func site(database address: String) throws -> Host {
            let fleet: FleetHosts = [FleetHost("db1.example.com", role: "database", address: address)]
            return try fleetOfSites.host(for: HostEntry(name: "web1", role: "site", fleet: fleet))
        }
        let fake = FakeMachine()
        fake.files.put(directory: "/etc")
        let before = try site(database: "192.0.2.7"), after = try site(database: "192.0.2.8")
        #expect(await Engine(host: before, machine: fake.machine) { _ in }.enforce().counts == [.changed: 1])
        #expect(fake.files.text(at: "/etc/app.conf") == "database = 192.0.2.7:5432\n")
        #expect(await Engine(host: before, machine: fake.machine) { _ in }.plan().counts == [.ok: 1])
        // The entry of the database has another address.
        #expect(await Engine(host: after, machine: fake.machine) { _ in }.plan().counts == [.wouldChange: 1])
        #expect(await Engine(host: after, machine: fake.machine) { _ in }.enforce().counts == [.changed: 1])
        #expect(fake.files.text(at: "/etc/app.conf") == "database = 192.0.2.8:5432\n")
    }

    @Test func `a database lets the web servers in, and knows their names and keys`() throws {
        func database(_ web: [FleetHost]) throws -> Host {
            let own = FleetHost("db1", role: "database", hostKeys: [Self.ed25519])
            let fleet = FleetHosts([own] + web, roles: ["web"])
            return try fleetOfDatabases.host(for: HostEntry(name: "db1", role: "database", fleet: fleet))
        }
        let web = FleetHost("web1", role: "web", address: "192.0.2.10", port: 2222, hostKeys: [Self.ed25519])
        let host = try database([web]), lonely = try database([])
        #expect(host.problems.isEmpty && host.conflicts.isEmpty, "\(host.problems) \(host.conflicts)")
        let names = host.steps.map(\.property.name)
        #expect(names.contains("192.0.2.10 web1 in /etc/hosts"))
        #expect(names.contains("known host [web1]:2222"))
        func firewall(_ host: Host) -> String {
            host.steps.flatMap(\.claims).filter { $0.subject == "the firewall" }.map(\.state).joined()
        }
        #expect(firewall(host) != firewall(lonely))
        #expect(lonely.problems.isEmpty)
    }

    @Test func `peers are the others, and one without its key is an error that names it`() throws {
        func peer(_ index: Int, key: String?) -> FleetHost {
            var keys: [String: JSON] = ["vpn-address": .string("10.8.0.\(index)")]
            keys["vpn-key"] = key.map(JSON.string)
            return FleetHost("vpn\(index)", role: "vpn", address: "192.0.2.\(index)", keys: keys)
        }
        func host(key: String?) throws -> Host {
            let peers = [peer(1, key: Self.keys[0]), peer(2, key: key)]
            return try fleetOfPeers.host(
                for: HostEntry(name: "vpn1", role: "vpn", keys: peers[0].keys, fleet: FleetHosts(peers)))
        }
        #expect(try host(key: Self.keys[1]).problems.isEmpty)
        let failure = #expect(throws: Failure.self) { try host(key: nil) }
        #expect(failure?.message == "vpn2 has no vpn-key")
    }
}
