import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct ResolvedTests {
    private let fake = FakeMachine()
    private let path: FilePath = "/etc/systemd/resolved.conf.d/zz-propel.conf"

    init() { Self.prepare(fake) }

    private static func prepare(_ fake: FakeMachine) {
        fake.files.put("/usr/lib/systemd/systemd-resolved", "")
        fake.files.put(directory: "/etc/systemd")
        _ = FakeSystemd(fake, ["systemd-resolved.service": .init(active: "active", file: "enabled")])
    }

    @Test func `its settings are a drop-in, and a revert restores what was there`() async throws {
        let before = fake.files.snapshot
        let resolved = Resolved(
            servers: "9.9.9.9#dns.quad9.net", "[2620:fe::fe]:53", fallback: [], domains: ["~.", "example.lan"],
            dnssec: .allowDowngrade, dnsOverTLS: .yes, multicastDNS: false, llmnr: false, listens: true)
        try await fake.obeysLaw(resolved)
        #expect(
            fake.files.text(at: path) == """
                [Resolve]
                DNS=
                DNS=9.9.9.9#dns.quad9.net [2620:fe::fe]:53
                FallbackDNS=
                Domains=
                Domains=~. example.lan
                DNSSEC=allow-downgrade
                DNSOverTLS=yes
                MulticastDNS=no
                LLMNR=no
                DNSStubListener=yes

                """)
        try await fake.obeysLaw(resolved.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test(arguments: ["inactive", "failed", nil])
    func `a revert restarts a resolver that has failed, but none that is stopped or removed`(
        _ state: String?
    )
        async throws
    {
        try await fake.obeysLaw(Resolved(servers: "10.0.0.53"))
        _ = FakeSystemd(fake, state.map { ["systemd-resolved.service": .init(active: $0)] } ?? [:])
        fake.machine.forgetFacts()
        try await fake.obeysLaw(Resolved(servers: "10.0.0.53").reverted())
        #expect(fake.files[path] == nil)
        #expect(fake.commands.log.contains { $0.hasPrefix("systemctl restart") } == (state == "failed"))
    }

    @Test func `what is not given is left alone, and a change restarts the resolver`() async throws {
        let host = Host("x", runs: Debian.self) { Resolved(servers: "10.0.0.53") }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.changed] == 2 && run[.failed] == 0)
        #expect(fake.files.text(at: path) == "[Resolve]\nDNS=\nDNS=10.0.0.53\n")
        #expect(fake.commands.log.contains { $0.contains("restart") && $0.contains("systemd-resolved") })
    }

    @Test(arguments: ["../run/systemd/resolve/stub-resolv.conf", "/run/systemd/resolve/stub-resolv.conf"])
    func `a machine that no longer listens for itself asks the servers`(_ destination: String) async throws {
        fake.files.put("/etc/resolv.conf", linkTo: destination)
        let before = fake.files.snapshot
        let resolved = Resolved(listens: false)
        let change = try await fake.obeysLaw(resolved)
        #expect(change.reason.hasSuffix("link /etc/resolv.conf to /run/systemd/resolve/resolv.conf"))
        #expect(
            try fake.machine.files.destination(ofLink: "/etc/resolv.conf") == "/run/systemd/resolve/resolv.conf")
        try await fake.obeysLaw(resolved.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `another resolv.conf stays`() async throws {
        fake.files.put("/etc/resolv.conf", "nameserver 10.0.0.53\n")
        try await fake.obeysLaw(Resolved(listens: false))
        #expect(fake.files.text(at: "/etc/resolv.conf") == "nameserver 10.0.0.53\n")
        fake.files.put("/etc/resolv.conf", linkTo: "/run/systemd/resolve/stub-resolv.conf")
        #expect(try await fake.check(Resolved(servers: "10.0.0.53", listens: true)).reason == "other content")
    }

    @Test func `it waits for the package`() async throws {
        try fake.files.remove("/usr/lib/systemd/systemd-resolved")
        #expect(try await fake.check(Resolved(listens: false)).isUnknown)
    }

    @Test(arguments: [
        "9.9.9.9", "9.9.9.9:53", "2620:fe::fe", "[2620:fe::fe]:53", "[2620:fe::fe]", "10.0.0.1%eth0",
        "10.0.0.1:9953%eth0#dns.example.com",
    ]) func `a server is an address`(_ server: String) {
        #expect(Resolved(servers: server).problems.isEmpty)
    }

    static let invalid: [Resolved] = [
        Resolved(), Resolved(servers: ""), Resolved(servers: "dns.quad9.net"), Resolved(servers: "9.9.9.9 1.1.1.1"),
        Resolved(servers: "9.9.9.9\nDNSSEC=no"),
        Resolved(servers: "9.9.9.9:0"), Resolved(servers: "[2620:fe::fe]53"), Resolved(servers: "9.9.9.9#"),
        Resolved(servers: "9.9.9"), Resolved(fallback: ["x"]), Resolved(domains: ["a b"]),
        Resolved(domains: ["~"]), Resolved(domains: ["a~b"]), Resolved(domains: [""]),
    ]

    @Test(arguments: invalid) func `an invalid setting is refused and writes nothing`(
        _ resolved: Resolved
    ) async throws {
        #expect(resolved.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(resolved) }
        await #expect(throws: Failure.self) { try await resolved.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test(arguments: Fault.allCases)
    func `the next run finishes what was cut`(_ fault: Fault) async throws {
        try await FakeMachine.verify(Resolved(listens: false), survives: fault) {
            let fake = FakeMachine()
            Self.prepare(fake)
            fake.files.put("/etc/resolv.conf", linkTo: "/run/systemd/resolve/stub-resolv.conf")
            return fake
        }
    }
}
