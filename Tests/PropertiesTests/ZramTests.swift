import PropelTesting
import Testing

@testable import Properties

@Suite struct ZramTests {
    let target = FakeMachine()
    static let path: FilePath = "/etc/systemd/zram-generator.conf.d/zz-propel.conf"

    init() {
        target.files.put(directory: "/etc/systemd")
        target.files.put("/lib/systemd/system-generators/zram-generator", "ELF", mode: 0o755)
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader)
        target.files.put("/proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 300000 kB\n")
        target.commands.program("systemctl") { [files = target.files] command in
            switch command.arguments.first {
            case "start":
                let priority = files.text(at: Self.path).flatMap { $0.split(separator: "\n").last?.split(separator: " ").last } ?? "100"
                files.put("/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 0 \(priority)\n")
            case "stop": files.put("/proc/swaps", SwapFileTests.swapsHeader)
            case "show" where command.arguments.last == "dev-zram0.swap":
                let load = files[Self.path] == nil ? "not-found" : "loaded"
                return .printing("Id=dev-zram0.swap\nNames=dev-zram0.swap\nLoadState=\(load)\nActiveState=active\nUnitFileState=generated\n")
            default: break
            }
            return .printing()
        }
    }

    @Test func isConfiguredAndSwitchedOnAndGivenBack() async throws {
        let before = target.files.snapshot
        let zram = Zram(size: .ofMemory(0.5), algorithm: "zstd", priority: 50)
        #expect(try await target.obeysLaw(zram).reason == "\(Self.path): absent; switch it on")
        #expect(target.files.text(at: Self.path) == "[zram0]\nhost-memory-limit = none\nzram-size = ram * 0.5\ncompression-algorithm = zstd\nswap-priority = 50\n")
        #expect(target.files.text(at: "/proc/swaps")?.contains("/dev/zram0 partition 499996 0 50") == true)
        try await target.obeysLaw(zram.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func aDeviceThatWentIsSwitchedOnAgain() async throws {
        try await target.obeysLaw(Zram(size: .mebibytes(512)))
        #expect(target.files.text(at: Self.path) == "[zram0]\nhost-memory-limit = none\nzram-size = 512\nswap-priority = 100\n")
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader)
        #expect(try await target.obeysLaw(Zram(size: .mebibytes(512))).reason == "switch it on")
    }

    @Test func whatIsSwappedOutMustFitIntoMemory() async throws {
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 280000 100\n")
        await #expect(throws: Failure.self) { try await target.check(Zram()) }
        await #expect(throws: Failure.self) { try await Zram().apply(on: target.machine) }
        #expect(target.files.writes.isEmpty && target.commands.log.isEmpty)
    }

    @Test func inAContainerOnlyTheConfigurationIsLookedAt() async throws {
        target.files.put("/run/systemd/container", "systemd-nspawn")
        try await target.obeysLaw(Zram())
        #expect(target.commands.log == ["systemctl daemon-reload"])
    }

    @Test func withoutThePackageItCannotBeTold() async throws {
        try target.files.remove("/lib/systemd/system-generators/zram-generator")
        #expect(try await target.check(Zram()).isUnknown)
    }

    @Test(arguments: [
        Zram(size: .bytes(ByteSize(bytes: 1000))), Zram(size: .mebibytes(0)), Zram(size: .ofMemory(0)), Zram(size: .ofMemory(5)), Zram(algorithm: ""),
        Zram(algorithm: "lz4\nmount-point = /"), Zram(priority: -2), Zram(priority: 40000),
    ])
    func whatCannotBeIsRefused(_ zram: Zram) async throws {
        await #expect(throws: Failure.self) { try await target.check(zram) }
        await #expect(throws: Failure.self) { try await zram.apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }
}

@Suite struct JournaldTests {
    let target = FakeMachine()
    static let path: FilePath = "/etc/systemd/journald.conf.d/zz-propel.conf"
    let systemd: FakeSystemd

    init() {
        target.files.put("/etc/systemd/journald.conf", "[Journal]\n")
        systemd = FakeSystemd(target, ["systemd-journald.service": .init(active: "active", file: "static")])
    }

    @Test func hasBoundsAndGivesThemBack() async throws {
        let journal = Journald(storage: .volatile, maximumUse: .mebibytes(64), maximumRetention: .days(7), syncInterval: .minutes(15))
        let before = target.files.snapshot
        try await target.obeysLaw(journal)
        #expect(target.files.text(at: Self.path) == "[Journal]\nStorage=volatile\nSystemMaxUse=67108864\nMaxRetentionSec=604800\nSyncIntervalSec=900\n")
        try await target.obeysLaw(journal.reverted())
        #expect(target.files.snapshot == before)
        #expect(target.commands.log.contains("systemctl restart -- systemd-journald.service"))
    }

    @Test func aChangeRestartsItOnce() async throws {
        let host = Host("pi", runs: Debian.self) { Journald(maximumUse: .mebibytes(64)) }
        let first = await Engine(host: host, machine: target.machine) { _ in }.enforce()
        #expect(first.counts == [.changed: 2])
        let second = await Engine(host: host, machine: target.machine) { _ in }.enforce()
        #expect(second.counts == [.ok: 1])
        #expect(target.commands.log.count { $0.hasPrefix("systemctl restart") } == 1)
    }

    @Test(arguments: [Journald(), Journald(maximumUse: .mebibytes(1)), Journald(syncInterval: .zero), Journald(maximumRetention: .seconds(-1))])
    func whatCannotBeIsRefused(_ journal: Journald) async throws {
        await #expect(throws: Failure.self) { try await target.check(journal) }
        await #expect(throws: Failure.self) { try await journal.apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
    }
}
