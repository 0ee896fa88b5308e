import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct FirewallTests {
    private let fake = FakeMachine(
        connection: SSHConnection(client: "203.0.113.5", server: "192.0.2.1", port: 22))
    private let nft: FakeNft

    init() {
        fake.files.put(directory: "/etc/systemd/system")
        fake.files.put("/var/lib/dpkg/status", "Package: nftables\nStatus: install ok installed\nVersion: 1\n")
        fake.commands.program("systemd-analyze")
        nft = FakeNft(fake)
        _ = FakeSystemd(
            fake, [FirewallUnit.name: FakeSystemd.Unit(), "nftables.service": FakeSystemd.Unit()])
    }

    private func table(_ rules: Firewall.Rule...) -> FirewallTable { Firewall(rules).table }

    @Test func `the rules are in the kernel now and at boot, and go again`() async throws {
        let firewall = table(.allow(80, 443))
        let change = try await fake.obeysLaw(firewall)
        #expect(change.reason == "create with mode 0644, owner root:root")
        #expect(change.diff?.text.contains("+\t\ttcp dport { 80, 443 } accept") == true)
        #expect(nft.rules == fake.files.text(at: "/etc/propel/firewall.nft"))
        #expect(
            fake.commands.log.map { $0.replacing(" /etc/propel/.firewall.nft.propel", with: " CANDIDATE") } == [
                "/usr/sbin/nft --check --file CANDIDATE",
                "/usr/sbin/nft --file /etc/propel/firewall.nft",
                "/usr/sbin/nft --numeric --stateless --terse list table inet propel",
                "/usr/sbin/nft --numeric --stateless --terse list table inet propel",
            ])
        try await fake.obeysLaw(firewall.reverted())
        #expect(nft.rules == nil)
        #expect(fake.files["/etc/propel"] == nil && fake.files["/var/lib/propel/firewall.json"] == nil)
    }

    /// Of rules without file and record nobody knows, and they would stay in the kernel until the next boot.
    @Test func `the rules leave the kernel before their file and their record go`() async throws {
        let firewall = table(.allow(80))
        try await fake.obeysLaw(firewall)
        fake.operations.clear()
        try await firewall.revert(on: fake.machine)
        for path in ["/etc/propel/firewall.nft", "/var/lib/propel/firewall.json"] {
            try fake.operations.require("/usr/sbin/nft --file -", before: "remove \(path)")
        }
    }

    @Test func `rules that stay in the kernel keep their file and their record`() async throws {
        let firewall = table(.allow(80))
        try await fake.obeysLaw(firewall)
        let before = fake.files.snapshot
        fake.commands.program("/usr/sbin/nft", status: 1, errors: "Error: Operation not permitted\n")
        await #expect(throws: CommandFailure.self) { try await firewall.revert(on: fake.machine) }
        #expect(fake.files.snapshot == before && fake.files["/var/lib/propel/firewall.json"] != nil)
        #expect(try await fake.check(firewall.reverted()) != .satisfied)
    }

    @Test func `a whole host converges, and its second run asks nft once`() async throws {
        let host = Host("x", runs: Debian.self) { Firewall(.allow(80)) }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && run[.skipped] == 0 && run[.changed] == 4)
        let count = fake.commands.log.count
        fake.machine.forgetFacts()
        let second = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(second[.ok] == 5)
        #expect(fake.commands.log[count...].filter { !$0.hasPrefix("systemctl show") }.count == 1)
    }

    @Test func `drift in the kernel is seen`() async throws {
        let firewall = table(.allow(80))
        try await fake.obeysLaw(firewall)
        nft.rules = nil
        #expect(try await fake.obeysLaw(firewall).reason == "load the rules: the kernel has none of them")
        nft.rules? += "added by hand\n"
        #expect(try await fake.obeysLaw(firewall).reason == "load the rules: those in the kernel are different")
        fake.files.put("/etc/propel/firewall.nft", "edited\n")
        #expect(try await fake.obeysLaw(firewall).reason == "other content")
        try fake.files.remove("/var/lib/propel/firewall.json")
        #expect(try await fake.obeysLaw(firewall).reason == "load the rules")
    }

    @Test func `rules that nft does not accept are not put in place`() async throws {
        await #expect(throws: CommandFailure.self) {
            try await table(.allow(80, comment: "refused")).apply(on: fake.machine)
        }
        #expect(fake.files["/etc/propel/firewall.nft"] == nil && nft.rules == nil)
    }

    @Test func `another firewall is refused`() async throws {
        fake.files.put("/etc/ufw/ufw.conf", "# ufw\nENABLED=yes\n")
        #expect(try await fake.check(table(.allow(80))).reason != nil, "its package was removed")
        fake.files.put("/usr/sbin/ufw", "")
        await #expect(throws: Failure.self) { try await fake.check(table(.allow(80))) }
        fake.files.put("/etc/ufw/ufw.conf", "ENABLED=no\n")
        try await fake.obeysLaw(table(.allow(80)))
        fake.files.put("/usr/sbin/firewalld", "")
        fake.files.put(
            "/etc/systemd/system/multi-user.target.wants/firewalld.service", linkTo: "/lib/firewalld.service")
        await #expect(throws: Failure.self) { try await fake.check(table(.allow(80))) }
    }

    static let invalid: [Firewall.Rule] = [
        .allow(0), .allow(80, from: "10.0.0.0/33"), .allow(80, from: "example.com"),
        .allow(80, on: "eth0; drop"), .allow(80, on: ""), .allow(80, on: "an-interface-name"),
        .allow(80, comment: "a \"quoted\" word"), .allow(80, comment: "two\nlines"), .limit(22, perMinute: 0),
        .allow(80, from: "10.0.0.1", to: "2001:db8::1"), .allow(80, transport: .number(47)),
        .masquerade(from: [], on: "eth0"), .masquerade(from: "10.0.0.0/8", on: "eth0 accept"),
        .deny(from: ["10.0.0.1", "10.0.0.1 accept"]), .allow(80, from: Firewall.Addresses([String]())),
        .allow(80, to: Firewall.Addresses([String]())),
    ]

    @Test(arguments: invalid)
    func `an invalid rule is refused and writes nothing`(_ rule: Firewall.Rule) async throws {
        let firewall = table(rule)
        #expect(firewall.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(firewall) }
        await #expect(throws: Failure.self) { try await firewall.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `two firewalls conflict, and its absence with it`() {
        let host = Host("x", runs: Debian.self) {
            Firewall(.allow(80))
            Firewall(.allow(443))
        }
        #expect(host.conflicts.map(\.subject) == ["the firewall", "the path /etc/propel/firewall.nft"])
        let absence = Host("x", runs: Debian.self) {
            Firewall(.allow(80))
            Firewall.Absent()
        }
        #expect(absence.conflicts.map(\.subject).contains("the firewall"))
    }

    @Test(arguments: Fault.allCases)
    func `the next run finishes what was cut`(_ fault: Fault) async throws {
        try await FakeMachine.verify(table(.allow(80)), survives: fault) {
            let fake = FakeMachine()
            FakeNft(fake)
            fake.files.put("/etc/propel/firewall.nft", "table inet propel {}\n")
            return fake
        }
    }
}
