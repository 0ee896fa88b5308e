import PropelTesting
import Testing

@testable import Properties

/// Swap files that are refused, and sizes.
extension SwapFileTests {
    // MARK: Refusals

    @Test func `swapped pages must fit`() async throws {
        putFile(size: 2 << 20)
        putMemory(total: 10_000, available: 2000)
        putSwaps("/swapfile file 2044 2000 10")
        await #expect(throws: Failure.self) { try await target.check(swap) }
        await #expect(throws: Failure.self) { try await swap.apply(on: target.machine) }
        await #expect(throws: Failure.self) { try await target.checkReverted(swap) }
        #expect(!target.commands.log.contains("swapoff -- /swapfile"))
        #expect(target.files["/swapfile"] != nil)
        // Another area has room for it.
        putSwaps("/swapfile file 2044 2000 10", "/dev/sda2 partition 900000 0 5")
        #expect(try await target.check(swap).reason != nil)
    }

    @Test func `an unrelated file is not touched`() async throws {
        target.files.put("/swapfile", String(repeating: "my thesis\n", count: 1000))
        let before = target.files.snapshot
        await #expect(throws: Failure.self) { try await target.check(swap) }
        await #expect(throws: Failure.self) { try await swap.apply(on: target.machine) }
        await #expect(throws: Failure.self) { try await swap.revert(on: target.machine) }
        #expect(target.files.snapshot == before)
    }

    @Test func `a suspended system is not touched`() async throws {
        var page = Self.header(of: 1 << 20)
        page.replaceSubrange((Self.page - 10)..., with: "S1SUSPEND\0".utf8)
        target.files.put("/swapfile", bytes: page, mode: 0o600)
        await #expect(throws: Failure.self) { try await target.check(swap) }
    }

    @Test func `links and directories are refused`() async throws {
        target.files.put("/real", "")
        target.files.put("/swapfile", linkTo: "/real")
        await #expect(throws: Failure.self) { try await target.check(swap) }
        target.files.put(directory: "/swapfile")
        await #expect(throws: Failure.self) { try await target.check(swap) }
        target.files.put("/data", linkTo: "/mnt/data")
        await #expect(throws: Failure.self) { try await target.check(SwapFile("/data/swap", size: Self.size)) }
        await #expect(throws: Failure.self) { try await target.check(SwapFile("/nowhere/swap", size: Self.size)) }
    }

    @Test func `a directory of another user is rejected`() async throws {
        target.files.put(directory: "/open", mode: 0o777)
        target.files.put(directory: "/sticky", mode: 0o1777)
        await #expect(throws: Failure.self) { try await target.check(SwapFile("/open/swap", size: Self.size)) }
        await #expect(throws: Failure.self) { try await target.check(SwapFile("/home/pi/swap", size: Self.size)) }
        #expect(try await target.check(SwapFile("/sticky/swap", size: Self.size)).reason != nil)
    }

    @Test func `there must be room`() async throws {
        putVolume("ext4", available: 64 << 20)
        await #expect(throws: Failure.self) { try await target.check(swap) }
        putVolume("ext4", available: 65 << 20)
        #expect(try await target.check(swap).reason != nil)
        // The old file, and what an interrupted attempt has left, go first.
        putVolume("ext4", available: 64 << 20)
        target.files.put("/.swapfile.propel", bytes: [UInt8](repeating: 0, count: 1 << 20), mode: 0o600)
        try await target.obeysLaw(swap)
    }

    @Test(arguments: ["overlay", "tmpfs", "zfs", "fuseblk"])
    func `file systems that cannot are refused`(_ type: String) async throws {
        putVolume(type)
        await #expect(throws: Failure.self) { try await target.check(swap) }
    }

    @Test func `btrfs gets no copy on write first`() async throws {
        putVolume("btrfs")
        try await target.obeysLaw(swap)
        #expect(
            target.commands.log.filter { !$0.hasPrefix("df ") }.prefix(2) == [
                "chattr +C -- /.swapfile.propel", "fallocate --length 1048576 -- /.swapfile.propel",
            ])
    }

    @Test func `zeros are written where fallocate does not work`() async throws {
        target.commands.program("fallocate", status: 1, errors: "fallocate failed: Operation not supported")
        try await target.obeysLaw(swap)
        #expect(
            target.commands.log.contains(
                "dd if=/dev/zero of=/.swapfile.propel bs=1M count=1048576 iflag=count_bytes,fullblock "
                    + "conv=notrunc,fsync status=none"
            ))
    }

    @Test func `on other file systems zeros are written at once`() async throws {
        putVolume("ext3")
        try await target.obeysLaw(swap)
        #expect(!target.commands.log.contains { $0.hasPrefix("fallocate") })
    }

    @Test(arguments: [
        SwapFile("/swapfile", size: .bytes(ByteSize(bytes: 0))),
        SwapFile("/swapfile", size: .bytes(ByteSize(bytes: -4096))),
        SwapFile("/swapfile", size: .bytes(ByteSize(bytes: (1 << 20) + 1))),
        SwapFile("/swapfile", size: .bytes(.kibibytes(4))),
        SwapFile("/swapfile", size: .gibibytes(.max)), SwapFile("/swapfile", size: .ofMemory(0)),
        SwapFile("/swapfile", size: .ofMemory(.nan)),
        SwapFile("/swapfile", size: .ofMemory(.infinity)), SwapFile("/swapfile", size: size, priority: -1),
        SwapFile("/swapfile", size: size, priority: 32768), SwapFile("swapfile", size: size), SwapFile("/", size: size),
        SwapFile("/swap\nfile", size: size), SwapFile("/a/../swapfile", size: size), SwapFile("", size: size),
    ])
    func `an invalid swap file is refused`(_ swap: SwapFile) async throws {
        await #expect(throws: Failure.self) { try await target.check(swap) }
        await #expect(throws: Failure.self) { try await swap.apply(on: target.machine) }
        #expect(target.files.writes.isEmpty)
        #expect(target.commands.log.allSatisfy { $0.hasPrefix("df ") })
    }

    @Test func `a kernel without swap is named`() async throws {
        try target.files.remove("/proc/swaps")
        await #expect(throws: Failure.self) { try await target.check(swap) }
    }

    // MARK: Relative to memory

    @Test func `a size relative to memory is rounded and stable`() async throws {
        // 976.56 kB × 0.001 would be no multiple of a page.
        putMemory(total: 4_000_000, available: 3_000_000)
        let swap = SwapFile("/swapfile", size: .ofMemory(0.001))
        #expect(try await target.obeysLaw(swap).reason.hasPrefix("create it with 4 MiB; "))
        #expect(target.files["/swapfile"]?.status.size == 4 << 20)
        putMemory(total: 4_010_000, available: 3_000_000)
        #expect(try await target.check(swap) == .satisfied)
        putMemory(total: 8_000_000, available: 3_000_000)
        #expect(try await target.check(swap).reason == "create it again with 8 MiB: it has 4 MiB")
    }

    // MARK: The header

    @Test func `pages of other sizes`() {
        let size = 1 << 20
        #expect(SwapHeader(page: Self.header(of: size, page: 16384))?.size == size)
        #expect(SwapHeader(page: Self.header(of: size, page: 4096))?.size == size)
        #expect(SwapHeader(page: Self.header(of: size, uuid: 0)) == nil)
        #expect(SwapHeader(page: Array(Self.header(of: size).dropLast())) == nil)
        #expect(SwapHeader(page: []) == nil)
    }

    @Test(arguments: ["/open/a", "/open/a/b"])
    func `a directory that others can exchange higher up is refused`(_ directory: String) async throws {
        target.files.put(directory: "/open", mode: 0o777)
        target.files.put(directory: FilePath(directory))
        await #expect(throws: Failure.self) {
            try await target.check(SwapFile(FilePath(directory).appending("swap"), size: Self.size))
        }
        target.files.put(directory: "/open", owner: Owner(user: 1000, group: 0))
        await #expect(throws: Failure.self) {
            try await target.check(SwapFile(FilePath(directory).appending("swap"), size: Self.size))
        }
    }

    @Test func `each step of a swap file comes after what it needs`() async throws {
        try await target.obeysLaw(swap)
        let log = target.operations
        try log.require("fallocate", before: "mkswap")
        try log.require("mkswap", before: "replace /swapfile")
        try log.require("replace /swapfile", before: "swapon")
        try log.require("swapon", before: "replace /etc/fstab")
        try log.require("replace /etc/fstab", before: "systemctl daemon-reload")
        log.clear()
        try await target.obeysLaw(swap.reverted())
        try log.require("swapoff", before: "replace /etc/fstab")
        try log.require("replace /etc/fstab", before: "remove /swapfile")
    }
}
