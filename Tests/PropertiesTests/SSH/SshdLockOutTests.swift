import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct SshdLockOutTests {
    private func fake(
        invoker: String? = "pi", port: UInt16 = 22, main: String = FakeSshd.stock, extra: String = ""
    ) -> FakeMachine {
        let fake = FakeMachine(
            invoker: invoker, connection: SSHConnection(client: "203.0.113.5", server: "192.0.2.1", port: port))
        fake.files.put(
            "/home/pi/.ssh/authorized_keys", "# keys\nssh-ed25519 AAAA pi@laptop\n", mode: 0o600,
            owner: Owner(user: 1000, group: 1000))
        FakeSshd(fake, main, extra: extra)
        return fake
    }

    static let refused: [(Sshd.Option, String)] = [
        (.port(2222), "would not listen on port 22, through which this run has come, but on 2222"),
        (.listenAddress("198.51.100.1"), "would not listen on 192.0.2.1"),
        (.listenAddress("192.0.2.1:2222"), "would not listen on 192.0.2.1"),
        (.listenAddress("::"), "would not listen on 192.0.2.1"),
        (.allowUsers("anna", "pi2"), "AllowUsers anna pi2"), (.allowUsers("pi@10.0.0.0/8"), "AllowUsers"),
        (.allowUsers("*", "!pi"), "AllowUsers"), (.denyUsers("p?"), "DenyUsers p?"),
        (.allowGroups("admins"), "AllowGroups admins"), (.denyGroups("pi"), "DenyGroups pi"),
    ]

    @Test(arguments: refused)
    func `settings that lock the deployer out are refused`(_ option: Sshd.Option, _ words: String) async throws {
        let fake = fake(), before = fake.files.snapshot, dropIn = Sshd(option).dropIn
        let failure = await #expect(throws: Failure.self) { try await fake.check(dropIn) }
        #expect(failure?.message.contains(words) == true)
        #expect(failure?.advice != nil)
        await #expect(throws: Failure.self) { try await dropIn.apply(on: fake.machine) }
        #expect(fake.files.snapshot == before)
    }

    static let accepted: [Sshd.Option] = [
        .port(22, 2222), .listenAddress("0.0.0.0"), .listenAddress("192.0.2.1"),
        .listenAddress("[::]:22", "0.0.0.0:22"), .allowUsers("anna", "pi"), .allowUsers("pi@203.0.113.0/24"),
        .allowUsers("p*"), .denyUsers("anna"), .denyUsers("pi@10.*"), .allowGroups("pi"), .denyGroups("admins"),
        .permitRootLogin(.no), .passwordAuthentication(false), .match("User anna", .setting("AllowUsers", "anna")),
    ]

    @Test(arguments: accepted)
    func `settings with which the deployer can come again are put in place`(_ option: Sshd.Option) async throws {
        try await fake().obeysLaw(Sshd(option).dropIn)
    }

    @Test func `who logs in as root is not locked out as root`() async throws {
        for login in [Sshd.RootLogin.no, .forcedCommandsOnly] {
            let failure = await #expect(throws: Failure.self) {
                try await fake(invoker: nil).check(Sshd(.permitRootLogin(login)).dropIn)
            }
            #expect(failure?.message.contains("would not let root in") == true)
        }
        try await fake(invoker: nil).obeysLaw(Sshd(.permitRootLogin(.prohibitPassword)).dropIn)
    }

    @Test func `who has logged in is the one who must come again, whatever the way to root`() async throws {
        let fake = FakeMachine(
            connection: SSHConnection(client: "203.0.113.5", server: "192.0.2.1", port: 22, user: "pi"))
        FakeSshd(fake)
        await #expect(throws: Failure.self) { try await fake.check(Sshd(.allowUsers("root")).dropIn) }
        try await fake.obeysLaw(Sshd(.permitRootLogin(.no), .allowUsers("pi")).dropIn)
    }

    @Test func `passwords stay while the deployer has no key`() async throws {
        let fake = fake(), dropIn = Sshd(.passwordAuthentication(false)).dropIn
        for keys in ["", "# no key\n"] {
            fake.files.put("/home/pi/.ssh/authorized_keys", keys)
            let failure = await #expect(throws: Failure.self) { try await fake.check(dropIn) }
            #expect(failure?.message.contains("pi has none") == true)
        }
        // Another way in cannot be judged.
        try await fake.obeysLaw(
            Sshd(.passwordAuthentication(false), .trustedUserCAKeys("/etc/ssh/ca.pub")).dropIn)
    }

    @Test func `what a block takes from the deployer is seen by sshd itself`() async throws {
        let fake = fake(extra: "allowusers ben\n"), dropIn = Sshd(.maxAuthTries(3)).dropIn
        #expect(try await fake.check(dropIn).reason != nil, "the files say nothing of it")
        await #expect(throws: Failure.self) { try await dropIn.apply(on: fake.machine) }
        #expect(fake.files["/etc/ssh/sshd_config.d/00-propel-settings.conf"] == nil)
        #expect(
            fake.commands.log.last == "/usr/sbin/sshd -T -f /run/propel-scratch/sshd_config -C "
                + "user=pi,host=203.0.113.5,addr=203.0.113.5,laddr=192.0.2.1,lport=22")
    }

    @Test func `a revert that closes the port of the connection is refused`() async throws {
        let fake = fake(port: 2222), dropIn = Sshd(.port(22, 2222)).dropIn
        try await fake.obeysLaw(dropIn)
        await #expect(throws: Failure.self) { try await fake.check(dropIn.reverted()) }
        await #expect(throws: Failure.self) { try await dropIn.revert(on: fake.machine) }
        #expect(fake.files["/etc/ssh/sshd_config.d/00-propel-settings.conf"] != nil)
    }

    @Test func `a socket gets the ports, and keeps the one of the connection`() async throws {
        let fake = fake()
        fake.files.put(directory: "/etc/systemd/system")
        fake.files.put("/etc/systemd/system/sockets.target.wants/ssh.socket", linkTo: "/lib/systemd/system/ssh.socket")
        fake.commands.program("systemd-analyze")
        _ = FakeSystemd(fake, ["ssh.service": .init(), "ssh.socket": .init(active: "active", file: "enabled")])
        let host = Host("x", runs: Debian.self) { Sshd(.port(22, 2222)) }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && run[.skipped] == 0)
        #expect(
            fake.files.text(at: "/etc/systemd/system/ssh.socket.d/propel.conf")
                == "[Socket]\nListenStream=\nListenStream=22\nListenStream=2222\nBindIPv6Only=both\n")
        #expect(fake.commands.log.contains("systemctl restart -- ssh.socket"))
        fake.machine.forgetFacts()
        let other = Host("x", runs: Debian.self) { Sshd(.port(2222)) }
        let second = await Engine(host: other, machine: fake.machine) { _ in }.enforce()
        #expect(second[.failed] == 1)
        #expect(
            fake.files.text(at: "/etc/systemd/system/ssh.socket.d/propel.conf")?.contains("ListenStream=22\n") == true)
    }
}
