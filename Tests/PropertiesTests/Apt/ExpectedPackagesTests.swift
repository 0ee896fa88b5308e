import PropelTesting
import Properties
import RecordedOperations
import Testing

/// What is absent before packages are installed need not be absent afterwards.
@Suite(.recorded) struct ExpectedPackagesTests {
    private let fake = FakeMachine()
    private let systemd: FakeSystemd

    init() {
        let fake = fake, systemd = FakeSystemd(fake)
        self.systemd = systemd
        _ = FakeApt(fake, available: ["nginx", "git", "docker.io", "libpam-systemd"]) { packages in
            guard packages.contains("nginx") else { return }
            systemd["nginx.service"] = .init(active: "active", file: "enabled")
            fake.files.put("/etc/nginx/sites-enabled/default", "server {}\n")
            fake.files.put("/etc/sites/default", "server {}\n")
            fake.files.put("/etc/default/nginx", "STOP_SCHEDULE=5\n")
            fake.files.put("/etc/sysctl.d/nginx.conf", "net.core.somaxconn = 4096\n")
            fake.files.put("/var/www/html/index.html", "Welcome\n")
            fake.files.put(
                "/var/lib/dpkg/status",
                (fake.files.text(at: "/var/lib/dpkg/status") ?? "")
                    + FakeApt.package("nginx-doc", "install ok installed"))
        }
    }

    /// The status and the detail of each property but the packages, of a plan or a run.
    private func reports(_ host: Host, on target: FakeMachine? = nil, isPlan: Bool) async -> [String] {
        let machine = (target ?? fake).machine, reports = Reports()
        machine.forgetFacts()
        let engine = Engine(host: host, machine: machine) {
            guard case .property(let report) = $0, !report.path.hasPrefix("apt: nginx") else { return }
            let detail = isPlan && !report.detail.isEmpty ? " \(report.detail)" : ""
            reports.add("\(report.path): \(report.status.rawValue)\(detail)")
        }
        _ = isPlan ? await engine.plan() : await engine.enforce()
        return reports.lines
    }

    private let brought = Host("test", runs: Debian.self) {
        Apt.Installed("nginx", "git")
        Service("nginx", isRunning: false, isEnabled: false)
        File.Absent("/etc/nginx/sites-enabled/default")
        Directory.Absent("/var/www/html", recursive: true)
        Line.Absent("/etc/default/nginx", "STOP_SCHEDULE=5")
        Sysctl.Absent("net.core.somaxconn")
        Apt.Absent("nginx-doc")
    }

    @Test func `a plan says later for what the packages may bring, and the run changes it`() async {
        let plan = await reports(brought, isPlan: true)
        #expect(plan.count == 6)
        for line in plan {
            #expect(line.hasSuffix(": unknown cannot tell until nginx and git are installed"), "\(line)")
        }

        let run = await reports(brought, isPlan: false)
        #expect(run.count == 6)
        for line in run { #expect(line.hasSuffix(": changed"), "\(line)") }
        #expect(systemd["nginx.service"]?.active == "inactive" && systemd["nginx.service"]?.file == "disabled")
        #expect(fake.files["/etc/nginx/sites-enabled/default"] == nil && fake.files["/var/www/html"] == nil)

        for isPlan in [true, false] {
            for line in await reports(brought, isPlan: isPlan) { #expect(line.hasSuffix(": ok"), "\(line)") }
        }
    }

    @Test func `what the packages do not bring is as declared in the run`() async {
        let host = Host("test", runs: Debian.self) {
            Apt.Installed("nginx")
            Service("apache2", isRunning: false, isEnabled: nil)
            Service("nginx-debug", mayBeAbsent: true)
            File.Absent("/etc/cron.d/old")
            Setting.Absent("/etc/default/old", "A", syntax: .shell)
            StockSwap.Absent()
            Apt.Absent("telnet")
        }
        let plan = await reports(host, isPlan: true)
        #expect(plan.count == 6)
        for line in plan { #expect(line.hasSuffix(": unknown cannot tell until nginx is installed"), "\(line)") }
        let run = await reports(host, isPlan: false)
        #expect(run.count == 6)
        for line in run { #expect(line.hasSuffix(": ok"), "\(line)") }
    }

    @Test func `nothing is left open that no package decides`() async {
        let host = Host("test", runs: Debian.self) {
            // Before the packages.
            File.Absent("/etc/cron.d/first")
            Service("first", isRunning: false, isEnabled: false)
            Apt.Installed("nginx")
            // Where no package puts anything.
            File.Absent("/home/pi/.bash_aliases")
            Directory.Absent("/mnt/older")
            Directory.Absent("/root/tools", recursive: true)
        }
        let plan = await reports(host, isPlan: true)
        #expect(plan.count == 5)
        for line in plan { #expect(line.hasSuffix(": ok"), "\(line)") }
    }

    @Test func `a requirement counts as what comes before`() async {
        let host = Host("test", runs: Debian.self) {
            Service("nginx", isRunning: false, isEnabled: false).requires(Apt.Installed("nginx"))
        }
        #expect(
            await reports(host, isPlan: true) == [
                "nginx.service stopped, disabled: unknown cannot tell until nginx is installed"
            ])
        #expect(await reports(host, isPlan: false) == ["nginx.service stopped, disabled: changed"])
    }

    @Test func `packages of every origin count`() async {
        let origins: [(package: String, declarations: [Declaration])] = [
            ("git", Host("test", runs: Debian.self) { Apt.Latest("git") }.declarations),
            ("docker.io", Host("test", runs: Debian.self) { Docker.Engine() }.declarations),
            (
                "tool",
                Host("test", runs: Debian.self) {
                    Apt.Package("tool", "https://example.com/tool.deb", sha256: SHA256.hash([1]))
                }.declarations
            ),
        ]
        for (package, declarations) in origins {
            let host = Host("test", runs: Debian.self) {
                declarations
                File.Absent("/etc/x")
            }
            #expect(
                await reports(host, isPlan: true).last
                    == "no file /etc/x: unknown cannot tell until \(package) is installed")
        }
    }

    @Test func `many packages are counted`() async {
        let host = Host("test", runs: Debian.self) {
            Apt.Installed("curl", "git", "jq")
            Apt.Installed("jq", "tree", "zip")
            File.Absent("/etc/x")
        }
        let lines = await reports(host, isPlan: true)
        #expect(
            lines.last == "no file /etc/x: unknown cannot tell until curl, git, jq and 2 more packages are installed")
    }

    @Test func `what could not be installed leaves nothing open in the run`() async {
        let failed = Host("test", runs: Debian.self) {
            Apt.Installed("unheard-of")
            Service("x", isRunning: false, isEnabled: false)
        }
        #expect(
            await reports(failed, isPlan: false) == ["apt: unheard-of: failed", "x.service stopped, disabled: ok"])
        // Nothing is applied at all, so no fact is forgotten.
        let skipped = Host("test", runs: Debian.self) {
            Apt.Installed("git").requires(Service("none"))
            Service("x", isRunning: false, isEnabled: false)
        }
        #expect(
            await reports(skipped, isPlan: false) == [
                "none.service running, enabled: failed", "apt: git: skipped", "x.service stopped, disabled: ok",
            ])
    }

    @Test func `a directory that is purged may get files of a package`() async {
        let target = fake.run(withRepository: ["files/sites/mine": "mine\n"])
        fake.files.put("/etc/sites/mine", "mine\n")
        let host = Host("test", runs: Debian.self) {
            Apt.Installed("nginx")
            Directory("/etc/sites", from: "files/sites", purge: true)
        }
        #expect(
            await reports(host, on: target, isPlan: true) == [
                "directory /etc/sites: unknown cannot tell until nginx is installed"
            ])
        #expect(await reports(host, on: target, isPlan: false) == ["directory /etc/sites: changed"])
        #expect(fake.files["/etc/sites/default"] == nil && fake.files["/etc/sites/mine"] != nil)
    }

    @Test func `a user's unit may come with a package`() async {
        let manager = FakeUserManager()
        manager.fake.files.put(FakeUserManager.socket, "")
        _ = FakeApt(manager.fake, available: ["syncthing"]) { [systemd = manager.systemd] _ in
            systemd["syncthing.service"] = .init(active: "active", file: "enabled")
        }
        manager.fake.files.put("/var/lib/dpkg/status", FakeApt.package("libpam-systemd", "install ok installed"))
        let host = Host("test", runs: Debian.self) {
            Apt.Installed("syncthing")
            UserService("syncthing", of: "pi", isRunning: false, isEnabled: false)
        }
        #expect(
            await reports(host, on: manager.fake, isPlan: true).last
                == "syncthing.service of pi stopped, disabled: unknown cannot tell until syncthing is installed")
        #expect(
            await reports(host, on: manager.fake, isPlan: false).last
                == "syncthing.service of pi stopped, disabled: changed")
    }
}
