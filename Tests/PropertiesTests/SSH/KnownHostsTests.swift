import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct KnownHostsTests {
    private let fake = FakeMachine()
    private static let path: FilePath = "/etc/ssh/ssh_known_hosts"
    private static let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0"
    private static let other =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0"
    private let known = KnownHosts("git.example.com", key + " a comment")

    init() { fake.files.put(directory: "/etc/ssh") }

    @Test func `a key is known to all, and no longer`() async throws {
        let change = try await fake.obeysLaw(known)
        #expect(change.reason == "create with mode 0644, owner root:root")
        #expect(fake.files.text(at: Self.path) == "git.example.com \(Self.key)\n")
        try await fake.obeysLaw(known.reverted())
        #expect(fake.files[Self.path] == nil)
    }

    @Test(arguments: [
        "git.example.com \(key)\n", "# note\ngit.example.com,192.0.2.5 \(key) comment\n",
        "git.example.com \(key)\n@revoked git.example.com \(other)\n|1|abc=|def= \(other)\n",
    ])
    func `an equivalent line is kept`(_ text: String) async throws {
        fake.files.put(Self.path, text)
        #expect(try await fake.check(known) == .satisfied)
    }

    @Test(arguments: [
        ("git.example.com \(other)\n", "git.example.com \(key)\n"),
        ("a.example.com,git.example.com \(other) note\n", "a.example.com \(other) note\ngit.example.com \(key)\n"),
        ("[git.example.com]:2222 \(other)\n", "[git.example.com]:2222 \(other)\ngit.example.com \(key)\n"),
        ("git.example.com.au \(key)\n", "git.example.com.au \(key)\ngit.example.com \(key)\n"),
        ("#git.example.com \(key)\n", "#git.example.com \(key)\ngit.example.com \(key)\n"),
        ("git.example.com \(key)\ngit.example.com \(other)\n", "git.example.com \(key)\n"),
    ])
    func `other keys of the host go, and come back`(_ text: String, _ after: String) async throws {
        fake.files.put(Self.path, text)
        try await fake.obeysLaw(known)
        #expect(fake.files.text(at: Self.path) == after)
        try await fake.obeysLaw(known.reverted())
        #expect(fake.files.text(at: Self.path) == text)
    }

    @Test func `another port and an authority have lines of another form`() async throws {
        try await fake.obeysLaw(KnownHosts("git.example.com", Self.key, port: 2222))
        try await fake.obeysLaw(KnownHosts("*.example.com", Self.other, isAuthority: true))
        #expect(
            fake.files.text(at: Self.path)
                == "[git.example.com]:2222 \(Self.key)\n@cert-authority *.example.com \(Self.other)\n")
    }

    @Test func `in a home the file is written with the rights of the user`() async throws {
        fake.commands.program("setpriv") { [fake] command in
            #expect(command.arguments.first == "--reuid=1000" && command.arguments.last == "known_hosts")
            fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: Owner(user: 1000, group: 1000))
            fake.files.put(
                "/home/pi/.ssh/known_hosts", bytes: command.input, mode: 0o600, owner: Owner(user: 1000, group: 1000))
            return .printing()
        }
        let known = KnownHosts("git.example.com", Self.key, of: "pi")
        try await fake.obeysLaw(known)
        #expect(fake.files.text(at: "/home/pi/.ssh/known_hosts") == "git.example.com \(Self.key)\n")
        try await fake.obeysLaw(known.reverted())
        #expect(fake.files["/home/pi/.ssh"] == nil)
        #expect(try await fake.check(KnownHosts("a", Self.key, of: "nobody-yet")).isUnknown)
    }

    static let invalid: [KnownHosts] = [
        KnownHosts("git.example.com"), KnownHosts("", key), KnownHosts("a b", key), KnownHosts("*.example.com", key),
        KnownHosts("a", "ssh-ed25519 AAAA"), KnownHosts("a", "restrict " + key), KnownHosts("a", key, port: 0),
        KnownHosts("a", key, of: "-root"), KnownHosts("a\nb", key), KnownHosts("a", key + "\nb " + other),
    ]

    @Test(arguments: invalid)
    func `an invalid host is refused and writes nothing`(_ known: KnownHosts) async throws {
        #expect(known.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(known) }
        await #expect(throws: Failure.self) { try await known.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }

    // MARK: Absent

    private let absent = KnownHosts.Absent("git.example.com")

    // As ssh-keygen -H has hashed git.example.com and [git.example.com]:2222.
    private static let hashed = "|1|ESkW0qt2ucwjXgMzfh0lpUFSPDA=|CB0OxM5b854vAzEWThpVaRAo82g= \(key)\n"
    private static let hashedPort = "|1|2/q6ugFPLJSIcx89WbMx2QtX1bw=|CJetmtlabSiOA/Vv6WdwP1PEVyw= \(key)\n"

    @Test(arguments: [
        ("git.example.com \(key)\n# note\n", "# note\n"),
        ("a.example.com,git.example.com \(other) note\n", "a.example.com \(other) note\n"),
        ("\(hashedPort)\(hashed)b \(key)\n", "\(hashedPort)b \(key)\n"), ("git.example.com \(key)", ""),
    ])
    func `a host is forgotten`(_ text: String, _ after: String) async throws {
        fake.files.put(Self.path, text)
        #expect(try await fake.obeysLaw(absent).reason == "edit")
        #expect(fake.files.text(at: Self.path) == after)
    }

    @Test(arguments: [
        "", "git.example.com.au \(key)\n", "[git.example.com]:2222 \(key)\n", hashedPort, "#git.example.com \(key)\n",
        "@revoked git.example.com \(key)\n@cert-authority git.example.com \(key)\n", "|1|git.example.com \(key)\n",
        "|1|????|???? \(key)\n",
    ])
    func `other hosts, authorities and revoked keys stay`(_ text: String) async throws {
        #expect(try await fake.check(absent) == .satisfied)
        fake.files.put(Self.path, text)
        #expect(try await fake.check(absent) == .satisfied)
    }

    @Test func `a host on another port is forgotten by a user`() async throws {
        let path: FilePath = "/home/pi/.ssh/known_hosts", owner = Owner(user: 1000, group: 1000)
        fake.commands.program("setpriv") { [fake] command in
            #expect(command.arguments.first == "--reuid=1000" && command.arguments.last == "known_hosts")
            fake.files.put(path, bytes: command.input, mode: 0o600, owner: owner)
            return .printing()
        }
        let absent = KnownHosts.Absent("git.example.com", port: 2222, of: "pi")
        #expect(try await fake.check(absent) == .satisfied)
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: owner)
        fake.files.put(path, Self.hashedPort + Self.hashed, mode: 0o600, owner: owner)
        #expect(try await fake.obeysLaw(absent).reason == "edit \(path)")
        #expect(fake.files.text(at: path) == Self.hashed)
        #expect(try await fake.check(KnownHosts.Absent("a", of: "nobody-yet")) == .satisfied)
    }

    @Test func `a host that is known and forgotten is a conflict, and an invalid one a problem`() async throws {
        let host = Host("x", runs: Debian.self) {
            known
            absent
        }
        #expect(host.conflicts.map(\.subject) == ["the known host git.example.com"])
        for invalid in [
            KnownHosts.Absent(""), .init("a b"), .init("*.example.com"), .init("a", port: 0), .init("a", of: "-root"),
        ] {
            #expect(invalid.problems.count == 1)
            await #expect(throws: Failure.self) { try await invalid.apply(on: fake.machine) }
        }
    }
}
