import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct ResolvConfTests {
    private let fake = FakeMachine()
    private static let path: FilePath = "/etc/resolv.conf"
    private let servers = ResolvConf(
        "10.0.0.1", "2620:fe::fe", search: ["example.lan"], options: ["edns0", "timeout:2"])

    private var text: String? { fake.files.text(at: Self.path) }

    @Test func `the file has the servers and nothing else, and comes back`() async throws {
        fake.files.put(Self.path, "# by DHCP\nnameserver 192.0.2.1\n")
        try await fake.obeysLaw(servers)
        #expect(
            text == "nameserver 10.0.0.1\nnameserver 2620:fe::fe\nsearch example.lan\noptions edns0 timeout:2\n")
        try await fake.obeysLaw(servers.reverted())
        #expect(text == "# by DHCP\nnameserver 192.0.2.1\n")
    }

    @Test func `a link is replaced, and comes back`() async throws {
        fake.files.put(Self.path, linkTo: "../run/systemd/resolve/stub-resolv.conf")
        #expect(
            try await fake.obeysLaw(ResolvConf("9.9.9.9")).reason
                == "replace the link to ../run/systemd/resolve/stub-resolv.conf")
        #expect(text == "nameserver 9.9.9.9\n")
        try await fake.obeysLaw(ResolvConf("9.9.9.9").reverted())
        #expect(fake.files[Self.path]?.destination == "../run/systemd/resolve/stub-resolv.conf")
    }

    @Test(arguments: ["", "nameserver 9.9.9.90\n", "#nameserver 9.9.9.9\n", "nameserver 9.9.9.9\nnameserver 1.1.1.1\n"])
    func `a near miss is replaced`(_ content: String) async throws {
        fake.files.put(Self.path, content)
        try await fake.obeysLaw(ResolvConf("9.9.9.9"))
        #expect(text == "nameserver 9.9.9.9\n")
        #expect(try await fake.check(ResolvConf("9.9.9.9")) == .satisfied)
    }

    @Test(arguments: [
        ResolvConf(), ResolvConf("1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"), ResolvConf("dns.example.com"),
        ResolvConf("1.1.1.1\nnameserver 2"), ResolvConf("1.1.1.1", search: ["a b"]), ResolvConf("fe80::1%"),
        ResolvConf("1.1.1.1", options: [""]),
    ]) func `an invalid declaration is a problem and writes nothing`(_ property: ResolvConf) async throws {
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }
}
