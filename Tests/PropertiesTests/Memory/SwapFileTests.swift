import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct SwapFileTests {
    let target = FakeMachine()
    static let page = Memory.pageSize
    /// Small enough for a file in memory.
    static let size = SwapFile.Size.mebibytes(1)
    let swap = SwapFile("/swapfile", size: size, priority: 10)

    init() {
        target.files.put("/proc/swaps", Self.swapsHeader)
        putMemory(total: 1_000_000, available: 800_000)
        target.files.put("/etc/fstab", "UUID=abc / ext4 defaults 0 1")
        target.files.put(directory: "/run/systemd/system")
        target.commands.program("systemctl")
        target.commands.program("chattr")
        putVolume("ext4")
        let files = target.files
        target.commands.program("fallocate") { command in
            guard let size = Int(command.arguments[1]), let path = command.arguments.last else { return .failing() }
            return Self.fill(files, FilePath(path), size)
        }
        target.commands.program("dd") { command in
            let values = Dictionary(
                uniqueKeysWithValues: command.arguments.map { argument in
                    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
                    return (parts[0], parts[1])
                })
            guard let path = values["of"], let size = values["count"].flatMap(Int.init),
                values["iflag"] == "count_bytes,fullblock"
            else { return .failing() }
            return Self.fill(files, FilePath(path), size)
        }
        target.commands.program("mkswap") { command in
            guard let path = command.arguments.last.map(FilePath.init(_:)), let node = files[path] else {
                return .failing()
            }
            files.put(
                path, bytes: Self.header(of: node.bytes.count) + node.bytes.dropFirst(Self.page), mode: node.status.mode
            )
            return .printing()
        }
        target.commands.program("swapon") { command in
            guard let path = command.arguments.last, let node = files[FilePath(path)] else {
                return .failing(255, "cannot open")
            }
            guard let header = SwapHeader(page: Array(node.bytes.prefix(Self.page))) else {
                return .failing(255, "read swap header failed")
            }
            let priority = command.arguments.first == "--priority" ? command.arguments[1] : "-2"
            let line =
                "\(Escaping.fstab.escape(path))\tfile\t\t\((header.size - Self.page) / 1024)\t\t0\t\t\(priority)\n"
            files.put("/proc/swaps", (files.text(at: "/proc/swaps") ?? "") + line)
            return .printing()
        }
        target.commands.program("swapoff") { command in
            guard let path = command.arguments.last else { return .failing() }
            let lines = (files.text(at: "/proc/swaps") ?? "").split(separator: "\n")
            files.put(
                "/proc/swaps",
                lines.filter { $0.split { " \t".contains($0) }.first != Escaping.fstab.escape(path)[...] }.joined(
                    separator: "\n")
                    + "\n")
            return .printing()
        }
    }

    static let swapsHeader = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"

    static func fill(_ files: FakeFileSystem, _ path: FilePath, _ size: Int) -> CommandResult {
        // The real programs write to the file that is there.
        guard let node = files[path], node.status.mode == 0o600, node.bytes.isEmpty else {
            return .failing(1, "not an empty private file")
        }
        files.put(path, bytes: [UInt8](repeating: 0, count: size), mode: 0o600)
        return .printing()
    }

    /// The first page of a swap area of this size, as mkswap writes it.
    static func header(of size: Int, page: Int = page, uuid: UInt8 = 7) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: page)
        bytes[1024] = 1
        for (index, byte) in withUnsafeBytes(of: UInt32(size / page - 1), Array.init).enumerated() {
            bytes[1028 + index] = byte
        }
        for index in 1036..<1052 { bytes[index] = uuid }
        bytes.replaceSubrange((page - 10)..., with: "SWAPSPACE2".utf8)
        return bytes
    }

    func putMemory(total: Int, available: Int) {
        target.files.put("/proc/meminfo", "MemTotal:  \(total) kB\nMemFree:  1 kB\nMemAvailable:   \(available) kB\n")
    }

    func putVolume(_ type: String, available: Int = 10 << 30) {
        target.commands.program("df", prints: "     Avail Type\n\(available) \(type)\n")
    }

    func putSwaps(_ lines: String...) {
        target.files.put("/proc/swaps", Self.swapsHeader + lines.map { $0 + "\n" }.joined())
    }

    /// The file as it is after an apply, without having been switched on.
    func putFile(_ path: FilePath = "/swapfile", size: Int = 1 << 20, mode: ModeBits = 0o600) {
        target.files.put(
            path, bytes: Self.header(of: size) + [UInt8](repeating: 0, count: size - Self.page), mode: mode)
    }

    let fstabLine = "/swapfile none swap sw,pri=10 0 0"

    @Test func `makes switches on and lists`() async throws {
        let change = try await target.obeysLaw(swap)
        #expect(change.reason == "create it with 1 MiB; switch it on; /etc/fstab: “\(fstabLine)”")
        #expect(
            target.commands.log.filter { !$0.hasPrefix("df ") } == [
                "fallocate --length 1048576 -- /.swapfile.propel",
                "mkswap -- /.swapfile.propel",
                "swapon --priority 10 -- /swapfile",
                "systemctl daemon-reload",
            ])
        #expect(target.files["/swapfile"]?.status.mode == 0o600)
        #expect(target.files["/.swapfile.propel"] == nil)
        #expect(target.files.text(at: "/etc/fstab") == "UUID=abc / ext4 defaults 0 1\n\(fstabLine)\n")
    }

    @Test func `a revert restores the bytes`() async throws {
        let before = target.files.snapshot
        try await target.obeysLaw(swap)
        #expect(
            try await target.checkReverted(swap).reason == "switch it off; remove it from /etc/fstab; remove the file")
        try await target.obeysLaw(swap.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `a revert keeps concurrent changes of other programs`() async throws {
        try await target.obeysLaw(swap)
        target.files.put("/etc/fstab", (target.files.text(at: "/etc/fstab") ?? "") + "tmpfs /tmp tmpfs\n")
        try await target.obeysLaw(swap.reverted())
        #expect(target.files.text(at: "/etc/fstab") == "UUID=abc / ext4 defaults 0 1\ntmpfs /tmp tmpfs\n")
    }

    @Test func `systemd reads fstab when the line has come, and when it has gone`() async throws {
        try await swap.apply(on: target.machine)
        try target.operations.require("replace /etc/fstab", before: "systemctl daemon-reload")
        target.operations.clear()
        try await swap.revert(on: target.machine)
        try target.operations.require("replace /etc/fstab", before: "systemctl daemon-reload")
    }

    @Test func `two swap files are reverted in any order`() async throws {
        let other = SwapFile("/var/swap", size: Self.size)
        let before = target.files.snapshot
        try await target.obeysLaw(swap)
        try await target.obeysLaw(other)
        try await target.obeysLaw(swap.reverted())
        #expect(try await target.check(other) == .satisfied)
        try await target.obeysLaw(other.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `a swap file that Propel did not create is removed too`() async throws {
        putFile()
        target.files.put("/etc/fstab", "/swapfile none swap sw 0 0\nx /x x\n")
        putSwaps("/swapfile file 1020 0 -2")
        try await target.obeysLaw(swap.reverted())
        #expect(target.files["/swapfile"] == nil)
        #expect(target.files.text(at: "/etc/fstab") == "x /x x\n")
    }

    @Test func `the priority of the kernel needs no option`() async throws {
        try await target.obeysLaw(SwapFile("/swapfile", size: Self.size))
        #expect(target.commands.log.contains("swapon -- /swapfile"))
        #expect(target.files.text(at: "/etc/fstab")?.hasSuffix("\n/swapfile none swap sw 0 0\n") == true)
    }

    // MARK: Near misses

    @Test(arguments: ["/mnt/swapfile", "/swapfile2", "/swapfile\\040(deleted)", "/swapfil"])
    func `another area is not this one`(_ path: String) async throws {
        putFile()
        putSwaps("\(path) file 1020 0 10")
        target.files.put("/etc/fstab", "\(path) none swap sw,pri=10 0 0\n")
        #expect(try await target.check(swap).reason == "switch it on; /etc/fstab: “\(fstabLine)”")
    }

    /// As seen on ext3 with blocks of 1 KiB.
    @Test func `an area may miss a few pages`() async throws {
        putFile()
        putSwaps("/swapfile file 1012 0 10")
        target.files.put("/etc/fstab", fstabLine)
        #expect(try await target.check(swap) == .satisfied)
    }

    @Test func `the same name in another container is not this one`() async throws {
        putSwaps("/swapfile file 65532 0 10")
        #expect(try await target.check(swap.reverted()) == .satisfied)
        #expect(try await target.check(swap).reason?.hasPrefix("create it with 1 MiB; switch it on") == true)
        try await swap.apply(on: target.machine)
        #expect(!target.commands.log.contains("swapoff -- /swapfile"))
        #expect(try await target.check(swap) == .satisfied)
    }

    @Test func `a path with spaces`() async throws {
        let swap = SwapFile("/my swap", size: Self.size)
        let before = target.files.snapshot
        try await target.obeysLaw(swap)
        #expect(target.files.text(at: "/etc/fstab")?.contains("\n/my\\040swap none swap sw 0 0\n") == true)
        #expect(target.files.text(at: "/proc/swaps")?.contains("/my\\040swap\t") == true)
        try await target.obeysLaw(swap.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test(arguments: [
        "/swapfile\tnone  swap\tsw,pri=10 0 0", "/swapfile swap swap pri=10,nofail,discard=once",
        "  /swapfile none swap pri=10 0 0\n# x",
    ])
    func `odd but right lines hold`(_ line: String) async throws {
        putFile()
        putSwaps("/swapfile                               file\t\t1020\t\t0\t\t10")
        target.files.put("/etc/fstab", line)
        #expect(try await target.check(swap) == .satisfied)
        #expect(target.commands.log.isEmpty)
    }

    @Test(arguments: [
        "#\(Self.right)", "/swapfile none swap sw,pri=1 0 0", "/swapfile none swap sw 0 0",
        "/swapfile none swap sw,pri=100 0 0",
        "/swapfile none swap sw,noauto,pri=10 0 0", "/swapfile none swap sw,pri=1,pri=10 0 0",
        "/swapfile /x ext4 pri=10 0 0", "\(Self.right)\n\(Self.right)", "/swapfile none",
    ])
    func `wrong lines are replaced`(_ lines: String) async throws {
        putFile()
        putSwaps("/swapfile file 1020 0 10")
        target.files.put("/etc/fstab", lines + "\n")
        #expect(try await target.obeysLaw(swap).reason == "/etc/fstab: “\(fstabLine)”")
        let listed = (target.files.text(at: "/etc/fstab") ?? "").split(separator: "\n").filter { $0 == fstabLine[...] }
        #expect(listed.count == 1)
    }
    static let right = "/swapfile none swap sw,pri=10 0 0"

    @Test func `options set by others are kept`() async throws {
        putFile()
        putSwaps("/swapfile file 1020 0 10")
        target.files.put("/etc/fstab", "/swapfile none swap nofail,noauto,discard=once 0 0\n")
        #expect(
            try await target.obeysLaw(swap).reason == "/etc/fstab: “/swapfile none swap nofail,discard=once,pri=10 0 0”"
        )
        #expect(target.files.text(at: "/etc/fstab") == "/swapfile none swap nofail,discard=once,pri=10 0 0\n")
    }

    @Test func `another priority is switched off and on`() async throws {
        putFile()
        putSwaps("/swapfile file 1020 0 -2")
        target.files.put("/etc/fstab", fstabLine + "\n")
        #expect(try await target.obeysLaw(swap).reason == "priority -2 → 10")
        #expect(target.commands.log == ["swapoff -- /swapfile", "swapon --priority 10 -- /swapfile"])
    }
}
