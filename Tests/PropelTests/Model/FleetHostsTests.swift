import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

@Suite(.recorded) struct FleetHostsTests {
    private static let hosts = [
        FleetHost("db1.example.com", role: "db", address: "192.0.2.7", keys: ["vpn": "10.8.0.7", "size": 3]),
        FleetHost("web1", role: "web"), FleetHost("db2.example.com", role: "db", address: "2001:db8::7"),
    ]
    private let fake = FakeMachine()

    /// The roles of a fleet whose host web1 has the words of `body` for its state.
    private func fleet(_ body: @escaping @Sendable (HostEntry) throws -> String) -> Fleet {
        Fleet(
            Role("web", runs: Debian.self) { host in
                Flag("peers", claims: [Claim("the peers", is: try body(host))])
            },
            Role("db", runs: Debian.self) { _ in }, Role("mail", runs: Debian.self) { _ in })
    }

    private func host(_ fleet: Fleet, _ hosts: [FleetHost] = Self.hosts) throws -> Host {
        let seen = FleetHosts(hosts, roles: Set(fleet.roles.map(\.name)))
        return try #require(fleet.role(named: "web")).host(for: HostEntry(name: "web1", role: "web", fleet: seen))
    }

    private func state(_ host: Host) -> String? { host.steps.first?.claims.first?.state }

    /// A question of a role about the fleet, by its number in `answers`.
    private static func ask(_ question: Int, _ host: HostEntry) throws -> String {
        switch question {
        case 0: return try host.fleet["db1.example.com"].address
        case 1: return try host.fleet["web1"].address
        case 2: return try host.fleet[host.name].role
        case 3: return try host.fleet.hosts(role: "db").map { $0.endpoint(5432) }.joined(separator: " ")
        case 4:
            let databases = try host.fleet.hosts(role: "db"), web = try host.fleet["web1"]
            return "\(databases.count) \(web.name)"
        case 5: return "\(host.fleet.hosts.count)"
        case 6: return try host.fleet.hosts(role: "mail").map(\.name).joined()
        default: return host.name
        }
    }

    /// For each question the hosts that are read by it, and the answer.
    static let answers: [(hosts: [String], answer: String)] = [
        (["db1.example.com"], "192.0.2.7"), (["web1"], "web1"), (["web1"], "web"),
        (["db1.example.com", "db2.example.com"], "192.0.2.7:5432 [2001:db8::7]:5432"),
        (["db1.example.com", "web1", "db2.example.com"], "2 web1"),
        (["db1.example.com", "web1", "db2.example.com"], "3"), ([], ""), ([], "web1"),
    ]

    @Test(arguments: answers.indices)
    func `the machine is told of what the role has read, and sees the same`(_ question: Int) async throws {
        let (names, answer) = Self.answers[question]
        let fleet = fleet { try Self.ask(question, $0) }, host = try host(fleet)
        #expect(state(host) == answer)
        #expect(host.fleetHosts.map(\.name) == names)
        let line = Request(
            entry: HostEntry(name: "web1", role: "web"), fleet: host.fleetHosts, deployer: "anna",
            stepHashes: host.stepHashes
        ).json.description
        let there = try await fleet.host(for: Request(JSON(parsing: line)), on: fake.machine)
        #expect(state(there) == answer)
        #expect(there.fleetHosts == host.fleetHosts)
    }

    @Test func `a changed entry changes the host that reads it`() throws {
        var hosts = Self.hosts
        hosts[0].address = "192.0.2.8"
        let reader = fleet { try $0.fleet["db1.example.com"].address }, other = fleet { try $0.fleet["web1"].address }
        #expect(try host(reader).stepHashes != host(reader, hosts).stepHashes)
        #expect(try host(other).stepHashes == host(other, hosts).stepHashes)
    }

    @Test func `an unknown host is an error with its place`() throws {
        let fleet = fleet { try $0.fleet["db3.example.com"].address }
        let error = #expect(throws: FleetHosts.Unknown.self) { try host(fleet) }
        #expect(error?.kind == .host && error?.name == "db3.example.com")
        #expect(error?.known == Self.hosts.map(\.name))
        #expect(error?.place.fileID == "PropelTests/FleetHostsTests.swift")
        #expect(error?.description.hasSuffix(": the hosts are db1.example.com, web1, db2.example.com") == true)
        let empty = #expect(throws: FleetHosts.Unknown.self) { try host(fleet, []) }
        #expect(empty?.description.hasSuffix(": the fleet has no hosts") == true)
    }

    @Test func `an unknown role is an error, and one that no host has is not`() throws {
        let error = #expect(throws: FleetHosts.Unknown.self) {
            try host(fleet { "\(try $0.fleet.hosts(role: "bd").count)" })
        }
        #expect(error?.kind == .role && error?.known == ["db", "mail", "web"])
        // Roles that are not in the request are those of the enforcer.
        #expect(throws: Never.self) { try host(fleet { "\(try $0.fleet.hosts(role: "mail").count)" }) }
    }

    @Test func `the fleet is no part of an entry`() {
        let entry = HostEntry(name: "a", role: "b")
        #expect(HostEntry(name: "a", role: "b", fleet: FleetHosts(Self.hosts)) == entry)
        #expect(entry.fleet.hosts.isEmpty)
    }

    @Test func `values are read by their types, and errors name the host`() throws {
        let database = Self.hosts[0]
        #expect(try database.string("vpn") == "10.8.0.7" && database.integer("size") == 3)
        #expect(database["vpn"] == "10.8.0.7" && database["mtu"] == nil)
        #expect(try database.required("vpn") == "10.8.0.7")
        let missing = #expect(throws: Failure.self) { try database.required("mtu") }
        #expect(missing?.message == "db1.example.com has no mtu")
        #expect(missing?.advice == "Add mtu = \"…\" to its entry in hosts.conf.")
        let invalid = #expect(throws: Failure.self) { try database.string("size") }
        #expect(invalid?.message == "invalid value 3 for size of db1.example.com: use a string")
    }

    @Test func `a tag of a stack is its own, or that of its host`() {
        let host = FleetHost("a", role: "b", tag: "v1", tags: ["shop": "v2"])
        #expect(host.tag(of: "shop") == "v2" && host.tag(of: "wiki") == "v1")
    }
}
