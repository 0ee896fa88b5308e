import PropelTesting
import Properties

extension CrashTests {
    private static let parameter = Grub.KernelParameter("mitigations", "off")
    private static let rotation = Logrotate("app", "/var/log/app.log")
    private static let unset = Sysctl.Absent("vm.swappiness")
    private static let link = SymbolicLink("/srv/link", to: "data", owner: "pi", replacesFile: true)
    private static let resolver = Resolved(servers: "10.0.0.53", listens: false)
    private static let versions = File("/srv/app.conf", "user = app\n").keepingVersions(2)

    private static let password = Setting("/srv/app.conf", "password", "\(Secret("db"))", syntax: .ini(section: nil))

    /// Properties whose files are judged by programs, or that replace what others have made.
    static let catalogueLives: [Life] = [
        Life("a parameter of GRUB", [host { parameter }, host { parameter.reverted() }]) { fake in
            fake.files.put("/etc/default/grub", "")
            fake.commands.program("update-grub")
        },
        Life("a file that a program judges", [host { rotation }, host { rotation.reverted() }]) { fake in
            fake.hasInstalled("logrotate")
            fake.commands.program("logrotate")
            fake.files.put(directory: "/etc/logrotate.d")
        },
        Life("a parameter that no file sets", [host { unset }, host { unset.reverted() }]) { fake in
            fake.files.put("/etc/sysctl.conf", "# mine\nvm.swappiness = 5\n")
            fake.files.put("/etc/sysctl.d/10-a.conf", "vm.swappiness = 5\n")
        },
        Life("a resolver", [host { resolver }, host { resolver.reverted() }]) { fake in
            _ = FakeSystemd(fake, ["systemd-resolved.service": .init(active: "active", file: "enabled")])
            fake.files.put("/usr/lib/systemd/systemd-resolved", "")
            fake.files.put(directory: "/etc/systemd")
            fake.files.put("/etc/resolv.conf", linkTo: "/run/systemd/resolve/stub-resolv.conf")
        },
        Life("a unit that goes", [host { SystemdUnit.Absent("old") }, host { SystemdUnit.Absent("old").reverted() }]) {
            $0.files.put("/etc/systemd/system/old.service", "[Service]\nExecStart=/opt/old\n")
            _ = FakeSystemd($0, ["old.service": .init(active: "active", file: "enabled")])
        },
        Life("a file with its versions", [host { versions }, host { versions.reverted() }]) {
            $0.files.put("/srv/app.conf", "mine\n", mode: 0o640)
        },
        Life(
            "a secret among lines of others", [host { password }, host { password.reverted() }],
            on: {
                let fake = FakeMachine().run(
                    with: Secrets(versions: ["db": "1"]) { _ in ["db": try SecretBytes(copying: Array("pencil".utf8))] }
                )
                fake.files.put("/srv/app.conf", "user = app\n", mode: 0o640)
                return fake
            }),
        Life(
            "what goes by its name",
            [
                host {
                    Properties.Cron.Absent("backup")
                    KnownHosts.Absent("db1")
                    KernelModule.Absent("pcspkr")
                },
                host { Properties.Cron.Absent("backup").reverted() },
            ]
        ) { fake in
            fake.files.put("/etc/cron.d/backup", "@daily root /opt/old\n")
            fake.files.put("/etc/ssh/ssh_known_hosts", "db1,db2 ssh-ed25519 AAAA\ndb1 ssh-rsa AAAA\n")
            fake.files.put("/etc/modules-load.d/pcspkr.conf", "pcspkr\n")
            fake.files.put(directory: "/sys/module/pcspkr")
            fake.commands.program("modprobe") { _ in
                try fake.files.remove("/sys/module/pcspkr")
                return .printing()
            }
        },
        Life("docker that goes", [host { Docker.Engine.Absent() }]) { fake in
            _ = FakeApt(fake)
            _ = FakeDocker(on: fake, hasCompose: false)
            fake.files.put("/var/lib/dpkg/status", FakeApt.package("docker-ce", "install ok installed"))
            fake.files.put("/etc/apt/sources.list.d/docker.sources", "Types: deb\n")
        },
        Life("a volume that goes", [host { Docker.Volume.Absent("old_data", removesData: true) }]) { fake in
            fake.files.put("/usr/bin/docker", "", mode: 0o755)
            FakeDocker(on: fake).state.withLock { $0.volumes = ["old_data"] }
        },
        Life("a link in place of a file", [host { link }, host { link.reverted() }]) {
            $0.files.put("/srv/link", "mine\n", mode: 0o600, owner: Owner(user: 1000, group: 1000))
        },
    ]
}
