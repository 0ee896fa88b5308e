import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct FirewallLockOutTests {
    private func fake(_ client: String? = "203.0.113.5", port: UInt16 = 22) -> FakeMachine {
        let fake = FakeMachine(
            connection: client.map { SSHConnection(client: $0, server: "192.0.2.1", port: port) })
        FakeNft(fake)
        fake.commands.program("ip", prints: "[{\"dst\":\"203.0.113.5\",\"dev\":\"eth0\",\"prefsrc\":\"192.0.2.1\"}]")
        return fake
    }

    static let refused: [[Firewall.Rule]] = [
        [.deny(22)], [.deny(), .allow(22)], [.allow(22, from: "10.0.0.0/8")],
        [.deny(from: "203.0.113.0/24"), .allow(22)], [.reject(22, from: "0.0.0.0/0"), .allow(22)],
        [.allow(22, on: "wg0")], [.deny(on: "eth*"), .allow(22)], [.allow(22, from: "::/0")],
        [.allow(22, to: "198.51.100.1")], [.allow(22, transport: .udp), .deny(.range(1...100))],
    ]

    @Test(arguments: refused)
    func `rules that lock the deployer out are refused before they are loaded`(_ rules: [Firewall.Rule]) async throws {
        let fake = fake(), before = fake.files.snapshot, table = Firewall(rules).table
        let failure = await #expect(throws: Failure.self) { try await fake.check(table) }
        #expect(failure?.message.contains("from 203.0.113.5 to port 22/tcp") == true)
        #expect(failure?.advice?.contains(".allow(22, from: \"203.0.113.5\")") == true)
        await #expect(throws: Failure.self) { try await table.apply(on: fake.machine) }
        #expect(fake.files.snapshot == before)
    }

    static let accepted: [[Firewall.Rule]] = [
        [], [.allow(80)], [.allow(22, from: "203.0.113.0/24"), .deny(22)], [.limit(22)],
        [.deny(from: "203.0.113.6"), .allow(22)], [.allow(22, on: "eth*")], [.allow(22, on: "eth0")],
        [.deny(on: "wg0"), .allow(22)], [.deny(22, transport: .udp)], [.allow()],
        [.deny(22, direction: .forwarded), .deny(22, direction: .outgoing)], [.deny(from: "::/0"), .allow(22)],
    ]

    @Test(arguments: accepted)
    func `rules that let the deployer in are loaded`(_ rules: [Firewall.Rule]) async throws {
        try await fake().obeysLaw(Firewall(rules).table)
    }

    @Test func `what no rule matches is let in where that is the policy`() async throws {
        let rules: [Firewall.Rule] = [.deny(80), .allow(22, from: "10.0.0.0/8")]
        try await fake().obeysLaw(Firewall(rules, incoming: .allow).table)
        await #expect(throws: Failure.self) { try await fake().check(Firewall(rules).table) }
    }

    @Test func `the port of the present connection decides`() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await fake(port: 2222).check(Firewall(.allow(22)).table)
        }
        #expect(failure?.message.contains("to port 2222/tcp: no rule allows it") == true)
        try await fake(port: 2222).obeysLaw(Firewall(.allow(2222)).table)
        try await fake("2001:db8::5").obeysLaw(Firewall(.allow(22, from: "2001:db8::/32")).table)
        await #expect(throws: Failure.self) {
            try await fake("2001:db8::5").check(Firewall(.allow(22, from: "0.0.0.0/0")).table)
        }
    }

    @Test func `without ssh the port of ssh must be open to somebody`() async throws {
        try await fake(nil).obeysLaw(Firewall(.deny(from: "203.0.113.0/24"), .allow(22, from: "10.0.0.0/8")).table)
        await #expect(throws: Failure.self) { try await fake(nil).check(Firewall(.deny(22)).table) }
        try await fake(nil).obeysLaw(Firewall(.deny(on: "eth0"), .allow(22, on: "wg0")).table)
    }

    @Test func `an interface that cannot be told counts for no rule that allows`() async throws {
        let fake = fake()
        fake.commands.program("ip", status: 2)
        await #expect(throws: Failure.self) { try await fake.check(Firewall(.allow(22, on: "eth0")).table) }
        await #expect(throws: Failure.self) { try await fake.check(Firewall(.deny(on: "wg0"), .allow(22)).table) }
        try await fake.obeysLaw(Firewall(.allow(22)).table)
    }

    @Test func `rules that are loaded already are no reason to refuse a deployer from elsewhere`() async throws {
        let fake = fake(), table = Firewall(.allow(22, from: "203.0.113.5")).table
        try await fake.obeysLaw(table)
        let other = FakeMachine(connection: SSHConnection(client: "198.51.100.9", server: "192.0.2.1", port: 22))
        let nft = FakeNft(other)
        for path in ["/etc/propel/firewall.nft", "/var/lib/propel/firewall.json"] as [FilePath] {
            other.files.put(path, bytes: fake.files[path]?.bytes ?? [])
        }
        nft.rules = fake.files.text(at: "/etc/propel/firewall.nft")
        #expect(try await other.check(table) == .satisfied)
    }
}
