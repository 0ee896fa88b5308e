import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct HostsFileTests {
    private let fake = FakeMachine()
    private let entry = HostsFile("10.0.0.5", "db1.example.com", "db1")
    private static let stock = "127.0.0.1\tlocalhost\n127.0.1.1\tweb1.example.com web1\n\n::1 localhost\n"

    init() { fake.files.put("/etc/hosts", Self.stock) }

    @Test func `names are added, and go again`() async throws {
        let before = fake.files.snapshot
        let change = try await fake.obeysLaw(entry)
        #expect(change.reason == "edit")
        #expect(change.diff?.text.contains("+10.0.0.5\tdb1.example.com\tdb1") == true)
        #expect(fake.files.text(at: "/etc/hosts") == Self.stock + "10.0.0.5\tdb1.example.com\tdb1\n")
        try await fake.obeysLaw(entry.reverted())
        #expect(
            fake.files.snapshot.filter { $0.key.starts(with: "/etc") } == before.filter { $0.key.starts(with: "/etc") })
    }

    @Test(arguments: [
        "10.0.0.5 db1.example.com db1\n", "10.0.0.5\tDB1.example.com db1 more # ours\n",
        "10.0.0.5 db1\n10.0.0.5 db1.example.com\n", "10.0.0.5 db1 db1.example.com\nfd00::5 db1\n",
        "127.0.1.1 db1\n10.0.0.5 db1.example.com db1\n",
    ])
    func `an equivalent entry is kept`(_ text: String) async throws {
        fake.files.put("/etc/hosts", text)
        #expect(try await fake.check(entry) == .satisfied)
    }

    @Test(arguments: [
        ("10.0.0.6 db1.example.com db1\n", "10.0.0.5\tdb1.example.com\tdb1\n"),
        ("10.0.0.6 db1 cache # old\n", "10.0.0.6\tcache # old\n10.0.0.5\tdb1.example.com\tdb1\n"),
        ("10.0.0.5 db1 # ours\n", "10.0.0.5 db1\tdb1.example.com # ours\n"),
        ("#10.0.0.5 db1.example.com db1\n", "#10.0.0.5 db1.example.com db1\n10.0.0.5\tdb1.example.com\tdb1\n"),
        (
            "10.0.0.55 db1.example.com.au db11\n",
            "10.0.0.55 db1.example.com.au db11\n10.0.0.5\tdb1.example.com\tdb1\n"
        ),
        ("10.0.0.6 db1", "10.0.0.5\tdb1.example.com\tdb1\n"),
        ("127.0.1.1\tdb1\n", "127.0.1.1\tdb1\n10.0.0.5\tdb1.example.com\tdb1\n"),
    ])
    func `a near miss is put right and restored`(_ text: String, _ after: String) async throws {
        fake.files.put("/etc/hosts", text)
        try await fake.obeysLaw(entry)
        #expect(fake.files.text(at: "/etc/hosts") == after)
        try await fake.obeysLaw(entry.reverted())
        #expect(fake.files.text(at: "/etc/hosts") == text)
    }

    @Test func `several entries and those of others are kept apart`() async throws {
        let other = HostsFile("fd00:0:0::5", "db1")
        try await fake.obeysLaw(entry)
        try await fake.obeysLaw(other)
        fake.files.put("/etc/hosts", (fake.files.text(at: "/etc/hosts") ?? "") + "10.9.9.9 by-hand\n")
        try await fake.obeysLaw(entry.reverted())
        #expect(fake.files.text(at: "/etc/hosts") == Self.stock + "fd00:0:0::5\tdb1\n10.9.9.9 by-hand\n")
        #expect(try await fake.check(HostsFile("fd00::5", "db1")) == .satisfied)
    }

    @Test func `a name is removed, and comes back`() async throws {
        let text = Self.stock + "10.0.0.5 db1 cache\n10.0.0.6 db1\nfd00::5 db1\n"
        fake.files.put("/etc/hosts", text)
        try await fake.obeysLaw(HostsFile.Absent("db1", "web1"))
        #expect(fake.files.text(at: "/etc/hosts") == Self.stock + "10.0.0.5\tcache\n")
        try await fake.obeysLaw(HostsFile.Absent("db1", "web1").reverted())
        #expect(fake.files.text(at: "/etc/hosts") == text)
    }

    @Test func `the name of the machine stays beside it`() async throws {
        fake.files.put("/proc/sys/kernel/hostname", "web1\n")
        fake.files.put("/etc/hostname", "web1\n")
        let name = Hostname("web1.example.com")
        try await fake.obeysLaw(entry)
        #expect(try await fake.check(name) == .satisfied)
        try await fake.obeysLaw(HostsFile("10.0.0.1", "web1.example.com", "web1"))
        #expect(try await fake.check(name) == .satisfied)
    }

    @Test func `cloud-init is told to leave the file alone`() async throws {
        fake.files.put("/usr/bin/cloud-init", "")
        fake.files.put(directory: "/etc/cloud/cloud.cfg.d")
        let change = try await fake.obeysLaw(entry)
        #expect(change.reason == "edit; /etc/cloud/cloud.cfg.d/99-propel-hosts.cfg: tell cloud-init to keep /etc/hosts")
        #expect(
            fake.files.text(at: "/etc/cloud/cloud.cfg.d/99-propel-hosts.cfg")
                == "# Names in /etc/hosts are declared with Propel.\nmanage_etc_hosts: false\n")
    }

    static let invalid: [HostsFile] = [
        HostsFile("10.0.0", "a"), HostsFile("10.0.0.0/8", "a"), HostsFile("10.0.0.1"), HostsFile("10.0.0.1", ""),
        HostsFile("10.0.0.1", "a b"), HostsFile("10.0.0.1", "a\n127.0.0.1 b"), HostsFile("10.0.0.1", "a#b"),
        HostsFile("db1", "10.0.0.1"),
    ]

    @Test(arguments: invalid)
    func `an invalid entry is refused and writes nothing`(_ entry: HostsFile) async throws {
        #expect(entry.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(entry) }
        await #expect(throws: Failure.self) { try await entry.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `one name with two addresses of a family is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            HostsFile("10.0.0.5", "db1")
            HostsFile("fd00::5", "db1")
            HostsFile("10.0.0.6", "DB1")
            HostsFile.Absent("old")
        }
        #expect(host.conflicts.map(\.subject) == ["the IPv4 address of db1 in /etc/hosts"])
    }
}
