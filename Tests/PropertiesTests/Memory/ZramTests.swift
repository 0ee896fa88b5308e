import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct ZramTests {
    let target = FakeMachine()
    static let path: FilePath = "/etc/systemd/zram-generator.conf.d/zz-propel.conf"
    static let others: FilePath = "/etc/systemd/zram-generator.conf"

    init() {
        target.files.put(directory: "/etc/systemd")
        target.files.put("/lib/systemd/system-generators/zram-generator", "ELF", mode: 0o755)
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader)
        target.files.put("/proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 300000 kB\n")
        plantSystemd()
    }

    /// The generator makes the unit of what is configured, here or by others.
    private func plantSystemd() {
        target.commands.program("systemctl") { [files = target.files] command in
            switch command.arguments.first {
            case "start":
                let priority =
                    files.text(at: Self.path).flatMap { $0.split(separator: "\n").last?.split(separator: " ").last }
                    ?? "100"
                files.put("/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 0 \(priority)\n")
            case "stop": files.put("/proc/swaps", SwapFileTests.swapsHeader)
            case "show" where command.arguments.last == "dev-zram0.swap":
                let load = files[Self.path] == nil && files[Self.others] == nil ? "not-found" : "loaded"
                return .printing(
                    "Id=dev-zram0.swap\nNames=dev-zram0.swap\nLoadState=\(load)\nActiveState=active\nUnitFileState=generated\n"
                )
            default: break
            }
            return .printing()
        }
    }

    @Test func `is configured and switched on and restored`() async throws {
        let before = target.files.snapshot
        let zram = Zram(size: .ofMemory(0.5), algorithm: "zstd", priority: 50)
        #expect(
            try await target.obeysLaw(zram).reason
                == "\(Self.path): create with mode 0644, owner root:root; switch it on")
        #expect(
            target.files.text(at: Self.path)
                == "[zram0]\nhost-memory-limit = none\nzram-size = ram * 0.5\ncompression-algorithm = "
                + "zstd\nswap-priority = 50\n"
        )
        #expect(target.files.text(at: "/proc/swaps")?.contains("/dev/zram0 partition 499996 0 50") == true)
        try await target.obeysLaw(zram.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `a device that went is switched on again`() async throws {
        try await target.obeysLaw(Zram(size: .mebibytes(512)))
        #expect(
            target.files.text(at: Self.path)
                == "[zram0]\nhost-memory-limit = none\nzram-size = 512\nswap-priority = 100\n")
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader)
        #expect(try await target.obeysLaw(Zram(size: .mebibytes(512))).reason == "switch it on")
    }

    /// An area in use keeps its size. Were the file there before it stops, nothing would tell that it has the old one.
    @Test func `swap that cannot be stopped stays unmet`() async throws {
        try await target.obeysLaw(Zram(size: .mebibytes(512)))
        target.commands.program("systemctl", status: 1)
        let smaller = Zram(size: .mebibytes(256))
        await #expect(throws: (any Error).self) { try await smaller.apply(on: target.machine) }
        #expect(target.files.text(at: Self.path)?.contains("zram-size = 512\n") == true)
        plantSystemd()
        #expect(try await target.obeysLaw(smaller).reason.contains(Self.path.string))
        #expect(
            target.commands.log.filter { !$0.contains(" show ") }.suffix(3) == [
                "systemctl stop -- dev-zram0.swap systemd-zram-setup@zram0.service", "systemctl daemon-reload",
                "systemctl start -- dev-zram0.swap",
            ])
    }

    @Test func `an area with another priority is made again`() async throws {
        try await target.obeysLaw(Zram(priority: 50))
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 0 100\n")
        #expect(try await target.obeysLaw(Zram(priority: 50)).reason == "switch it on")
    }

    /// Its size cannot change while it is in use, and a run that is cut after the file would not start over.
    @Test func `an area stops before its file is written or goes`() async throws {
        try await target.obeysLaw(Zram(priority: 50))
        target.operations.clear()
        try await target.obeysLaw(Zram(priority: 60))
        try target.operations.require(order: [
            "systemctl stop", "replace \(Self.path)", "systemctl daemon-reload", "systemctl start",
        ])
        target.operations.clear()
        try await target.obeysLaw(Zram(priority: 60).reverted())
        try target.operations.require(order: ["systemctl stop", "remove \(Self.path)", "systemctl daemon-reload"])
    }

    @Test func `swap configured by others is switched on again`() async throws {
        target.files.put(Self.others, "[zram0]\n")
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 0 100\n")
        try await target.obeysLaw(Zram())
        try await target.obeysLaw(Zram().reverted())
        #expect(target.commands.log.last { !$0.contains(" show ") } == "systemctl start -- dev-zram0.swap")
    }

    @Test func `what the package configures by default is not left behind`() async throws {
        // It came with Propel, and no area had been made of it.
        target.files.put(Self.others, "[zram0]\nzram-size = min(ram / 2, 4096)\n")
        try await target.obeysLaw(Zram())
        try await target.obeysLaw(Zram().reverted())
        #expect(target.files.text(at: "/proc/swaps") == SwapFileTests.swapsHeader)
        #expect(target.files.text(at: Self.path) == "[zram0]\nzram-size = 0\n")
        #expect(target.commands.log.last { !$0.contains(" show ") } == "systemctl daemon-reload")
        // Declared again, and taken back again.
        try await target.obeysLaw(Zram())
        try await target.obeysLaw(Zram().reverted())
        #expect(target.files.text(at: Self.path) == "[zram0]\nzram-size = 0\n")
    }

    @Test func `zram-tools is not fought with`() async throws {
        let link: FilePath = "/etc/systemd/system/multi-user.target.wants/zramswap.service"
        target.files.put(link, linkTo: "/lib/systemd/system/zramswap.service")
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 0 100\n")
        let failure = await #expect(throws: Failure.self) { try await target.check(Zram()) }
        #expect(failure?.advice?.contains("StockSwap.Absent()") == true)
        await #expect(throws: Failure.self) { try await Zram().apply(on: target.machine) }
        #expect(target.files[Self.path] == nil)
        target.commands.program("systemctl") { [files = target.files] command in
            switch command.arguments.first {
            case "disable":
                try files.remove(link)
                files.put("/proc/swaps", SwapFileTests.swapsHeader)
            case "enable": files.put(link, linkTo: "/lib/systemd/system/zramswap.service")
            default: break
            }
            return .printing()
        }
        #expect(try await target.obeysLaw(StockSwap.Absent()).reason == "disable zram-tools")
        #expect(target.commands.log.last == "systemctl disable --now -- zramswap.service")
        try await target.obeysLaw(StockSwap.Absent().reverted())
        #expect(target.files[link] != nil)
    }

    @Test func `it wants the package of the generator and one opinion`() {
        let host = Host("pi", runs: Debian.self) {
            Zram()
            Zram(priority: 50)
        }
        #expect(host.steps.map(\.path).first == "apt: systemd-zram-generator")
        #expect(host.conflicts.map(\.subject) == ["the device zram0"])
    }

    @Test func `swapped pages must fit into memory before a revert`() async throws {
        try await target.obeysLaw(Zram())
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 280000 100\n")
        let before = target.files.snapshot, log = target.commands.log
        await #expect(throws: Failure.self) { try await Zram().checkReverted(on: target.machine) }
        await #expect(throws: Failure.self) { try await Zram().revert(on: target.machine) }
        #expect(target.files.snapshot == before && target.commands.log == log)
    }

    @Test func `swapped pages must fit into memory`() async throws {
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 280000 100\n")
        await #expect(throws: Failure.self) { try await target.check(Zram()) }
        await #expect(throws: Failure.self) { try await Zram().apply(on: target.machine) }
        #expect(target.files.writes.isEmpty && target.commands.log.isEmpty)
    }

    @Test func `in a container only the configuration is looked at`() async throws {
        target.files.put("/run/systemd/container", "systemd-nspawn")
        try await target.obeysLaw(Zram())
        #expect(target.commands.log == ["systemctl daemon-reload"])
    }

    @Test func `the check is undetermined without the package`() async throws {
        try target.files.remove("/lib/systemd/system-generators/zram-generator")
        #expect(try await target.check(Zram()).isUnknown)
    }

    @Test(arguments: [
        Zram(size: .bytes(ByteSize(bytes: 1000))), Zram(size: .mebibytes(0)), Zram(size: .ofMemory(0)),
        Zram(size: .ofMemory(5)), Zram(size: .bytes("2 gigabytes")), Zram(algorithm: ""),
        Zram(algorithm: "lz4\nmount-point = /"), Zram(priority: -2), Zram(priority: 40000),
    ])
    func `invalid declarations are refused`(_ zram: Zram) async throws {
        #expect(zram.problems.count == 1)
        await #expect(throws: Failure.self) { try await target.check(zram) }
        await #expect(throws: Failure.self) { try await zram.apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }
}

@Suite(.recorded) struct JournaldTests {
    let target = FakeMachine()
    static let path: FilePath = "/etc/systemd/journald.conf.d/zz-propel.conf"
    let systemd: FakeSystemd

    init() {
        target.files.put("/etc/systemd/journald.conf", "[Journal]\n")
        systemd = FakeSystemd(target, ["systemd-journald.service": .init(active: "active", file: "static")])
    }

    @Test func `has bounds and restores them`() async throws {
        let journal = Journald(
            storage: .volatile, maximumUse: .mebibytes(64), maximumRetention: .days(7), syncInterval: .minutes(15))
        let before = target.files.snapshot
        try await target.obeysLaw(journal)
        #expect(
            target.files.text(at: Self.path)
                == "[Journal]\nStorage=volatile\nSystemMaxUse=67108864\nMaxRetentionSec=604800\nSyncIntervalSec=900\n")
        try await target.obeysLaw(journal.reverted())
        #expect(target.files.snapshot == before)
        #expect(target.commands.log.contains("systemctl restart -- systemd-journald.service"))
    }

    @Test func `a change restarts it once`() async throws {
        let host = Host("pi", runs: Debian.self) { Journald(maximumUse: .mebibytes(64)) }
        let first = await Engine(host: host, machine: target.machine) { _ in }.enforce()
        #expect(first.counts == [.changed: 2])
        let second = await Engine(host: host, machine: target.machine) { _ in }.enforce()
        #expect(second.counts == [.ok: 1])
        #expect(target.commands.log.count { $0.hasPrefix("systemctl restart") } == 1)
    }

    @Test func `it has one place and one opinion`() {
        let host = Host("pi", runs: Debian.self) {
            Journald(storage: .volatile)
            Journald(maximumUse: .mebibytes(64))
            File(Self.path, "[Journal]\n")
        }
        #expect(Set(host.conflicts.map(\.subject)) == ["the path \(Self.path)"])
    }

    @Test(arguments: [
        Journald(), Journald(maximumUse: .mebibytes(1)), Journald(syncInterval: .zero),
        Journald(maximumRetention: .seconds(-1)),
    ])
    func `invalid declarations are refused`(_ journal: Journald) async throws {
        await #expect(throws: Failure.self) { try await target.check(journal) }
        await #expect(throws: Failure.self) { try await journal.apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }
}
