/// A file that the kernel swaps to, now and after each start (swapon(8), mkswap(8), fstab(5)).
///
///     SwapFile("/swapfile", size: .gibibytes(1), priority: 10)
///     SwapFile("/var/swap", size: .ofMemory(2))
///
/// The file is made beside its place and renamed when it is a whole swap area, so half a one is never there. Where its size
/// differs it is made anew; before it is switched off, what is in it must fit into memory. A file that holds anything but a
/// swap area is refused, and so is one in the place of the system's own (``StockSwap``). Taken back, the area is switched off, and the file and its line in `/etc/fstab` are gone.
public struct SwapFile: Revertible {
    public typealias Target = AnyLinux

    /// How large a swap file is.
    public enum Size: Sendable, Hashable {
        case bytes(ByteSize)
        /// So many times the machine's memory.
        case ofMemory(Double)

        /// So many times 1024² bytes.
        public static func mebibytes(_ count: Int) -> Size { .bytes(.mebibytes(count)) }
        /// So many times 1024³ bytes.
        public static func gibibytes(_ count: Int) -> Size { .bytes(.gibibytes(count)) }
    }

    public let path: FilePath
    /// Of the whole file.
    public let size: Size
    /// 0 to 32767; nil lets the kernel choose.
    public let priority: Int?

    /// - Parameters:
    ///   - path: absolute, without symbolic links in it. Nobody but root may be able to write to the directory.
    ///   - size: of the whole file, a multiple of the page size (4 KiB on most machines). A size relative to memory is
    ///     rounded to whole MiB, and a file that differs from it by less than 2 % stays, since what the kernel calls the
    ///     whole memory changes a little with each version.
    ///   - priority: 0 to 32767; areas with a higher one are filled first. By default the kernel chooses: after all others.
    public init(_ path: FilePath, size: Size, priority: Int? = nil) {
        self.path = path
        self.size = size
        self.priority = priority
    }

    public var name: String { "swap file \(path.string.escaped) of \(size)" }

    public var claims: [Claim] {
        let state = "a swap file of \(size)" + (priority.map { ", priority \($0)" } ?? "")
        return [.path(path, is: state, summary: state)]
    }

    public func check(on machine: Machine) async throws -> Check {
        let size = try wantedSize(on: machine)
        try requireSafeDirectory(on: machine)
        try StockSwap.requireLeaves(path, on: machine)
        let file = try look(for: size, on: machine)
        let active = try activeArea(of: file, on: machine)
        var reasons: [String] = []
        if let flaw = file.flaw {
            reasons.append(
                file.size == nil
                    ? "make it, \(ByteSize(bytes: size))" : "make it anew, \(ByteSize(bytes: size)): \(flaw)")
            try await requireRoom(for: size, replacing: file.size, on: machine)
        } else {
            reasons += file.accessFlaws
        }
        if let active, file.flaw != nil || !hasPriority(active) { try active.requireFits(on: machine) }
        switch active {
        case nil: reasons.append("switch it on")
        case .some(let area) where !hasPriority(area):
            reasons.append("priority \(area.priority) → \(priority.map(String.init) ?? "the kernel's choice")")
        case .some: break
        }
        let lines = try machine.shared(Fstab.path).read()
        if !isListed(in: lines) { reasons.append("\(Fstab.path): “\(entry(in: lines).line)”") }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        let size = try wantedSize(on: machine)
        try requireSafeDirectory(on: machine)
        try StockSwap.requireLeaves(path, on: machine)
        let file = try look(for: size, on: machine)
        var active = try activeArea(of: file, on: machine)
        if let area = active, file.flaw != nil || !hasPriority(area) {
            try await area.switchOff(on: machine)
            active = nil
        }
        if file.flaw != nil {
            try await make(size, replacing: file.size, on: machine)
        } else if !file.accessFlaws.isEmpty {
            try machine.files.setOwner(.root, of: path)
            try machine.files.setMode(0o600, of: path)
        }
        if active == nil {
            if file.flaw == nil, (try? await switchOn(machine)) == nil {
                // It looks right, yet the kernel does not want it: it may have holes. A new one has none.
                try await make(size, replacing: file.size, on: machine)
                try await switchOnNew(machine)
            } else if file.flaw != nil {
                try await switchOnNew(machine)
            }
        }
        // Last: a line for a file that cannot be used would fail at each start.
        if !isListed(in: try machine.shared(Fstab.path).read()) {
            try machine.shared(Fstab.path).edit(list)
            try await reloadUnits(on: machine)
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validatePath()
        let file = try look(for: 0, on: machine)
        var reasons: [String] = []
        if let area = try activeArea(of: file, on: machine) {
            try area.requireFits(on: machine)
            reasons.append("switch it off")
        }
        if !Fstab.entries(of: path.string, in: try machine.shared(Fstab.path).read()).isEmpty {
            reasons.append("remove it from \(Fstab.path)")
        }
        if file.size != nil { reasons.append("remove the file") }
        return .unmet(unlessEmpty: reasons)
    }

    public func revert(on machine: Machine) async throws {
        try validatePath()
        let file = try look(for: 0, on: machine)
        if let area = try activeArea(of: file, on: machine) { try await area.switchOff(on: machine) }
        let source = path.string
        if !Fstab.entries(of: source, in: try machine.shared(Fstab.path).read()).isEmpty {
            try machine.shared(Fstab.path).revert(
                list, undo: { Fstab.remove(source, in: &$0) },
                isReverted: { Fstab.entries(of: source, in: $0).isEmpty })
            try await reloadUnits(on: machine)
        }
        if file.size != nil { try machine.files.remove(path) }
        machine.files.discard(staged)
    }
}

extension SwapFile.Size: CustomStringConvertible {
    public var description: String {
        switch self {
        case .bytes(let size): "\(size)"
        case .ofMemory(let factor): "\(factor) × memory"
        }
    }
}

// MARK: What is declared

extension SwapFile {
    /// mkswap refuses less (mkswap(8)).
    private static let fewestPages = 10

    private var priorityOptions: [String] { priority.map { ["pri=\($0)"] } ?? [] }

    /// The entry that is to be there, with the options that somebody has given the one that is.
    private func entry(in lines: TextLines) -> Fstab.Entry {
        var options = ["sw"]
        if let found = Fstab.entries(of: path.string, in: lines).first, found.type == "swap" {
            options = found.options.filter { !$0.hasPrefix("pri=") && $0 != "noauto" }
        }
        options += priorityOptions
        return Fstab.Entry(
            source: path.string, target: "none", type: "swap", options: options.isEmpty ? ["sw"] : options)
    }

    private func list(in lines: inout TextLines) { Fstab.set(entry(in: lines), in: &lines) }

    /// Whether the machine sets the area up when it starts, with this priority, from one line.
    private func isListed(in lines: TextLines) -> Bool {
        let entries = Fstab.entries(of: path.string, in: lines)
        guard entries.count == 1, let found = entries.first else { return false }
        return found.type == "swap" && !found.options.contains("noauto")
            && found.options.filter { $0.hasPrefix("pri=") } == priorityOptions
    }

    private func hasPriority(_ area: SwapAreas.Area) -> Bool {
        // The kernel's own choices are negative (swapon(2)).
        priority.map { $0 == area.priority } ?? (area.priority < 0)
    }

    private func validatePath() throws {
        guard path.isAbsolute, path.isLexicallyNormal, path.lastComponent != nil,
            !path.string.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            throw Failure(
                "“\(path.string.escaped)” is no place for a swap file",
                advice: "Give an absolute path without `..`: /swapfile.")
        }
    }

    /// In bytes.
    private func wantedSize(on machine: Machine) throws -> Int {
        try validatePath()
        if let priority, !(0...32767).contains(priority) {
            throw Failure(
                "\(priority) is no priority of a swap area", advice: "Give a number from 0 to 32767, or none.")
        }
        let bytes: Int
        switch size {
        case .bytes(let size): bytes = size.bytes
        case .ofMemory(let factor):
            guard factor > 0, factor <= 64 else {
                throw Failure(
                    "a swap file of \(factor) × memory is not possible",
                    advice: "Give a factor above 0, at most 64: .ofMemory(2).")
            }
            bytes = Int((Double(try Memory(of: machine).total) * factor / 1_048_576).rounded()) << 20
        }
        let page = Memory.pageSize
        guard bytes >= Self.fewestPages * page, bytes % page == 0, bytes / page < Int(UInt32.max) else {
            throw Failure(
                "a swap file of \(ByteSize(bytes: bytes)) is not possible",
                advice:
                    "Give a multiple of \(ByteSize(bytes: page)), at least \(ByteSize(bytes: Self.fewestPages * page)), for example .mebibytes(512)."
            )
        }
        return bytes
    }

    private func isNear(_ present: Int, _ wanted: Int) -> Bool {
        switch size {
        case .bytes: present == wanted
        case .ofMemory: abs(present - wanted) < wanted / 50
        }
    }
}

// MARK: What is there

extension SwapFile {
    private struct Found {
        /// In bytes; nil where there is no file.
        var size: Int?
        /// Why the file must be made anew; nil where it need not.
        var flaw: String?
        /// What is wrong with its mode and owner.
        var accessFlaws: [String] = []
    }

    /// - Throws: ``Failure`` where something is there that is neither a swap area nor an unfinished one.
    private func look(for wanted: Int, on machine: Machine) throws -> Found {
        guard let status = try machine.files.status(of: path) else { return Found(flaw: "there is none") }
        guard status.kind == .file else {
            throw Failure(
                "\(path) is a \(status.kind == .other ? "special file" : status.kind == .link ? "symbolic link" : "directory"), and no swap file",
                advice: "Move it away, or declare another path.")
        }
        var found = Found(size: status.size)
        let page = try machine.files.read(path, first: Memory.pageSize)
        if let header = SwapHeader(page: page) {
            if !isNear(status.size, wanted) {
                found.flaw = "it has \(ByteSize(bytes: status.size))"
            } else if header.size != status.size {
                found.flaw = "its header says \(ByteSize(bytes: header.size))"
            }
        } else {
            // Zeros are what an interrupted attempt leaves. A signature without the rest is a swap area of another kind.
            guard page.allSatisfy({ $0 == 0 }) || page.suffix(10).elementsEqual("SWAPSPACE2".utf8) else {
                throw Failure(
                    "\(path) is a file that is no swap area",
                    advice: "Look at what it is, and move it away; or declare another path.")
            }
            found.flaw = "it is half made"
        }
        if status.mode != 0o600 { found.accessFlaws.append("mode \(octal(status.mode)) → 0600") }
        if status.owner != .root { found.accessFlaws.append("owner → root") }
        return found
    }

    /// The area that the file is in use as.
    ///
    /// `/proc/swaps` is the kernel's: in a container, an area of that name may be a file of the host or of another container.
    /// So its size must be this file's, too, but for the pages that the kernel cannot use where the blocks of the file
    /// system are smaller than a page: fewer than one for each extent.
    private func activeArea(of file: Found, on machine: Machine) throws -> SwapAreas.Area? {
        let areas = try SwapAreas(of: machine).areas
        guard let size = file.size else { return nil }
        let page = Memory.pageSize, whole = (size / page - 1) * page
        return areas.first { $0.path == path.string && $0.size <= whole && $0.size > whole - whole / 16 }
    }

    /// Who can rename in the directory could have root write elsewhere. And /proc/swaps lists paths without links.
    private func requireSafeDirectory(on machine: Machine) throws {
        var directory = path.removingLastComponent()
        while !directory.components.isEmpty {
            guard let status = try machine.files.status(of: directory) else {
                throw Failure(
                    "there is no directory \(directory)", advice: "Declare Directory(\"\(directory)\") before.")
            }
            guard status.kind == .directory else {
                throw Failure(
                    "\(directory) is \(status.kind == .link ? "a symbolic link" : "no directory")",
                    advice: "Declare the swap file by its path without links (see `readlink -f \(directory)`).")
            }
            directory.removeLastComponent()
        }
        if let directory = try machine.files.directoryWritableByOthers(above: path, allowingSticky: true),
            let status = try machine.files.status(of: directory)
        {
            throw Failure(
                "\(directory) can be written to by others than root (mode \(octal(status.mode)), owner \(status.owner.user):\(status.owner.group))",
                advice:
                    "What is swapped out is the content of memory: put the swap file into a directory of root, such as /."
            )
        }
    }

    /// - Parameter present: the size of the file that goes first, in bytes.
    private func requireRoom(for wanted: Int, replacing present: Int?, on machine: Machine) async throws {
        var (available, type) = try await volume(on: machine)
        guard !Self.unfitTypes.contains(type), !type.hasPrefix("fuse") else {
            throw Failure(
                "\(path) would be on \(type), which no swap file works on",
                advice: "Declare a path on ext4, xfs or btrfs (see `df -T`).")
        }
        // What an interrupted attempt has left goes first.
        if let leftover = try machine.files.status(of: staged) { available += leftover.size }
        // A full root file system is worse than no swap: some stays free.
        let reserve = 64 << 20
        guard wanted + reserve <= available + (present ?? 0) else {
            throw Failure(
                "there is no room for \(path): it takes \(ByteSize(bytes: wanted)), and \((available + (present ?? 0)) >> 20) MiB are free, of which \(reserve >> 20) stay so",
                advice:
                    "Make room on the file system (see `df -h \(path.removingLastComponent())`), or declare a smaller swap file."
            )
        }
    }

    /// The kernel refuses swap files on these, or what is on them is in memory itself.
    private static let unfitTypes: Set<String> = ["overlay", "tmpfs", "ramfs", "squashfs", "zfs", "9p", "virtiofs"]

    /// Where the file is made (see ``FileSystem/stage(_:for:mode:owner:)``).
    private var staged: FilePath { path.stagingPath }

    /// The room on the file system that the file is on, in bytes, and the type of that.
    private func volume(on machine: Machine) async throws -> (available: Int, type: String) {
        let command = Invocation(
            "df", ["--block-size=1", "--output=avail,fstype", "--", path.removingLastComponent().string])
        let result = try await machine.succeed(command)
        let words = result.text.split(separator: "\n").last?.split(separator: " ") ?? []
        guard words.count == 2, let available = Int(words[0]) else {
            throw CommandFailure(command: command, result: result)
        }
        return (available, String(words[1]))
    }
}

// MARK: What is done

extension SwapFile {
    /// Makes the file, whole or not at all.
    private func make(_ size: Int, replacing present: Int?, on machine: Machine) async throws {
        try await requireRoom(for: size, replacing: present, on: machine)
        let type = try await volume(on: machine).type
        // What was swapped to it is gone already, and the new one may need the room.
        try machine.files.remove(path)
        let staged = try machine.files.stage([], for: path, mode: 0o600, owner: .root)
        do {
            // Copy-on-write moves blocks, and a swap file's may not move. It can be set on an empty file only (btrfs(5)).
            if type == "btrfs" { try await machine.run("chattr", "+C", "--", staged.string) }
            try await allocate(size, staged, on: type, machine)
            try await machine.run("mkswap", "--", staged.string)
        } catch {
            machine.files.discard(staged)
            throw error
        }
        try machine.files.commit(staged, as: path)
    }

    private func allocate(_ size: Int, _ staged: FilePath, on type: String, _ machine: Machine) async throws {
        // Elsewhere fallocate(2) fails, or leaves what swapon takes for holes.
        if ["ext4", "xfs", "btrfs"].contains(type) {
            let result = try await machine.run(Invocation("fallocate", ["--length", "\(size)", "--", staged.string]))
            if result.succeeded { return }
        }
        try await machine.succeed(
            Invocation(
                "dd",
                [
                    "if=/dev/zero", "of=\(staged.string)", "bs=1M", "count=\(size)", "iflag=count_bytes,fullblock",
                    "conv=notrunc,fsync", "status=none",
                ],
                timeout: .hours(2)))
    }

    /// Switches on what was just made; where that fails, nothing of it stays.
    private func switchOnNew(_ machine: Machine) async throws {
        do {
            try await switchOn(machine)
        } catch {
            try? machine.files.remove(path)
            throw error
        }
    }

    private func switchOn(_ machine: Machine) async throws {
        do {
            try await machine.succeed(
                Invocation("swapon", (priority.map { ["--priority", "\($0)"] } ?? []) + ["--", path.string]))
        } catch let error as CommandFailure {
            var failure = Failure(describing: error)
            let type = try await volume(on: machine).type
            failure.message = "the kernel does not swap to \(path), which is on \(type)"
            failure.advice =
                "Swap files work on ext4, xfs, and btrfs on one device. In a container the host must allow them."
            throw failure
        }
    }

    /// systemd makes units of the lines.
    private func reloadUnits(on machine: Machine) async throws {
        guard try machine.files.status(of: "/run/systemd/system") != nil else { return }
        try await machine.succeed(SystemctlCommand.daemonReload)
    }
}
