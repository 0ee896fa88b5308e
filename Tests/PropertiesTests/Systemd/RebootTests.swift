import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct RebootTests {
    let target = FakeMachine()
    static let unit: FilePath = "/run/systemd/system/propel-reboot.service"

    init() {
        target.files.put("/boot/firmware/cmdline.txt", "root=/dev/sda\n")
        target.files.put(directory: "/run/systemd/system")
        target.commands.program("sync")
        // What is started without waiting for it is still at it.
        target.commands.program("systemctl") { [files = target.files] command in
            switch command.arguments.first {
            case "start": files.put("/run/started", "")
            case "show":
                let active = files["/run/started"] == nil ? "inactive" : "activating"
                return .printing(
                    "Id=propel-reboot.service\nNames=propel-reboot.service\nLoadState=loaded\nActiveState=\(active)\nUnitFileState=\nNeedDaemonReload=no\n"
                )
            default: break
            }
            return .printing()
        }
    }

    private func run(_ host: Host, isPlan: Bool = false) async -> [String] {
        let reports = Reports()
        let engine = Engine(host: host, machine: target.machine) {
            if case .property(let report) = $0 {
                reports.add("\(report.path): \(report.status.rawValue) \(report.detail)")
            }
        }
        target.machine.forgetFacts()
        _ = isPlan ? await engine.plan() : await engine.enforce()
        return reports.lines
    }

    private let host = Host("pi", runs: RaspberryPiOS.self) {
        RaspberryPi.KernelParameter("quiet")
        Reboot.WhenRequired()
    }

    @Test func `a change before it schedules the restart`() async throws {
        let plan = await run(host, isPlan: true)
        #expect(
            plan == [
                "cmdline.txt: quiet: would-change absent → quiet; effective after a restart",
                "restarted where that is required: unknown cannot tell until earlier properties are applied, which "
                    + "needs a restart",
            ])
        #expect(
            await run(host) == [
                "cmdline.txt: quiet: changed absent → quiet; effective after a restart",
                "restarted where that is required: changed restart the machine when the run is over",
            ])
        #expect(
            target.files.text(at: Self.unit)?.contains(
                "ExecStart=flock /var/lib/propel/lock sleep 5\nExecStart=systemctl --no-block reboot\n") == true)
        #expect(target.commands.log.contains("systemctl start --no-block -- propel-reboot.service"))
        // The machine has not gone down yet, and another run begins.
        #expect(await run(host).allSatisfy { $0.contains(": ok") })
        // After the restart nothing in /run is left.
        for path: FilePath in ["/run/started", "/run/reboot-required", Self.unit] { try target.files.remove(path) }
        #expect(await run(host).allSatisfy { $0.contains(": ok") })
    }

    /// A unit of before may still be in its memory.
    @Test func `systemd reads the unit before it starts it`() async throws {
        try await Reboot().perform(on: target.machine)
        try target.operations.require(order: [
            "replace \(Self.unit)", "systemctl daemon-reload", "systemctl start --no-block",
        ])
    }

    @Test func `without a declaration nothing is restarted`() async throws {
        _ = await run(Host("pi", runs: RaspberryPiOS.self) { RaspberryPi.KernelParameter("quiet") })
        #expect(target.files["/run/reboot-required"] != nil)
        #expect(!target.commands.log.contains { $0.hasPrefix("systemctl") })
    }

    @Test func `the packages that want it are named`() async throws {
        target.files.put("/run/reboot-required", "*** System restart required ***\n")
        target.files.put("/run/reboot-required.pkgs", "linux-image-6.1\nlibc6\nlibc6\n")
        #expect(
            try await target.obeysLaw(Reboot.WhenRequired()).reason
                == "restart the machine when the run is over, for libc6, linux-image-6.1")
    }

    @Test func `a failed change is no reason to restart`() async throws {
        target.files.fail("/boot/firmware/cmdline.txt", with: .readOnlyFileSystem)
        target.files.fail("/run/reboot-required", with: .readOnlyFileSystem)
        let found = await run(host)
        #expect(found.last == "restarted where that is required: ok ")
        #expect(target.files[Self.unit] == nil)
    }

    @Test func `an action restarts at the end`() async throws {
        let host = Host("pi", runs: Debian.self) { File("/etc/motd", "x").onChange(Reboot()) }
        #expect(
            await run(host) == [
                "file /etc/motd: changed create with mode 0644, owner root:root",
                "restart the machine: changed when the run is over",
            ])
        #expect(target.files[Self.unit] != nil)
        #expect(await run(host) == ["file /etc/motd: ok "])
    }

    @Test func `an action in the middle restarts before what is declared next`() async throws {
        let host = Host("pi", runs: Debian.self) {
            File("/etc/motd", "x").onChangeNow(Reboot())
            File("/etc/issue", "y")
        }
        #expect(
            await run(host, isPlan: true) == [
                "file /etc/motd: would-change create with mode 0644, owner root:root",
                "restart the machine: would-change then go on with file /etc/issue",
                "file /etc/issue: would-change create with mode 0644, owner root:root",
            ])
        #expect(
            await run(host) == [
                "file /etc/motd: changed create with mode 0644, owner root:root",
                "restart the machine: changed then go on with file /etc/issue",
            ])
        #expect(target.files[Self.unit] != nil)
        #expect(target.files["/etc/issue"] == nil)
    }

    @Test func `a required restart in the middle comes before what is declared next`() async throws {
        target.files.put("/run/reboot-required", "*** System restart required ***\n")
        let host = Host("pi", runs: Debian.self) {
            Reboot.WhenRequired(.now)
            File("/etc/issue", "y")
        }
        #expect(
            await run(host) == [
                "restarted now where that is required: changed restart the machine now, then go on"
            ])
        #expect(target.files["/etc/issue"] == nil)
    }

    private func boot(_ kernel: String, id: String) {
        target.files.put("/proc/sys/kernel/osrelease", "\(kernel)\n")
        target.files.put("/proc/sys/kernel/random/boot_id", "\(id)\n")
    }

    private func install(_ kernel: String) {
        target.files.put("/boot/vmlinuz-\(kernel)", "")
        target.files.put("/vmlinuz", linkTo: "boot/vmlinuz-\(kernel)")
    }

    @Test func `a newer kernel requires one`() async throws {
        boot("6.1.0-27-amd64", id: "1")
        #expect(try await target.check(Reboot.WhenRequired()) == .satisfied)
        install("6.1.0-27-amd64")
        #expect(try await target.check(Reboot.WhenRequired()) == .satisfied)
        install("6.1.0-28-amd64")
        #expect(
            try await target.obeysLaw(Reboot.WhenRequired(.now)).reason
                == "restart the machine now, then go on, for the kernel 6.1.0-28-amd64 in place of 6.1.0-27-amd64")
        // After the restart.
        try target.files.remove("/run/started")
        boot("6.1.0-28-amd64", id: "2")
        #expect(try await target.check(Reboot.WhenRequired(.now)) == .satisfied)
    }

    @Test func `a machine is not restarted again and again for a kernel that it does not start`() async throws {
        boot("6.1.0-27-amd64", id: "1")
        install("6.1.0-28-amd64")
        try await target.obeysLaw(Reboot.WhenRequired())
        try target.files.remove("/run/started")
        // The restart did not come about.
        guard case .unmet = try await target.check(Reboot.WhenRequired()) else {
            Issue.record("the restart is not due")
            return
        }
        boot("6.1.0-27-amd64", id: "2")
        let error = try await #require(throws: Failure.self) { try await target.check(Reboot.WhenRequired()) }
        #expect(
            error.message == "the machine was restarted for the kernel 6.1.0-28-amd64 and still runs 6.1.0-27-amd64")
    }

    @Test func `a dangling link to a kernel and one of a container are no reason`() async throws {
        boot("6.1.0-27-amd64", id: "1")
        target.files.put("/vmlinuz", linkTo: "boot/vmlinuz-6.1.0-28-amd64")
        #expect(try await target.check(Reboot.WhenRequired()) == .satisfied)
    }

    @Test func `without systemd it says so`() async throws {
        try target.files.remove("/run/systemd/system")
        await #expect(throws: Failure.self) { try await Reboot().perform(on: target.machine) }
        #expect(!target.commands.log.contains { $0.hasPrefix("systemctl") })
    }
}
