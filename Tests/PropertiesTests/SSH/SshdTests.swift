import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct SshdTests {
    private static let path: FilePath = "/etc/ssh/sshd_config.d/00-propel-settings.conf"
    private let fake = FakeMachine()

    private func enforce(_ sshd: Sshd) async -> RunSummary {
        fake.machine.forgetFacts()
        let host = Host("x", runs: Debian.self) { sshd }
        return await Engine(host: host, machine: fake.machine) { _ in }.enforce()
    }

    @Test func `settings are a drop-in that sshd has accepted, and sshd is reloaded`() async throws {
        FakeSshd(fake)
        let run = await enforce(
            Sshd(.permitRootLogin(.prohibitPassword), .passwordAuthentication(false), .loginGraceTime(.seconds(30))))
        #expect(run[.failed] == 0 && run[.changed] == 2, "the drop-in, and the reload")
        #expect(
            fake.files.text(at: Self.path)
                == "PermitRootLogin prohibit-password\nPasswordAuthentication no\nLoginGraceTime 30\n")
        #expect(fake.commands.log.contains("/usr/sbin/sshd -T -f /run/propel-scratch/sshd_config"))
        #expect(fake.commands.log.last?.hasPrefix("systemctl show") == true)
        #expect(fake.commands.log.contains("systemctl reload -- ssh.service"))
        #expect(!fake.commands.log.contains { $0.contains("restart") })
        #expect(fake.files.text(at: "/etc/ssh/sshd_config") == FakeSshd.stock)
        let count = fake.commands.log.count
        #expect(
            await enforce(
                Sshd(
                    .permitRootLogin(.prohibitPassword), .passwordAuthentication(false),
                    .loginGraceTime(.seconds(30))))[.ok] == 2)
        #expect(fake.commands.log.count == count, "nothing to do takes no program")
    }

    @Test func `blocks come last, whatever their place`() {
        let options: [Sshd.Option] = [
            .match("Group sftp", .forceCommand("internal-sftp"), .chrootDirectory("/srv/%u")), .x11Forwarding(false),
            .port(22, 2222), .allowUsers("anna", "deploy"),
        ]
        #expect(
            options.text(isOld: false) == """
                X11Forwarding no
                Port 22
                Port 2222
                AllowUsers anna deploy
                Match Group sftp
                    ForceCommand internal-sftp
                    ChrootDirectory /srv/%u

                """)
    }

    @Test func `an older release gets the names that it knows`() async throws {
        FakeSshd(fake)
        fake.files.put("/usr/lib/os-release", "ID=debian\nVERSION_ID=\"11\"\nVERSION_CODENAME=bullseye\n")
        _ = await enforce(Sshd(.kbdInteractiveAuthentication(false), .pubkeyAcceptedAlgorithms("ssh-ed25519")))
        #expect(
            fake.files.text(at: Self.path)
                == "ChallengeResponseAuthentication no\nPubkeyAcceptedKeyTypes ssh-ed25519\n")
    }

    @Test func `rejected settings are not installed`() async throws {
        FakeSshd(fake)
        let run = await enforce(Sshd(.setting("Prt", "1")))
        #expect(run[.failed] == 1 && run[.skipped] == 2, "sshd_config and the reload wait")
        #expect(fake.files[Self.path] == nil)
        #expect(fake.files.text(at: "/etc/ssh/sshd_config") == FakeSshd.stock)
    }

    @Test func `the directory that sshd misses is made`() async throws {
        FakeSshd(fake)
        #expect(fake.files["/run/sshd"] == nil)
        #expect(await enforce(Sshd(.maxAuthTries(3)))[.failed] == 0)
        #expect(fake.files["/run/sshd"]?.status.mode == 0o755)
    }

    @Test(arguments: [
        "Port 22\nPasswordAuthentication yes\n", "Port 22\nInclude /etc/ssh/sshd_config.d/*.conf\n",
        "Match User x\n    X11Forwarding no\nInclude /etc/ssh/sshd_config.d/*.conf\n", "", "# only a comment\n",
    ])
    func `a file that does not include drop-ins first is put right`(_ main: String) async throws {
        FakeSshd(fake, main)
        #expect(await enforce(Sshd(.passwordAuthentication(false)))[.failed] == 0)
        let lines = TextLines(Array((fake.files.text(at: "/etc/ssh/sshd_config") ?? "").utf8)).all
        let settings = lines.compactMap { SshdConfiguration.words($0)?.keyword }
        #expect(settings.first == "include")
        #expect(
            settings.filter { $0 != "include" }
                == TextLines(Array(main.utf8)).all.compactMap { line in
                    SshdConfiguration.words(line)?.keyword
                }.filter { $0 != "include" })
        try await SshdMain().revert(on: fake.machine)
        #expect(fake.files.text(at: "/etc/ssh/sshd_config") == main)
    }

    @Test func `ports and users of the main file are out of use while others are declared`() async throws {
        let main = FakeSshd.stock + "Port 22\nAllowUsers ben\nMatch User ben\n    AllowUsers ben\n"
        FakeSshd(fake, main)
        #expect(await enforce(Sshd(.port(2222)))[.failed] == 0)
        #expect(
            fake.files.text(at: "/etc/ssh/sshd_config")
                == main.replacing("\nPort 22\n", with: "\n# replaced by a drop-in of Propel: Port 22\n"))
        let absent = Host("x", runs: Debian.self) { Sshd.Absent() }
        fake.machine.forgetFacts()
        #expect(await Engine(host: absent, machine: fake.machine) { _ in }.enforce()[.failed] == 0)
        #expect(fake.files.text(at: "/etc/ssh/sshd_config") == main)
        #expect(fake.files[Self.path] == nil)
    }

    @Test func `sshd is reloaded for a change of the main file alone`() async throws {
        FakeSshd(fake)
        #expect(await enforce(Sshd(.port(2222)))[.failed] == 0)
        fake.files.put("/etc/ssh/sshd_config", FakeSshd.stock + "Port 22\n")
        let count = fake.commands.log.count
        #expect(await enforce(Sshd(.port(2222)))[.changed] == 2, "the file, and the reload")
        #expect(fake.files.text(at: "/etc/ssh/sshd_config")?.contains("\nPort 22\n") == false)
        #expect(fake.commands.log.dropFirst(count).contains("systemctl reload -- ssh.service"))
    }

    @Test(arguments: [
        ("00-aaa.conf", "PasswordAuthentication yes\n", true), ("00-aaa.conf", "PasswordAuthentication no\n", false),
        ("50-cloud-init.conf", "PasswordAuthentication yes\n", false), ("50-other.conf", "Port 2022\n", true),
        ("00-aaa.conf", "Match User x\nPasswordAuthentication yes\n", false),
        ("00-aaa.conf.bak", "PasswordAuthentication yes\n", false),
    ])
    func `a file that outranks a setting is named`(_ name: String, _ text: String, _ isRefused: Bool) async throws {
        FakeSshd(fake)
        fake.files.put(FilePath("/etc/ssh/sshd_config.d/" + name), text)
        let dropIn = Sshd(.passwordAuthentication(false), .port(22)).dropIn
        if isRefused {
            let failure = await #expect(throws: Failure.self) { try await fake.check(dropIn) }
            #expect(failure?.message.contains(name) == true)
        } else {
            try await fake.obeysLaw(dropIn)
        }
    }

    static let invalid: [[Sshd.Option]] = [
        [.setting("Match", "User x")], [.setting("Include", "/x")], [.setting("", "1")],
        [.setting("Prt\nPort", "1")], [.allowUsers()], [.allowUsers("anna\nPermitRootLogin yes")], [.port(0)],
        [.port()],
        [.maxAuthTries(3), .setting("maxauthtries", "4")], [.match("User x")],
        [.match("User x", .match("User y", .x11Forwarding(true)))],
    ]

    @Test(arguments: invalid)
    func `an invalid setting is refused and writes nothing`(_ options: [Sshd.Option]) async throws {
        FakeSshd(fake)
        let dropIn = Sshd(options).dropIn
        #expect(dropIn.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(dropIn) }
        await #expect(throws: Failure.self) { try await dropIn.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `a whole drop-in is taken as it is`() async throws {
        FakeSshd(fake)
        #expect(await enforce(Sshd("sftp", text: "Match Group sftp\n    ForceCommand internal-sftp\n"))[.failed] == 0)
        #expect(fake.files["/etc/ssh/sshd_config.d/00-propel-sftp.conf"] != nil)
        #expect(Sshd("a b", text: "X y\n").dropIn.problems.count == 1)
        #expect(Sshd("a", text: "X y").dropIn.problems.count == 1)
    }

    @Test func `settings of one name in two places conflict, and a port with another service`() {
        let host = Host("x", runs: Debian.self) {
            Sshd(.port(80))
            Sshd(.port(23))
            Service("nginx", ports: [80])
        }
        #expect(host.conflicts.map(\.subject) == ["the path \(Self.path)", "the port 80/tcp"])
    }

    @Test func `the firewall opens the declared port of ssh`() throws {
        let host = Host("x", runs: Debian.self) {
            Firewall(.allow(443))
            Sshd(.port(22, 2222))
        }
        let table = try #require(host.steps.compactMap { $0.property as? FirewallTable }.first)
        #expect(table.text(of: table.declared).contains("tcp dport { 22, 2222 } accept comment \"ssh\""))
    }

    @Test(arguments: Fault.allCases)
    func `the next run finishes what was cut`(_ fault: Fault) async throws {
        try await FakeMachine.verify(Sshd(.maxAuthTries(3)).dropIn, survives: fault) {
            let fake = FakeMachine()
            FakeSshd(fake)
            fake.atBoot { fake.files.put(directory: "/run") }
            return fake
        }
    }
}
