import PropelTesting
import Testing

@testable import Properties

@Suite struct KernelModuleTests {
    private let fake = FakeMachine()

    init() {
        fake.files.put("/proc/sys/kernel/osrelease", "6.1.0-1-amd64\n")
        fake.files.put("/lib/modules/6.1.0-1-amd64/modules.builtin", "kernel/fs/ext4/ext4.ko\nkernel/drivers/a-b.ko\n")
        fake.commands.program("modprobe") { [fake] command in
            let name = String((command.arguments.last ?? "").map { $0 == "-" ? "_" : $0 })
            fake.files.put(directory: FilePath("/sys/module/\(name)"))
            return .printing()
        }
    }

    private func enforce(_ modules: KernelModule...) async -> RunSummary {
        fake.machine.forgetFacts()
        let host = Host("x", runs: Debian.self) { for module in modules { module } }
        return await Engine(host: host, machine: fake.machine) { _ in }.enforce()
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
        .init(module: "a", kind: .options(["b=1\ninstall x"])),
    ]

    @Test(arguments: invalid)
    func `an invalid module is refused and writes nothing`(_ file: KernelModule.ModuleFile) async throws {
        #expect(file.problems.count == 1)
        await #expect(throws: Failure.self) { try await file.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }
}
