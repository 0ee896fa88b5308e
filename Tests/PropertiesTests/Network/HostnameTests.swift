import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct HostnameTests {
    let target = FakeMachine()

    init() {
        target.files.put("/proc/sys/kernel/hostname", "debian\n")
        target.files.put("/etc/hostname", "debian\n")
        target.files.put("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n\n::1\tlocalhost ip6-localhost\n")
        target.commands.program("hostname") { [files = target.files] command in
            guard command.arguments.count == 2, command.arguments[0] == "--" else { return .failing() }
            files.put("/proc/sys/kernel/hostname", command.arguments[1] + "\n")
            return .printing()
        }
    }

    @Test func `sets all of it and restores it`() async throws {
        let before = target.files.snapshot
        let property = Hostname("web1.example.org", mailname: true)
        #expect(
            try await target.obeysLaw(property).reason
                == "running name debian → web1; /etc/hostname: debian → web1; /etc/mailname: none → "
                + "web1.example.org; /etc/hosts: 127.0.1.1 debian → web1.example.org web1"
        )
        #expect(target.files.text(at: "/etc/hostname") == "web1\n")
        #expect(target.files.text(at: "/etc/mailname") == "web1.example.org\n")
        #expect(
            target.files.text(at: "/etc/hosts")
                == "127.0.0.1\tlocalhost\n127.0.1.1\tweb1.example.org\tweb1\n\n::1\tlocalhost ip6-localhost\n")
        #expect(target.commands.log == ["hostname -- web1"])
        try await target.obeysLaw(property.reverted())
        #expect(target.files.snapshot == before)
        #expect(target.commands.log.last == "hostname -- debian")
    }

    @Test func `a run that was killed once the name had changed knows the former one`() async throws {
        let property = Hostname("web1.example.org")
        target.inject(.kill, afterFirst: "hostname -- web1")
        try? await property.apply(on: target.machine)
        target.restart(seed: 0)
        try await target.obeysLaw(property.reverted())
        #expect(target.files.text(at: "/proc/sys/kernel/hostname") == "debian\n")
    }

    @Test func `a name without domain`() async throws {
        try await target.obeysLaw(Hostname("pi"))
        #expect(target.files.text(at: "/etc/hosts")?.contains("\n127.0.1.1\tpi\n") == true)
        #expect(target.files["/etc/mailname"] == nil)
    }

    @Test func `a wrong running host name is repaired alone`() async throws {
        try await target.obeysLaw(Hostname("debian2"))
        target.files.put("/proc/sys/kernel/hostname", "drifted\n")
        #expect(try await target.obeysLaw(Hostname("debian2")).reason == "running name drifted → debian2")
        try await target.obeysLaw(Hostname("debian2").reverted())
        #expect(target.files.text(at: "/proc/sys/kernel/hostname") == "debian\n")
    }

    @Test(arguments: [
        ("127.0.0.1 localhost\n10.0.0.1 x\n", "127.0.0.1 localhost\n127.0.1.1\tweb1.example.org\tweb1\n10.0.0.1 x\n"),
        ("127.0.0.1 localhost", "127.0.0.1 localhost\n127.0.1.1\tweb1.example.org\tweb1\n"),
        ("", "127.0.0.1\tlocalhost\n127.0.1.1\tweb1.example.org\tweb1\n"),
        ("#127.0.1.1 old\n::1 x\n", "#127.0.1.1 old\n::1 x\n127.0.1.1\tweb1.example.org\tweb1\n"),
        ("127.0.1.10 old\n", "127.0.1.10 old\n127.0.1.1\tweb1.example.org\tweb1\n"),
        (
            "  127.0.1.1 old # mine\r\n127.0.1.1 other\n",
            "127.0.1.1\tweb1.example.org\tweb1 # mine\r\n127.0.1.1 other\n"
        ),
        ("127.0.1.1 web1 web1.example.org\n", "127.0.1.1\tweb1.example.org\tweb1\n"),
    ])
    func `edits only the line`(_ before: String, _ after: String) async throws {
        target.files.put("/etc/hosts", before, mode: 0o640)
        let property = Hostname("web1.example.org")
        try await target.obeysLaw(property)
        #expect(target.files.text(at: "/etc/hosts") == after)
        #expect(target.files["/etc/hosts"]?.status.mode == 0o640)
        try await target.obeysLaw(property.reverted())
        #expect(target.files.text(at: "/etc/hosts") == before)
    }

    @Test(arguments: [
        // The installer writes the name of a static address so; 127.0.1.1 before it would hide the address.
        (
            "127.0.0.1 localhost\n10.0.0.5 debian.old.org debian\n",
            "127.0.0.1 localhost\n10.0.0.5\tweb1.example.org\tweb1\n"
        ),
        ("10.0.0.5 debian pve.local # cluster\n", "10.0.0.5\tweb1.example.org\tweb1\tpve.local # cluster\n"),
        ("10.0.0.5 web1\n10.0.0.6 web2\n", "10.0.0.5\tweb1.example.org\tweb1\n10.0.0.6 web2\n"),
        ("fd00::5 debian\n", "fd00::5\tweb1.example.org\tweb1\n"),
        // Other machines, and names that only begin alike.
        (
            "127.0.0.1 localhost\n10.0.0.6 debian2 web10\n",
            "127.0.0.1 localhost\n127.0.1.1\tweb1.example.org\tweb1\n10.0.0.6 debian2 web10\n"
        ),
        ("#10.0.0.5 debian\n127.0.1.1 debian\n", "#10.0.0.5 debian\n127.0.1.1\tweb1.example.org\tweb1\n"),
    ])
    func `a static address keeps its line`(_ before: String, _ after: String) async throws {
        target.files.put("/etc/hosts", before)
        let property = Hostname("web1.example.org")
        try await target.obeysLaw(property)
        #expect(target.files.text(at: "/etc/hosts") == after)
        target.files.put("/etc/hosts", after + "10.9.9.9 other\n")
        try await target.obeysLaw(property.reverted())
        #expect(target.files.text(at: "/etc/hosts") == before + "10.9.9.9 other\n")
    }

    @Test(arguments: [
        "10.0.0.5 web1.example.org web1\n", "10.0.0.5 web1.example.org web1\nfd00::5 web1\n127.0.1.1 old\n",
    ])
    func `a static address with the name is enough`(_ hosts: String) async throws {
        target.files.put("/etc/hosts", hosts)
        for name in ["web1.example.org", "web1"] where name.contains(".") || !hosts.contains("fd00") {
            try await target.obeysLaw(Hostname(name))
            #expect(target.files.text(at: "/etc/hosts") == hosts)
            target.files.put("/proc/sys/kernel/hostname", "debian\n")
        }
    }

    @Test(arguments: [
        "127.0.1.1 web1.example.org web1\n", "127.0.1.1\tweb1.example.org   web1 alias # comment",
        " 127.0.1.1\tweb1.example.org\tweb1\r\n",
    ])
    func `odd formatting holds`(_ hosts: String) async throws {
        target.files.put("/etc/hosts", hosts)
        target.files.put("/etc/hostname", "# comment\n\nweb1")
        target.files.put("/proc/sys/kernel/hostname", "web1\n")
        #expect(try await target.check(Hostname("web1.example.org")) == .satisfied)
    }

    @Test func `concurrent changes of other programs are kept`() async throws {
        let property = Hostname("web1.example.org")
        try await target.obeysLaw(property)
        target.files.put("/etc/hosts", (target.files.text(at: "/etc/hosts") ?? "") + "10.0.0.2\tdb\n")
        try await target.obeysLaw(property.reverted())
        #expect(
            target.files.text(at: "/etc/hosts")
                == "127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n\n::1\tlocalhost ip6-localhost\n10.0.0.2\tdb\n")
    }

    @Test func `a link is refused`() async throws {
        target.files.put("/etc/hosts", linkTo: "/run/hosts")
        await #expect(throws: FileError.self) { try await target.check(Hostname("web1")) }
        #expect(target.files.writes.isEmpty)
    }

    @Test func `a kernel that keeps its name is a failure`() async throws {
        target.commands.program("hostname", status: 1, errors: "hostname: you must be root to change the host name\n")
        await #expect(throws: CommandFailure.self) { try await target.obeysLaw(Hostname("web1")) }
    }

    @Test(arguments: [
        "", ".", "web1.", ".org", "web 1", "web1\nroot", "-web", "web-", "wéb", "a..b", "web_1", "127.0.0.1", "42",
        String(repeating: "a", count: 64), String(repeating: "abcdefg.", count: 32) + "org",
    ])
    func `an invalid name is refused`(_ name: String) async throws {
        #expect(Hostname(name).problems.count == 1)
        await #expect(throws: Failure.self) { try await target.check(Hostname(name)) }
        await #expect(throws: Failure.self) { try await Hostname(name).apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
        #expect(target.commands.log.isEmpty)
    }
}
