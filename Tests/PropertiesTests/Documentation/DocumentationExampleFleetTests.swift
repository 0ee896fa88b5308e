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

    @Test func `backups go to another host, which lets in that host alone`() throws {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2bCyLXWiK7Zr8WmYcXQx0sKkqTzK0n9sQmV8WJt3aP root"
        let nas = FleetHost("nas.example.com", role: "nas", address: "192.0.2.5", port: 2222, hostKeys: [Self.ed25519])
        let wiki = FleetHost("wiki1.example.com", role: "wiki", keys: ["backup-key": .string(key)])
        let young = FleetHost("wiki2.example.com", role: "wiki")
        let fleet: FleetHosts = [nas, wiki, young]

        let client = try fleetOfWikis.host(
            for: HostEntry(name: "wiki1.example.com", role: "wiki", keys: wiki.keys, fleet: fleet))
        #expect(client.problems.isEmpty && client.conflicts.isEmpty, "\(client.problems) \(client.conflicts)")
        let names = client.steps.map(\.property.name)
        #expect(names.contains("ssh key id_ed25519 of root") && names.contains("known host [192.0.2.5]:2222"))
        let repository = client.steps.compactMap { $0.property as? File }.first {
            $0.path == "/etc/borg/stacks/repository"
        }
        #expect(repository?.content == "ssh://borg@192.0.2.5:2222/./wiki1.example.com/stacks\n")

        let server = try fleetOfRepositories.host(for: HostEntry(name: "nas.example.com", role: "nas", fleet: fleet))
        #expect(server.problems.isEmpty && server.conflicts.isEmpty, "\(server.problems) \(server.conflicts)")
        let authorized = server.steps.compactMap { $0.property as? AuthorizedKeys }
        #expect(
            authorized.map(\.keys) == [
                [
                    "restrict,command=\"/usr/bin/borg serve --restrict-to-path /srv/borg/wiki1.example.com\" \(key)"
                ]
            ])
        #expect(authorized.allSatisfy { $0.user == "borg" && $0.exclusive })
    }
}
