import PropelTesting
import Properties
import Testing

@Suite struct SshdTests {
    private let fake = FakeMachine()

    @Test func `settings are a drop-in that sshd has accepted`() async throws {
        fake.files.put(directory: "/etc/ssh")
        fake.commands.program("/usr/sbin/sshd")
        fake.commands.program("systemctl")
        let host = Host("x", runs: Debian.self) {
            Sshd(["PermitRootLogin": "no", "PasswordAuthentication": "no"])
        }
        _ = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(
            fake.files.text(at: "/etc/ssh/sshd_config.d/10-settings.conf")
                == "PasswordAuthentication no\nPermitRootLogin no\n")
        #expect(fake.commands.log.contains { $0.hasPrefix("/usr/sbin/sshd -t -f ") })
    }

    @Test func `rejected settings are not installed`() async throws {
        fake.files.put(directory: "/etc/ssh")
        fake.commands.program("/usr/sbin/sshd", status: 255, errors: "Bad configuration option: Prt\n")
        let host = Host("x", runs: Debian.self) { Sshd(["Prt": "1"]) }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 1 && fake.files["/etc/ssh/sshd_config.d/10-settings.conf"] == nil)
    }

    @Test func `two settings of one name in two places conflict or are one`() {
        let host = Host("x", runs: Debian.self) {
            Sshd(["Port": "22"])
            Sshd(["Port": "23"])
        }
        #expect(host.conflicts.count == 1)
    }
}
