import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct StockSwapTests {
    let target = FakeMachine()
    let systemd: FakeSystemd
    static let dphys = "dphys-swapfile.service"
    static let link: FilePath = "/etc/systemd/system/multi-user.target.wants/dphys-swapfile.service"

    init() {
        systemd = FakeSystemd(target)
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader)
        target.files.put("/proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 300000 kB\n")
        target.files.put("/etc/fstab", "UUID=abc / ext4 defaults 0 1\n")
        target.commands.program("df", prints: "     Avail Type\n\(10 << 30) ext4\n")
        target.commands.program("swapoff")
    }

    private func putDphys(file: FilePath = "/var/swap", used: Int = 0) {
        target.files.put("/sbin/dphys-swapfile", "#! /bin/sh\n")
        systemd[Self.dphys] = .init(active: "active", file: "enabled")
        target.files.put(Self.link, linkTo: "/lib/systemd/system/dphys-swapfile.service")
        putSwap(file)
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader + "\(file) file 1020 \(used) -2\n")
        // Disabling takes the link away, and its ExecStop switches the file off.
        let run = systemd, files = target.files
        target.commands.program("systemctl") { [systemd] command in
            if command.arguments.starts(with: ["disable", "--now"]) {
                systemd[Self.dphys]?.active = "inactive"
                systemd[Self.dphys]?.file = "disabled"
                try files.remove(Self.link)
                files.put("/proc/swaps", SwapFileTests.swapsHeader)
                return .printing()
            }
            if command.arguments.starts(with: ["enable", "--now"]) {
                systemd[Self.dphys]?.active = "active"
                systemd[Self.dphys]?.file = "enabled"
                files.put(Self.link, linkTo: "/lib/systemd/system/dphys-swapfile.service")
                return .printing()
            }
            return run.answer(command)
        }
    }

    private func putSwap(_ path: FilePath) {
        target.files.put(
            path, bytes: SwapFileTests.header(of: 1 << 20) + [UInt8](repeating: 0, count: 1 << 20 - Memory.pageSize),
            mode: 0o600)
    }

    private func putRpiSwap() {
        target.files.put("/usr/lib/systemd/system-generators/rpi-swap-generator", "#!/bin/sh\n", mode: 0o755)
        systemd["swap.target"] = .init(active: "active", file: "static")
        target.files.put("/etc/rpi/swap.conf", "[Main]\n#Mechanism=auto\n")
    }

    @Test func `a machine without either has no stock swap`() async throws {
        #expect(try await target.check(StockSwap.Absent()) == .satisfied)
        #expect(try await target.checkReverted(StockSwap.Absent()) == .satisfied)
    }

    @Test func `dphys swapfile is taken over and restored`() async throws {
        putDphys()
        #expect(try await target.obeysLaw(StockSwap.Absent()).reason == "disable dphys-swapfile; remove /var/swap")
        #expect(target.files["/var/swap"] == nil)
        #expect(try await target.obeysLaw(StockSwap.Absent().reverted()).reason == "enable dphys-swapfile")
        #expect(systemd[Self.dphys]?.file == "enabled" && systemd[Self.dphys]?.active == "active")
    }

    @Test func `a removal interrupted after the stop is finished`() async throws {
        putDphys()
        try await target.machine.run("systemctl", "disable", "--now", "--", Self.dphys)
        #expect(try await target.obeysLaw(StockSwap.Absent()).reason == "remove /var/swap")
    }

    @Test func `an unrelated file is kept`() async throws {
        putDphys()
        target.files.put("/etc/fstab", "/var/swap none swap sw 0 0\n")
        try await target.obeysLaw(StockSwap.Absent())
        #expect(target.files["/var/swap"] != nil)
        try target.files.remove("/var/swap")
        target.files.put("/var/swap", "no swap area\n")
        target.files.put("/etc/fstab", "")
        #expect(try await target.check(StockSwap.Absent()) == .satisfied)
    }

    @Test func `swapped pages must fit into memory`() async throws {
        putDphys(used: 280_000)
        await #expect(throws: Failure.self) { try await target.check(StockSwap.Absent()) }
        await #expect(throws: Failure.self) { try await StockSwap.Absent().apply(on: target.machine) }
        #expect(!target.commands.log.contains { $0.hasPrefix("systemctl disable") })
        #expect(target.files["/var/swap"] != nil)
    }

    @Test(arguments: [
        "CONF_SWAPFILE=/data/swap\n", "  CONF_SWAPFILE=\"/data/swap\"\n",
        "#CONF_SWAPFILE=/x\nCONF_SWAPFILE='/data/swap'\n",
    ])
    func `the file may be elsewhere`(_ configuration: String) async throws {
        putDphys(file: "/data/swap")
        target.files.put("/etc/dphys-swapfile", configuration)
        #expect(try await target.obeysLaw(StockSwap.Absent()).reason == "disable dphys-swapfile; remove /data/swap")
    }

    @Test func `rpi-swap is configured to use no swap, and restored`() async throws {
        putRpiSwap()
        let before = target.files.snapshot
        #expect(try await target.obeysLaw(StockSwap.Absent()).reason == "disable rpi-swap")
        #expect(target.files.text(at: "/etc/rpi/swap.conf.d/zz-propel.conf") == "[Main]\nMechanism=none\n")
        let stop = target.commands.log.firstIndex { $0.hasPrefix("systemctl stop") },
            reload = target.commands.log.firstIndex { $0.hasPrefix("systemctl daemon-reload") }
        #expect(try #require(stop) < #require(reload))
        try await target.obeysLaw(StockSwap.Absent().reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `pages in swap of rpi-swap must fit into memory`() async throws {
        putRpiSwap()
        target.files.put("/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 280000 100\n")
        let before = target.files.snapshot
        await #expect(throws: Failure.self) { try await target.check(StockSwap.Absent()) }
        await #expect(throws: Failure.self) { try await StockSwap.Absent().apply(on: target.machine) }
        #expect(target.files.snapshot == before)
        #expect(!target.commands.log.contains { $0.hasPrefix("systemctl stop") })
    }

    /// Otherwise nothing would show that an area is still in use.
    @Test func `an area of rpi-swap that stays active is unmet`() async throws {
        putRpiSwap()
        target.files.put(
            "/proc/swaps", SwapFileTests.swapsHeader + "/dev/zram0 partition 499996 0 100\n/var/swap file 1020 0 -2\n")
        await #expect(throws: CommandFailure.self) { try await StockSwap.Absent().apply(on: target.machine) }
        #expect(target.files["/etc/rpi/swap.conf.d/zz-propel.conf"] == nil)
        target.commands.program("systemctl") { [systemd, files = target.files] command in
            if command.arguments.first == "stop" { files.put("/proc/swaps", SwapFileTests.swapsHeader) }
            return systemd.answer(command)
        }
        try await target.obeysLaw(StockSwap.Absent())
    }

    @Test func `a revert sets up rpi-swap again`() async throws {
        putRpiSwap()
        try await target.obeysLaw(StockSwap.Absent())
        try await target.obeysLaw(StockSwap.Absent().reverted())
        let log = target.commands.log
        #expect(
            try #require(log.lastIndex(of: "systemctl daemon-reload")) < #require(
                log.lastIndex(of: "systemctl start -- swap.target")))
    }

    /// Somebody has stopped the service with its file in use, or switched the file on by hand.
    @Test func `a file in use is switched off before it is removed`() async throws {
        putDphys()
        systemd[Self.dphys] = .init(active: "inactive", file: "disabled")
        target.commands.program("swapoff") { [files = target.files] command in
            guard files["/var/swap"] != nil else { return .failing() }
            files.put("/proc/swaps", SwapFileTests.swapsHeader)
            return .printing()
        }
        #expect(try await target.obeysLaw(StockSwap.Absent()).reason == "remove /var/swap")
        #expect(target.commands.log.contains("swapoff -- /var/swap"))
        // It was off before Propel came.
        #expect(try await target.checkReverted(StockSwap.Absent()) == .satisfied)
    }

    @Test(arguments: [
        "CONF_SWAPFILE=$HOME/swap\n", "CONF_SWAPFILE=/data/$NAME\n", "CONF_SWAPFILE=swap\n",
        "CONF_SWAPFILE=/data/../swap\n",
    ])
    func `a path that only a shell would understand is not guessed`(_ configuration: String) async throws {
        putDphys()
        target.files.put("/etc/dphys-swapfile", configuration)
        target.files.put("/swap", "mine\n")
        #expect(try await target.obeysLaw(StockSwap.Absent()).reason == "disable dphys-swapfile; remove /var/swap")
        #expect(target.files["/swap"] != nil)
    }

    // MARK: Swap files in their place

    @Test(arguments: ["/var/swap", "/var/swapfile"] as [FilePath])
    func `a swap file that dphys would undo is refused`(_ path: FilePath) async throws {
        putDphys()
        let swap = SwapFile(path, size: .mebibytes(1))
        let failure = await #expect(throws: Failure.self) { try await target.check(swap) }
        #expect(failure?.advice?.contains("StockSwap.Absent()") == true)
        await #expect(throws: Failure.self) { try await swap.apply(on: target.machine) }
        #expect(try await target.check(SwapFile("/swapfile", size: .mebibytes(1))) != .satisfied)
        try await target.obeysLaw(StockSwap.Absent())
        #expect(try await target.check(swap).reason?.hasPrefix("create it") == true)
    }

    @Test func `a swap file that rpi swap would remove is refused`() async throws {
        putRpiSwap()
        await #expect(throws: Failure.self) { try await target.check(SwapFile("/var/swap", size: .mebibytes(1))) }
        #expect(try await target.check(SwapFile("/var/swapfile", size: .mebibytes(1))) != .satisfied)
        // Also where it is told to use none, as then it removes what is there; and wherever its configuration says.
        try await target.obeysLaw(StockSwap.Absent())
        await #expect(throws: Failure.self) { try await target.check(SwapFile("/var/swap", size: .mebibytes(1))) }
        target.files.put("/etc/rpi/swap.conf", "[File]\nPath=/data/swap\n")
        await #expect(throws: Failure.self) { try await target.check(SwapFile("/data/swap", size: .mebibytes(1))) }
    }
}
