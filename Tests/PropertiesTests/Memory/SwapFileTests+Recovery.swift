import PropelTesting
import Testing

@testable import Properties

/// Swap files that an interrupted run has left.
extension SwapFileTests {
    // MARK: Half done

    @Test func `an interrupted swapon is tried again`() async throws {
        putFile()
        target.files.put("/etc/fstab", fstabLine + "\n")
        #expect(try await target.obeysLaw(swap).reason == "switch it on")
        #expect(target.commands.log == ["swapon --priority 10 -- /swapfile"])
    }

    @Test(arguments: [0, 1 << 19, 1 << 20])
    func `a file of zeros is no swap`(_ count: Int) async throws {
        target.files.put("/swapfile", bytes: [UInt8](repeating: 0, count: count), mode: 0o600)
        let reason = try await target.obeysLaw(swap).reason
        #expect(reason.hasPrefix("create it again with 1 MiB: it is incomplete; switch it on"))
    }

    @Test func `another size is made again`() async throws {
        putFile(size: 2 << 20)
        target.files.put("/etc/fstab", fstabLine + "\n")
        putSwaps("/swapfile file 2044 0 10")
        #expect(try await target.obeysLaw(swap).reason == "create it again with 1 MiB: it has 2 MiB")
        #expect(
            target.commands.log.filter { !$0.hasPrefix("df ") } == [
                "swapoff -- /swapfile", "fallocate --length 1048576 -- /.swapfile.propel",
                "mkswap -- /.swapfile.propel",
                "swapon --priority 10 -- /swapfile",
            ])
    }

    @Test func `a header that does not fit the file is made again`() async throws {
        target.files.put(
            "/swapfile", bytes: Self.header(of: 1 << 19) + [UInt8](repeating: 0, count: (1 << 20) - Self.page),
            mode: 0o600)
        #expect(try await target.obeysLaw(swap).reason.hasPrefix("create it again with 1 MiB: its header says 512 KiB"))
    }

    @Test func `a file that the kernel refuses is made again once`() async throws {
        putFile()
        let files = target.files
        target.commands.program("swapon") { command in
            // Holes, until it was recreated.
            guard files.writes.contains("/swapfile") else {
                return .failing(255, "skipping - it appears to have holes")
            }
            files.put("/proc/swaps", Self.swapsHeader + "/swapfile file 1020 0 10\n")
            return .printing()
        }
        try await target.obeysLaw(swap)
        #expect(target.commands.log.contains("mkswap -- /.swapfile.propel"))
    }

    @Test func `where the kernel refuses for good nothing is left`() async throws {
        target.commands.program("swapon", status: 255, errors: "swapon failed: Operation not permitted\n")
        let before = target.files.snapshot
        let failure = await #expect(throws: Failure.self) { try await swap.apply(on: target.machine) }
        #expect(failure?.message == "the kernel refuses to swap to /swapfile, which is on ext4")
        #expect(failure?.output == ["swapon failed: Operation not permitted"])
        #expect(target.files.snapshot == before)
    }

    @Test(arguments: ["mkswap", "fallocate"])
    func `a program that fails leaves nothing`(_ program: String) async throws {
        target.commands.program(program, status: 1)
        target.commands.program("dd", status: 1, errors: "No space left on device")
        let before = target.files.snapshot
        await #expect(throws: CommandFailure.self) { try await swap.apply(on: target.machine) }
        #expect(target.files.snapshot == before)
    }

    @Test func `mode and owner are repaired in place`() async throws {
        try await target.obeysLaw(swap)
        let bytes = target.files["/swapfile"]?.bytes
        target.files.put("/swapfile", bytes: bytes ?? [], mode: 0o644, owner: Owner(user: 1000, group: 1000))
        #expect(try await target.obeysLaw(swap).reason == "mode 0644 → 0600; owner → root")
        #expect(target.files["/swapfile"]?.status.owner == .root)
    }
}
