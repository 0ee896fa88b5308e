import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct SysctlTests {
    let target = FakeMachine()

    init() {
        target.files.put("/proc/sys/vm/swappiness", "60\n")
        target.files.put("/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n")
        target.files.put(directory: "/etc/sysctl.d")
        target.commands.program("tee") { [files = target.files] command in
            guard command.arguments.count == 2, command.arguments[0] == "--" else { return .failing() }
            files.put(FilePath(command.arguments[1]), bytes: command.input)
            return .printing()
        }
    }

    @Test func `sets now and for each boot and restores it`() async throws {
        let before = target.files.snapshot
        #expect(
            try await target.obeysLaw(Swappiness(10)).reason
                == "now 60 → 10; /etc/sysctl.d/99-zz-vm.swappiness.conf: create with mode 0644, owner root:root")
        #expect(target.files.text(at: "/etc/sysctl.d/99-zz-vm.swappiness.conf") == "vm.swappiness = 10\n")
        #expect(target.files.text(at: "/proc/sys/vm/swappiness") == "10\n")
        #expect(target.commands.log == ["tee -- /proc/sys/vm/swappiness"])
        #expect(
            try await target.checkReverted(Swappiness(10)).reason
                == "10 → 60; restore the original /etc/sysctl.d/99-zz-vm.swappiness.conf")
        try await target.obeysLaw(Swappiness(10).reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `the former value is kept, then the kernel gets the new one, then it counts at boot`() async throws {
        try await Swappiness(10).apply(on: target.machine)
        try target.operations.require(order: [
            "replace /var/lib/propel/", "tee -- /proc/sys/vm/swappiness",
            "replace /etc/sysctl.d/99-zz-vm.swappiness.conf",
        ])
    }

    @Test func `the former value is known until the kernel has it again`() async throws {
        try await Swappiness(10).apply(on: target.machine)
        target.operations.clear()
        try await Swappiness(10).revert(on: target.machine)
        try target.operations.require("tee -- /proc/sys/vm/swappiness", before: "remove /var/lib/propel/running-values")
    }

    @Test func `each half is repaired separately`() async throws {
        try await target.obeysLaw(Swappiness(10))
        target.files.put("/proc/sys/vm/swappiness", "100\n")
        #expect(try await target.obeysLaw(Swappiness(10)).reason == "now 100 → 10")
        try target.files.remove("/etc/sysctl.d/99-zz-vm.swappiness.conf")
        #expect(
            try await target.obeysLaw(Swappiness(10)).reason
                == "/etc/sysctl.d/99-zz-vm.swappiness.conf: create with mode 0644, owner root:root")
        try await target.obeysLaw(Swappiness(10).reverted())
        #expect(target.files.text(at: "/proc/sys/vm/swappiness") == "60\n")
    }

    @Test func `whitespace between fields does not matter`() async throws {
        #expect(
            try await target.check(Sysctl("net.ipv4.tcp_rmem", "4096 131072  6291456")).reason?.hasPrefix("now")
                == false)
        #expect(
            try await target.check(Sysctl("net.ipv4.tcp_rmem", "4096 131072 629145")).reason?.hasPrefix("now") == true)
    }

    @Test func `a value that the kernel refuses is not written`() async throws {
        target.commands.program("tee", status: 1, errors: "tee: /proc/sys/vm/swappiness: Invalid argument")
        let failure = await #expect(throws: Failure.self) { try await Swappiness(10).apply(on: target.machine) }
        #expect(failure?.message == "vm.swappiness cannot be set to 10")
        #expect(failure?.output == ["tee: /proc/sys/vm/swappiness: Invalid argument"])
        #expect(target.files["/etc/sysctl.d/99-zz-vm.swappiness.conf"] == nil)
    }

    /// As systemd-nspawn mounts it, with a private network.
    private static let mounts = """
        30 1 0:26 / / rw,relatime - overlay overlay rw
        31 30 0:27 / /proc rw,nosuid - proc proc rw
        32 31 0:27 /sys /proc/sys ro,nosuid - proc proc rw
        33 32 0:27 /sys/net /proc/sys/net rw,nosuid - proc proc rw

        """

    @Test func `in a container it says that the parameter belongs to the computer, in the plan too`() async throws {
        target.files.put("/run/systemd/container", "systemd-nspawn")
        target.files.put("/proc/self/mountinfo", Self.mounts)
        let failure = await #expect(throws: Failure.self) { try await Swappiness(10).check(on: target.machine) }
        #expect(
            failure?.message == "vm.swappiness belongs to the computer that this container runs on, and is 60 there")
        // What has the value that is declared, and what belongs to the container, is no failure.
        _ = try await Swappiness(60).check(on: target.machine)
        try await target.obeysLaw(Sysctl("net.ipv4.tcp_rmem", "4096 131072 629145"))
    }

    @Test func `a container that may not write says so too`() async throws {
        target.files.put("/run/systemd/container", "lxc")
        target.commands.program("tee", status: 1, errors: "tee: /proc/sys/vm/swappiness: Permission denied")
        let failure = await #expect(throws: Failure.self) { try await Swappiness(10).apply(on: target.machine) }
        #expect(failure?.message.hasPrefix("vm.swappiness belongs to the computer") == true)
    }

    @Test(arguments: [
        Sysctl("", "1"), Sysctl("vm", "1"), Sysctl("vm..x", "1"), Sysctl("../../etc/passwd", "1"),
        Sysctl("vm.swappiness\n", "1"),
        Sysctl("vm.swappiness", ""), Sysctl("vm.swappiness", "1\nkernel.panic = 1"), Sysctl("vm.none", "1"),
        Sysctl("vm/swappiness", "1"),
    ])
    func `an invalid parameter is refused`(_ property: Sysctl) async throws {
        #expect(property.problems.count == (property.key == "vm.none" ? 0 : 1))
        await #expect(throws: Failure.self) { try await target.check(property) }
        await #expect(throws: Failure.self) { try await property.apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
        #expect(target.commands.log.isEmpty)
    }

    @Test func `a parameter is set by no file, and put back`() async throws {
        target.files.put("/etc/sysctl.conf", "# mine\nvm/swappiness=10\nvm.swappiness2 = 1\n")
        target.files.put("/etc/sysctl.d/99-sysctl.conf", linkTo: "../sysctl.conf")
        target.files.put("/etc/sysctl.d/10-a.conf", "#vm.swappiness = 1\n- vm.swappiness = 5\n")
        target.files.put("/etc/sysctl.d/README", "vm.swappiness = 5\n")
        let before = target.files.snapshot
        let absent = Sysctl.Absent("vm.swappiness")
        #expect(
            try await target.obeysLaw(absent).reason
                == "remove it from /etc/sysctl.conf; remove it from /etc/sysctl.d/10-a.conf")
        #expect(target.files.text(at: "/etc/sysctl.conf") == "# mine\nvm.swappiness2 = 1\n")
        #expect(target.files["/etc/sysctl.d/10-a.conf"] == nil)
        #expect(target.machine.followUps.count == 1)
        try await target.obeysLaw(absent.reverted())
        #expect(target.files.snapshot == before)
        #expect(Sysctl.Absent("vm").problems.count == 1)
        let host = Host("test", runs: Debian.self) {
            Swappiness(10)
            absent
        }
        #expect(host.conflicts.count == 1)
    }

    @Test func `a file that somebody has removed since is not put back`() async throws {
        let path: FilePath = "/etc/sysctl.d/10-a.conf"
        target.files.put(path, "vm.swappiness = 5\nkernel.panic = 10\n")
        let absent = Sysctl.Absent("vm.swappiness")
        try await target.obeysLaw(absent)
        try target.files.remove(path)
        #expect(try await target.checkReverted(absent) == .satisfied)
        try await absent.revert(on: target.machine)
        #expect(target.files[path] == nil)
    }

    @Test(arguments: [-1, 201])
    func `an invalid swappiness is refused`(_ value: Int) async throws {
        #expect(Swappiness(value).problems.count == 1)
        await #expect(throws: Failure.self) { try await target.check(Swappiness(value)) }
    }
}
