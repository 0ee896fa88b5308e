import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct Fail2banTests {
    private static let path: FilePath = "/etc/fail2ban/jail.d/zz-propel.local"
    private let fake = FakeMachine()
    private let judged = Judged()

    private final class Judged: Sendable { let files = Mutex<[String]>([]) }

    init() {
        fake.hasInstalled("fail2ban", "python3-systemd", "nftables")
        fake.files.put("/etc/fail2ban/jail.conf", "[DEFAULT]\n")
        fake.files.put("/etc/fail2ban/filter.d/sshd.conf", "")
        fake.files.put("/etc/fail2ban/jail.d/defaults-debian.conf", "[sshd]\nenabled = true\n")
        _ = FakeSystemd(fake, ["fail2ban.service": .init()])
        // Notes what it is shown.
        fake.commands.program("fail2ban-client") { [fake, judged] _ in
            let scratch = fake.files.snapshot.keys.filter { $0.starts(with: "/run/propel-scratch") }
            judged.files.withLock { $0 = scratch.map(\.string).sorted() }
            let text = fake.files.text(at: "/run/propel-scratch/jail.d/zz-propel.local") ?? ""
            return text.contains("[missing]")
                ? .failing(255, "Unable to read the filter 'missing'\n") : .printing("OK\n")
        }
    }

    @Test func `jails are one file that fail2ban has accepted among its own, and go again`() async throws {
        let fail2ban = Fail2ban(
            .sshd,
            .init("app", filter: "app", log: .files("/var/log/app.log", "/var/log/app/*.log"), ports: [80, 443]),
            banTime: .hours(12), findTime: .minutes(10), maxRetry: 4, ignoring: ["10.0.0.0/8", "2001:db8::/32"])
        let change = try await fake.obeysLaw(fail2ban.settings)
        #expect(change.reason == "create with mode 0644, owner root:root")
        #expect(
            fake.files.text(at: Self.path) == """
                # Kept by Propel: changes are overwritten.

                [DEFAULT]
                banaction = nftables
                banaction_allports = nftables[type=allports]
                ignoreip = 127.0.0.1/8 ::1 10.0.0.0/8 2001:db8::/32
                maxretry = 4
                findtime = 600
                bantime = 43200

                [sshd]
                enabled = true
                backend = systemd
                journalmatch = _SYSTEMD_UNIT=ssh.service + _COMM=sshd

                [app]
                enabled = true
                filter = app
                port = 80,443
                backend = auto
                logpath = /var/log/app.log
                    /var/log/app/*.log

                """)
        #expect(fake.commands.log == ["fail2ban-client -c /run/propel-scratch -t"])
        #expect(
            judged.files.withLock { $0 } == [
                "/run/propel-scratch", "/run/propel-scratch/filter.d", "/run/propel-scratch/jail.conf",
                "/run/propel-scratch/jail.d", "/run/propel-scratch/jail.d/defaults-debian.conf",
                "/run/propel-scratch/jail.d/zz-propel.local",
            ])
        #expect(fake.files["/run/propel-scratch"] == nil)
        try await fake.obeysLaw(fail2ban.settings.reverted())
        #expect(fake.files[Self.path] == nil)
    }

    @Test func `a host converges, and a change reloads`() async throws {
        func enforce(_ fail2ban: Fail2ban) async -> RunSummary {
            fake.machine.forgetFacts()
            return await Engine(host: Host("x", runs: Debian.self) { fail2ban }, machine: fake.machine) { _ in }
                .enforce()
        }
        let first = await enforce(Fail2ban(.sshd))
        #expect(first[.failed] == 0 && first[.skipped] == 0)
        #expect(await enforce(Fail2ban(.sshd))[.ok] == 3)
        #expect(await enforce(Fail2ban(.sshd, banTime: .seconds(-1)))[.changed] == 2)
        #expect(fake.files.text(at: Self.path)?.contains("bantime = -1\n") == true)
        #expect(fake.commands.log.contains("systemctl reload-or-restart -- fail2ban.service"))
        fake.machine.forgetFacts()
        let back = Host("x", runs: Debian.self) { Fail2ban(.sshd).reverted() }
        let reverted = await Engine(host: back, machine: fake.machine) { _ in }.enforce()
        #expect(reverted[.failed] == 0 && reverted[.changed] == 2 && fake.files[Self.path] == nil)
    }

    @Test(arguments: [[:], ["fail2ban.service": .init()]] as [[String: FakeSystemd.Unit]])
    func `the jails of a fail2ban that is removed or stopped go too`(_ units: [String: FakeSystemd.Unit]) async throws {
        try await fake.obeysLaw(Fail2ban(.sshd).settings)
        _ = FakeSystemd(fake, units)
        fake.machine.forgetFacts()
        let host = Host("x", runs: Debian.self) { Fail2ban(.sshd).reverted() }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && fake.files[Self.path] == nil)
        #expect(!fake.commands.log.contains { $0.contains("reload-or-restart") })
    }

    @Test func `what fail2ban does not accept is not put in place`() async throws {
        let settings = Fail2ban(.init("missing")).settings
        let failure = await #expect(throws: Failure.self) { try await settings.apply(on: fake.machine) }
        #expect(failure?.output == ["Unable to read the filter 'missing'"])
        #expect(fake.files[Self.path] == nil && fake.files["/run/propel-scratch"] == nil)
    }

    @Test func `the jail of sshd is for its declared ports`() throws {
        let host = Host("x", runs: Debian.self) {
            Fail2ban(.sshd, .init("recidive", log: .journalEntries("_SYSTEMD_UNIT=fail2ban.service")))
            Sshd(.port(22, 2222))
        }
        let settings = try #require(host.steps.compactMap { $0.property as? JailSettings }.first)
        #expect(settings.text.contains("[sshd]\nenabled = true\nport = 22,2222\n"))
        #expect(settings.text.contains("journalmatch = _SYSTEMD_UNIT=fail2ban.service\n"))
    }

    static let invalid: [Fail2ban] = [
        Fail2ban(), Fail2ban(.sshd, .sshd), Fail2ban(.sshd, ignoring: ["example.com"]), Fail2ban(.init("a b")),
        Fail2ban(.init("a]\n[b")), Fail2ban(.init("a", filter: "../x")), Fail2ban(.init("a", log: .files())),
        Fail2ban(.init("a", log: .files("var/log/x"))), Fail2ban(.init("a", log: .files("/x\n[b]"))),
        Fail2ban(.init("a", settings: ["action": "x\nenabled = false"])), Fail2ban(.init("a", settings: ["a b": "c"])),
        Fail2ban(.init("a", maxRetry: 0)), Fail2ban(.sshd, banTime: .milliseconds(5)), Fail2ban(.sshd, findTime: .zero),
    ]

    @Test(arguments: invalid)
    func `an invalid jail is refused and writes nothing`(_ fail2ban: Fail2ban) async throws {
        #expect(fail2ban.settings.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(fail2ban.settings) }
        await #expect(throws: Failure.self) { try await fail2ban.settings.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }
}
