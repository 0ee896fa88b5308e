import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct GrubTests {
    private let fake = FakeMachine()

    private func plant() {
        fake.files.put("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"\"\n")
        fake.commands.program("update-grub")
    }

    @Test func `a parameter is a file, and the menu is made`() async throws {
        plant()
        let parameter = Grub.KernelParameter("mitigations", "off")
        let host = Host("test", runs: Debian.self) {
            parameter
            Reboot.WhenRequired()
        }
        let plan = try await fake.check(parameter)
        #expect(plan.reason == "create with mode 0644, owner root:root; effective after a restart")
        #expect(host.steps[0].actions.map(\.name) == ["make the menu of GRUB"])
        try await fake.obeysLaw(parameter)
        #expect(
            fake.files.text(at: "/etc/default/grub.d/propel-mitigations.cfg")
                == "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX mitigations=off\"\n")
        #expect(fake.files["/run/reboot-required"] != nil)
        try await fake.obeysLaw(parameter.reverted())
        #expect(fake.files["/etc/default/grub.d"] == nil)
        #expect(fake.commands.log == ["update-grub"])
    }

    @Test func `another value replaces it, and one of several does not`() async throws {
        plant()
        try await fake.obeysLaw(Grub.KernelParameter("quiet"))
        try await fake.obeysLaw(Grub.KernelParameter("console", "tty0", isOneOfSeveral: true))
        try await fake.obeysLaw(Grub.KernelParameter("console", "ttyS0,115200", isOneOfSeveral: true))
        try await fake.obeysLaw(Grub.KernelParameter("loglevel", "3"))
        try await fake.obeysLaw(Grub.KernelParameter("loglevel", "4"))
        #expect(
            try fake.files.list("/etc/default/grub.d") == [
                "propel-console=tty0.cfg", "propel-console=ttyS0,115200.cfg", "propel-loglevel.cfg",
                "propel-quiet.cfg",
            ])
        let host = Host("test", runs: Debian.self) {
            Grub.KernelParameter("loglevel", "3")
            Grub.KernelParameter("loglevel", "4")
        }
        #expect(host.conflicts.count == 1)
    }

    @Test func `a machine without GRUB waits for it`() async throws {
        #expect(try await fake.check(Grub.KernelParameter("quiet")) == .unknown(until: "GRUB is installed"))
    }

    @Test(arguments: ["", "a b", "a$(reboot)", "a\"b", "a`b", "a\\b", "a=b"]) func `what a shell would read is refused`(
        _ key: String
    ) async throws {
        plant()
        let parameter = Grub.KernelParameter(key)
        #expect(parameter.problems.count == 1)
        await #expect(throws: Failure.self) { try await parameter.apply(on: fake.machine) }
        #expect(fake.files["/etc/default/grub.d"] == nil)
    }

    @Test func `a module is a line of the initial file system`() async throws {
        let module = Initramfs.ModuleLine(module: "r8169", options: ["x=1"])
        #expect(try await fake.check(module) == .unknown(until: "initramfs-tools is installed"))
        fake.files.put("/etc/initramfs-tools/modules", "# modules\nr8169_more\n")
        fake.commands.program("update-initramfs")
        let host = Host("test", runs: Debian.self) { Initramfs.Module("r8169", options: ["x=1"]) }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.changed] == 2)
        #expect(fake.files.text(at: "/etc/initramfs-tools/modules") == "# modules\nr8169_more\nr8169 x=1\n")
        #expect(fake.commands.log == ["update-initramfs -u -k all"])
        let back = Host("test", runs: Debian.self) { Initramfs.Module("r8169", options: ["x=1"]).reverted() }
        fake.machine.forgetFacts()
        let reverted = await Engine(host: back, machine: fake.machine) { _ in }.enforce()
        #expect(reverted[.failed] == 0 && reverted[.changed] == 2)
        #expect(fake.files.text(at: "/etc/initramfs-tools/modules") == "# modules\nr8169_more\n")
        #expect(fake.commands.log.count == 2)
        #expect(Initramfs.ModuleLine(module: "a b", options: []).problems.count == 1)
    }
}
