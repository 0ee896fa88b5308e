/// A file that the kernel swaps to, now and after each boot (swapon(8), mkswap(8), fstab(5)).
///
///     SwapFile("/swapfile", size: "1 GiB", priority: 10)
///     SwapFile("/var/swap", size: .ofMemory(2))
///
/// The file is created under a staging name and renamed when it is a complete swap area. If its size differs it is
/// created again; before the old area is switched off, its pages must fit into memory. A file with any other content is
/// refused, and so is the path of the system's own swap file (``StockSwap``). A revert switches the area off, and
/// removes the file and its line in `/etc/fstab`.
public struct SwapFile: Revertible {
    public typealias Target = AnyLinux

    public let path: FilePath
    /// The size of the whole file.
    public let size: Size
    /// 0 to 32767; nil lets the kernel choose.
    public let priority: Int?

    /// - Parameters:
    ///   - path: absolute, without symbolic links in it. Only root may be able to write to the directory.
    ///   - size: the size of the whole file, a multiple of the page size (4 KiB on most machines): `"1 GiB"`,
    ///     `.mebibytes(512)`, `.ofMemory(2)`. A size relative to memory is rounded to whole MiB, and a file that
    ///     differs from it by less than 2 % stays, since the total that the kernel reports changes a little with each
    ///     version.
    ///   - priority: 0 to 32767; areas with a higher one are filled first. By default the kernel gives it the lowest.
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

    public var problems: [String] { problems(in: validate) }

    public func check(on machine: Machine) async throws -> Check {
        let size = try wantedSize(on: machine)
        try requireSafeDirectory(on: machine)
        try StockSwap.requireLeaves(path, on: machine)
        let file = try find(for: size, on: machine)
        let active = try activeArea(of: file, on: machine)
        var reasons: [String] = []
        if let flaw = file.flaw {
            reasons.append(
                file.size == nil
                    ? "create it with \(ByteSize(bytes: size))"
                    : "create it again with \(ByteSize(bytes: size)): \(flaw)")
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
        let file = try find(for: size, on: machine)
        var active = try activeArea(of: file, on: machine)
        if let area = active, file.flaw != nil || !hasPriority(area) {
            try await area.switchOff(on: machine)
            active = nil
        }
        if file.flaw != nil {
            try await create(size, replacing: file.size, on: machine)
        } else if !file.accessFlaws.isEmpty, let found = try machine.files.status(of: path) {
            try machine.files.setOwner(.root, mode: 0o600, of: path, expecting: found)
        }
        if active == nil {
            if file.flaw == nil, (try? await switchOn(machine)) == nil {
                // The kernel may refuse a complete swap area because the file has holes. A new one has none.
                try await create(size, replacing: file.size, on: machine)
                try await switchOnNew(machine)
            } else if file.flaw != nil {
                try await switchOnNew(machine)
            }
        }
        // Last: a line for an unusable file would fail at each boot.
        if !isListed(in: try machine.shared(Fstab.path).read()) {
            try machine.shared(Fstab.path).edit(list)
            try await reloadUnits(on: machine)
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validatePath()
        let file = try find(for: 0, on: machine)
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
        let file = try find(for: 0, on: machine)
        if let area = try activeArea(of: file, on: machine) { try await area.switchOff(on: machine) }
        let source = path.string
        if !Fstab.entries(of: source, in: try machine.shared(Fstab.path).read()).isEmpty {
            try machine.shared(Fstab.path).revert(
                list, undo: { Fstab.remove(source, in: &$0) },
                isReverted: { Fstab.entries(of: source, in: $0).isEmpty })
            try await reloadUnits(on: machine)
        }
        if file.size != nil { try machine.files.remove(path) }
        machine.files.discard(path.stagingPath)
    }
}
