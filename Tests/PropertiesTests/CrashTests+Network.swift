import PropelTesting
import Properties

extension CrashTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0"
    private static let addresses = NetworkInterface("eth0", .static(["10.0.0.5/24"], gateways: ["10.0.0.1"]))

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
        Life(
            "addresses by networkd", [host { addresses }, host { addresses.reverted() }],
            on: { FakeNetwork(.networkd).fake }),
        Life(
            "addresses by ifupdown", [host { addresses }, host { addresses.reverted() }],
            on: { FakeNetwork(.ifupdown).fake }),
        Life(
            "names and keys of other hosts",
            [
                host {
                    HostsFile("10.0.0.5", "db1")
                    KnownHosts("db1", key)
                },
                host {
                    HostsFile("10.0.0.6", "db1")
                    KnownHosts("db1", key).reverted()
                },
                host { HostsFile("10.0.0.6", "db1").reverted() },
            ]
        ) { fake in
            fake.files.put("/etc/hosts", "127.0.0.1\tlocalhost\n10.0.0.4 db1\n")
            fake.files.put(directory: "/etc/ssh")
        },
    ]
}
