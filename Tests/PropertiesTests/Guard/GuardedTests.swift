import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// The properties of the catalogue whose changes must be confirmed, and how they go back.
@Suite(.recorded) struct GuardedTests {
    private let fake = FakeMachine(
        invoker: "pi", connection: SSHConnection(client: "203.0.113.5", server: "192.0.2.1", port: 22, user: "pi"))
    private let run: GuardedRun

    init() { run = GuardedRun(fake) }

    @Test func `settings of sshd go back, and it is reloaded, the first time too`() async throws {
        fake.files.put(
            "/home/pi/.ssh/authorized_keys", "ssh-ed25519 AAAA pi@laptop\n", mode: 0o600,
            owner: Owner(user: 1000, group: 1000))
        FakeSshd(fake)
        let before = fake.files.snapshot
        let reports = await run.enforce(isConfirmed: false) { Sshd(.loginGraceTime(.seconds(30))) }
        let failure = try #require(reports.first { $0.status == .failed }?.failure)
        #expect(failure.isPutBack)
        #expect(
            failure.output == [
                "restored /etc/ssh/sshd_config.d/00-propel-settings.conf", "ran systemctl reload -- ssh.service",
            ])
        #expect(fake.commands.log.count { $0 == "systemctl reload -- ssh.service" } == 2)
        var after = fake.files.snapshot
        // Made by the check of sshd, and gone with the next boot.
        for path in ["/run/sshd", "/run/propel-scratch"] as [FilePath] where before[path] == nil { after[path] = nil }
        #expect(after == before)

        await run.enforce(isConfirmed: true) { Sshd(.loginGraceTime(.seconds(30))) }
        await run.enforce(isConfirmed: false) { Sshd(.loginGraceTime(.seconds(60))) }
        #expect(
            fake.files.text(at: "/etc/ssh/sshd_config.d/00-propel-settings.conf") == "LoginGraceTime 30\n")
        #expect(run.questions == 3)
    }

    @Test func `a firewall goes back as a whole, and to the rules that were in the kernel`() async throws {
        fake.files.put(directory: "/etc/systemd/system")
        fake.hasInstalled("nftables")
        fake.commands.program("systemd-analyze")
        let nft = FakeNft(fake)
        let systemd = FakeSystemd(
            fake, [FirewallUnit.name: FakeSystemd.Unit(), "nftables.service": FakeSystemd.Unit()])
        let reports = await run.enforce(isConfirmed: false) { Firewall(.allow(22, 80)) }
        #expect(run.questions == 1, "the rules, the units and the service are confirmed together")
        #expect(reports.filter { $0.status != .ok }.allSatisfy { $0.failure?.isPutBack == true })
        #expect(nft.rules == nil && fake.files["/etc/propel/firewall.nft"] == nil)
        #expect(fake.files["/var/lib/propel/firewall.json"] == nil)
        #expect(fake.files["/etc/systemd/system/propel-firewall.service"] == nil)
        #expect(systemd[FirewallUnit.name]?.file == "disabled" && systemd[FirewallUnit.name]?.active == "inactive")

        await run.enforce(isConfirmed: true) { Firewall(.allow(22, 80)) }
        let rules = try #require(nft.rules)
        #expect(systemd[FirewallUnit.name]?.active == "active")
        await run.enforce(isConfirmed: false) { Firewall(.allow(22)) }
        #expect(nft.rules == rules)
        #expect(fake.files.text(at: "/etc/propel/firewall.nft") == rules)
        let plan = try await fake.check(Firewall(.allow(22, 80)).table)
        #expect(plan == .satisfied, "the record of what was loaded is that of the former rules")

        await run.enforce(isConfirmed: false) { Firewall.Absent() }
        #expect(nft.rules == rules)
        #expect(systemd[FirewallUnit.name]?.file == "enabled" && systemd[FirewallUnit.name]?.active == "active")
    }

    @Test func `a sudoers file goes back`() async {
        fake.files.put(directory: "/etc/sudoers.d", mode: 0o750)
        fake.hasInstalled("sudo")
        fake.commands.program("visudo")
        let reports = await run.enforce(isConfirmed: false) { Sudoers("ops", .user("anna")) }
        #expect(reports.last?.failure?.isPutBack == true)
        #expect(fake.files["/etc/sudoers.d/ops"] == nil && run.questions == 1)
    }

    @Test func `rights by sudo need no confirmation of somebody who logs in as root`() async {
        let fake = FakeMachine(
            connection: SSHConnection(client: "203.0.113.5", server: "192.0.2.1", port: 22, user: "root"))
        fake.files.put(directory: "/etc/sudoers.d", mode: 0o750)
        fake.hasInstalled("sudo")
        fake.commands.program("visudo")
        let run = GuardedRun(fake)
        await run.enforce(isConfirmed: false) { Sudoers("ops", .user("anna")) }
        #expect(fake.files["/etc/sudoers.d/ops"] != nil && run.questions == 0)
    }

    @Test func `an account of the deployer goes back, and that of others needs no confirmation`() async {
        plantAccountPrograms(fake)
        let passwd = fake.files.text(at: "/etc/passwd")
        await run.enforce(isConfirmed: false) { User("pi", shell: "/bin/zsh") }
        #expect(run.questions == 1 && fake.files.text(at: "/etc/passwd") == passwd)
        #expect(fake.files["/etc/shadow"]?.status.mode == 0o640)
        await run.enforce(isConfirmed: false) { User("anna") }
        #expect(run.questions == 1 && fake.files.text(at: "/etc/passwd") != passwd)
    }

    @Test func `a group that the deployer has left takes them back`() async {
        plantAccountPrograms(fake)
        fake.files.put("/etc/group", "root:x:0:\nsudo:x:27:pi,anna\npi:x:1000:\n")
        let groups = fake.files.text(at: "/etc/group")
        await run.enforce(isConfirmed: false) { Membership.Absent(of: "pi", in: "sudo") }
        #expect(run.questions == 1 && fake.files.text(at: "/etc/group") == groups)
        await run.enforce(isConfirmed: false) { Membership.Absent(of: "anna", in: "sudo") }
        #expect(run.questions == 1 && fake.files.text(at: "/etc/group")?.contains("sudo:x:27:pi\n") == true)
    }

    @Test func `the keys of the deployer go back`() async {
        fake.writesAuthorizedKeysOfPi()
        let file: FilePath = "/home/pi/.ssh/authorized_keys"
        let pi = Owner(user: 1000, group: 1000)
        fake.files.put(directory: "/home/pi/.ssh", mode: 0o700, owner: pi)
        fake.files.put(file, "ssh-ed25519 \(Self.key) old\n", mode: 0o600, owner: pi)
        await run.enforce(isConfirmed: false) { AuthorizedKeys.Absent(of: "pi", "ssh-ed25519 \(Self.key) old") }
        #expect(run.questions == 1)
        #expect(fake.files.text(at: file) == "ssh-ed25519 \(Self.key) old\n")
        #expect(fake.files[file]?.status.owner == pi && fake.files[file]?.status.mode == 0o600)
    }

    private static let key = "AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1"

    @Test func `a service through which one comes runs again, and starts at boot`() async {
        let systemd = FakeSystemd(
            fake, ["ssh.service": .init(active: "active", file: "enabled"), "app.service": .init(active: "active")])
        await run.enforce(isConfirmed: false) { Service("ssh", isRunning: false, isEnabled: false) }
        #expect(systemd["ssh.service"]?.active == "active" && systemd["ssh.service"]?.file == "enabled")
        await run.enforce(isConfirmed: false) { Service.Masked("ssh") }
        #expect(systemd["ssh.service"]?.active == "active" && fake.files["/etc/systemd/system/ssh.service"] == nil)
        #expect(run.questions == 2)
        await run.enforce(isConfirmed: false) { Service("app", isRunning: false) }
        #expect(systemd["app.service"]?.active == "inactive" && run.questions == 2)
    }

    @Test func `a line is guarded where it decides who comes in`() async {
        fake.files.put("/etc/network/interfaces", "auto lo\n")
        fake.files.put("/etc/motd", "hello\n")
        await run.enforce(isConfirmed: false) {
            Line("/etc/network/interfaces", "auto eth1")
            Line("/etc/motd", "and welcome")
        }
        #expect(run.questions == 1)
        #expect(fake.files.text(at: "/etc/network/interfaces") == "auto lo\n")
        #expect(fake.files.text(at: "/etc/motd") == "hello\nand welcome\n")
    }

    @Test func `a tunnel is guarded if the deployer comes through it, or the answers go into it`() async throws {
        func tunnel(_ address: String, _ allowed: String) -> WireGuardConfiguration {
            WireGuardConfiguration(
                interface: "wg0", addresses: [address], port: nil, key: .generated, mtu: nil,
                peers: [WireGuard.Peer("k", allowedIPs: [allowed])])
        }
        let machine = fake.machine
        #expect(try await tunnel("192.0.2.1/24", "10.8.0.2/32").isGuarded(on: machine))
        #expect(try await tunnel("10.8.0.1/24", "0.0.0.0/0").isGuarded(on: machine))
        #expect(try await tunnel("10.8.0.1/24", "203.0.113.0/24").isGuarded(on: machine))
        #expect(try await !tunnel("10.8.0.1/24", "10.8.0.2/32").isGuarded(on: machine))
        // What it takes away may be the way of the deployer.
        fake.files.put(
            "/etc/wireguard/wg0.conf",
            "[Interface]\nAddress = 10.8.0.1/24\n\n[Peer]\nAllowedIPs = 10.9.0.0/16, 203.0.113.0/24\n")
        #expect(try await tunnel("10.8.0.1/24", "10.8.0.2/32").isGuarded(on: machine))
    }
}
