import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct KernelModuleTests {
    private let fake = FakeMachine()

    init() {
        fake.files.put("/proc/sys/kernel/osrelease", "6.1.0-1-amd64\n")
        fake.files.put("/lib/modules/6.1.0-1-amd64/modules.builtin", "kernel/fs/ext4/ext4.ko\nkernel/drivers/a-b.ko\n")
        fake.commands.program("modprobe") { [fake] command in
            let name = String((command.arguments.last ?? "").map { $0 == "-" ? "_" : $0 })
            if command.arguments.first == "--remove" {
                try fake.files.remove(FilePath("/sys/module/\(name)"))
                return .printing()
            }
            fake.files.put(directory: FilePath("/sys/module/\(name)"))
            return .printing()
        }
    }

    private func enforce(_ host: Host) async -> RunSummary {
        fake.machine.forgetFacts()
        return await Engine(host: host, machine: fake.machine) { _ in }.enforce()
    }

    private func enforce(_ modules: KernelModule...) async -> RunSummary {
        await enforce(Host("x", runs: Debian.self) { for module in modules { module } })
    }

    private static func without(_ module: String) -> Host {
        Host("x", runs: Debian.self) { KernelModule.Absent(module) }
    }

    @Test func `a module is unloaded, and is not loaded again`() async throws {
        #expect(await enforce(KernelModule("i2c-dev"))[.changed] == 2)
        let host = Self.without("i2c-dev")
        #expect(await enforce(host)[.changed] == 3)
        #expect(fake.files["/etc/modules-load.d/i2c-dev.conf"] == nil && fake.files["/sys/module/i2c_dev"] == nil)
        #expect(
            fake.files.text(at: "/etc/modprobe.d/i2c-dev.conf") == "blacklist i2c-dev\ninstall i2c-dev /bin/false\n")
        #expect(fake.commands.log == ["modprobe -- i2c-dev", "modprobe --remove -- i2c-dev"])
        try fake.operations.require("/etc/modprobe.d/i2c-dev.conf", before: "modprobe --remove")
        #expect(await enforce(host)[.ok] == 3)
        // One that is used stays, and the run says so.
        fake.files.put(directory: "/sys/module/i2c_dev")
        fake.commands.program("modprobe", status: 1, errors: "modprobe: FATAL: Module i2c_dev is in use.\n")
        #expect(await enforce(host)[.failed] == 1)
        // In a container the kernel is that of the computer.
        fake.files.put("/run/systemd/container", "lxc\n")
        #expect(await enforce(host)[.ok] == 3)
    }

    @Test(arguments: [[], ["a=1"]] as [[String]])
    func `a module that was kept out can be declared again`(_ options: [String]) async throws {
        fake.commands.program("modprobe") { [fake] _ in
            let text = fake.files.text(at: "/etc/modprobe.d/zfs.conf") ?? ""
            if text.contains("/bin/false") { return .failing(1, "modprobe: ERROR: Error running install command\n") }
            fake.files.put(directory: "/sys/module/zfs")
            return .printing()
        }
        #expect(await enforce(Self.without("zfs"))[.failed] == 0)
        let module = KernelModule("zfs", options: options)
        let run = await enforce(module)
        #expect(run[.failed] == 0 && run[.changed] == (options.isEmpty ? 2 : 3))
        #expect(
            fake.files.text(at: "/etc/modprobe.d/zfs.conf") == (options.isEmpty ? nil : "options zfs a=1\n"))
        #expect(await enforce(module)[.changed] == 0)
    }

    @Test func `a part of the kernel cannot be absent`() async throws {
        for name in ["ext4", "a-b", "a_b"] {
            let failure = await #expect(throws: Failure.self) {
                try await fake.check(KernelModule.Unloaded(module: name))
            }
            #expect(failure?.message == "the module \(name) is a part of this kernel")
        }
    }

    @Test func `a module that is loaded and absent is a conflict, and an invalid one a problem`() {
        let host = Host("x", runs: Debian.self) {
            KernelModule("zfs", options: ["a=1"])
            KernelModule.Absent("zfs")
        }
        #expect(
            host.conflicts.map(\.subject).sorted() == [
                "the kernel module zfs", "the path /etc/modprobe.d/zfs.conf", "the path /etc/modules-load.d/zfs.conf",
            ])
        for name in ["", "../x", "a b"] { #expect(!Self.without(name).problems.isEmpty) }
    }

    @Test func `each module is loaded now and at boot`() async throws {
        let modules = [KernelModule("i2c-dev"), KernelModule("zfs", options: ["zfs_arc_max=1", "b=2"])]
        #expect(await enforce(modules[0], modules[1])[.changed] == 5)
        #expect(fake.commands.log == ["modprobe -- i2c-dev", "modprobe -- zfs"])
        #expect(fake.files.text(at: "/etc/modules-load.d/i2c-dev.conf") == "i2c-dev\n")
        #expect(fake.files.text(at: "/etc/modprobe.d/zfs.conf") == "options zfs zfs_arc_max=1 b=2\n")
        #expect(await enforce(modules[0], modules[1])[.ok] == 5)
    }

    @Test(arguments: ["ext4", "a_b", "a-b"])
    func `a module that is part of the kernel is loaded`(_ name: String) async throws {
        #expect(try await fake.check(KernelModule.Loaded(module: name)) == .satisfied)
    }

    @Test(arguments: ["ext", "xt4", "4"])
    func `a near miss is not`(_ name: String) async throws {
        try await fake.obeysLaw(KernelModule.Loaded(module: name))
    }

    @Test func `in a container nothing is loaded`() async throws {
        fake.files.put("/run/systemd/container", "systemd-nspawn\n")
        #expect(await enforce(KernelModule("i2c-dev"))[.changed] == 1)
        #expect(fake.commands.log.isEmpty)
    }

    static let invalid = [
        KernelModule.ModuleFile(module: "../x", kind: .load), .init(module: "", kind: .load),
        .init(module: "a", kind: .options(["b"])), .init(module: "a", kind: .options(["b=1 c"])),
        .init(module: "a", kind: .options(["b=1\ninstall x"])), .init(module: "a\nb", kind: .blocked),
    ]

    @Test(arguments: invalid)
    func `an invalid module is refused and writes nothing`(_ file: KernelModule.ModuleFile) async throws {
        #expect(file.problems.count == 1)
        await #expect(throws: Failure.self) { try await file.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }
}
