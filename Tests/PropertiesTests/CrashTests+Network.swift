import PropelTesting
import Properties

extension CrashTests {
    static let networkLives: [Life] = [
        Life(
            "a firewall",
            [host { Firewall(.allow(80)) }, host { Firewall(.limit(22), .allow(443)) }, host { Firewall.Absent() }]
        ) { fake in
            fake.hasInstalled("nftables")
            fake.files.put(directory: "/etc/systemd/system")
            fake.commands.program("systemd-analyze")
            FakeNft(fake)
            _ = FakeSystemd(
                fake, ["propel-firewall.service": FakeSystemd.Unit(), "nftables.service": FakeSystemd.Unit()])
        },
        Life(
            "settings of sshd",
            [
                host { Sshd(.passwordAuthentication(false), .port(22)) },
                host { Sshd(.port(22, 2222), .match("User anna", .x11Forwarding(true))) },
                host { Sshd.Absent() },
            ]
        ) { fake in
            FakeSshd(fake, FakeSshd.stock + "Port 22\n")
            fake.atBoot { fake.files.put(directory: "/run") }
        },
    ]
}
