/// Swap in compressed memory, `/dev/zram0`, now and after each boot (zram-generator.conf(5)).
///
///     Zram(size: .ofMemory(0.5))
///     Zram(size: .mebibytes(512), algorithm: "zstd", priority: 100)
///
/// It writes nothing to the SD card, and holds two or three times as much as the memory that it takes. It is set up at
/// boot by the generator of Debian's package systemd-zram-generator, which Raspberry Pi OS uses too. (zram-tools, the
/// other package in Debian, can only be given a percentage. Where its service is enabled, this is refused until
/// ``StockSwap/Absent`` is declared.)
///
/// A revert restores the area that was there before. If the machine had no area, it has no area afterwards, even if the
/// package of the generator stays, which configures one by default.
///
/// In a container the generator does nothing, so there only the configuration is checked.
public struct Zram: Revertible {
    public typealias Target = DebianLike

    /// The size of the area before compression.
    public let size: SwapFile.Size
    /// nil for the kernel's default.
    public let algorithm: String?
    /// 0 to 32767.
    public let priority: Int

    /// - Parameters:
    ///   - size: the size before compression, in whole MiB; half of memory by default.
    ///   - algorithm: `zstd`, `lz4` … (see `/sys/block/zram0/comp_algorithm`); the kernel's default if nil.
    ///   - priority: 100 by default, so that it is used before any swap file.
    public init(size: SwapFile.Size = .ofMemory(0.5), algorithm: String? = nil, priority: Int = 100) {
        self.size = size
        self.algorithm = algorithm
        self.priority = priority
    }

    public var name: String { "zram of \(size)" }
    public var claims: [Claim] {
        [
            Claim(
                "the device zram0", is: text,
                summary: "\(size), \(algorithm ?? "the kernel's algorithm"), priority \(priority)")
        ]
    }
    public var problems: [String] { problems(in: validate) }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("systemd-zram-generator")])
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard try Self.generators.contains(where: { try machine.files.status(of: $0) != nil }) else {
            return .unknown(until: "systemd-zram-generator is installed")
        }
        try ZramTools.refuse(on: machine)
        var reasons: [String] = []
        var diff: Diff?
        if case .unmet(let change) = try await file.check(on: machine) {
            reasons.append("\(file.file.path): \(change.reason)")
            diff = change.diff
        }
        if try isMissing(on: machine) { reasons.append("switch it on") }
        if !reasons.isEmpty { try Self.area(on: machine)?.requireFits(on: machine) }
        return .unmet(unlessEmpty: reasons, diff: diff)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try ZramTools.refuse(on: machine)
        try Self.area(on: machine)?.requireFits(on: machine)
        if try !machine.originals.has(file.file.path) {
            try former(on: machine).keep(try Self.area(on: machine) == nil ? Self.absent : "present")
        }
        // The old area is stopped first, since its size cannot change while it is in use, and before the file is
        // written, so that the next run starts over if this one is cut.
        if try !machine.isContainer, try Self.area(on: machine) != nil {
            try await machine.succeed(
                SystemctlCommand.stop([Self.swap, Self.setup], timeout: .hours(1)))
        }
        try await file.apply(on: machine)
        try await machine.succeed(SystemctlCommand.daemonReload)
        if try !machine.isContainer { try await machine.control(.start, Self.swap) }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        let check = try await file.checkReverted(on: machine)
        if check != .satisfied { try Self.area(on: machine)?.requireFits(on: machine) }
        return check
    }

    public func revert(on machine: Machine) async throws {
        try validate()
        if try !machine.isContainer {
            try Self.area(on: machine)?.requireFits(on: machine)
            try await machine.succeed(
                SystemctlCommand.stop([Self.swap, Self.setup], timeout: .hours(1)))
        }
        try await file.revert(on: machine)
        try await machine.succeed(SystemctlCommand.daemonReload)
        if try !machine.isContainer, try await machine.unit(Self.swap).exists {
            if try former(on: machine).read() == Self.absent {
                // The package of the generator configures an area by default.
                try await DropInFile(file.file.path, Self.none).apply(on: machine)
                try machine.originals.forget(file.file.path)
                try await machine.succeed(SystemctlCommand.daemonReload)
            } else {
                // With the original configuration.
                try await machine.control(.start, Self.swap)
            }
        }
        try former(on: machine).forget()
    }

    /// Whether there was an area before this was first applied.
    private func former(on machine: Machine) -> FormerValue { FormerValue(name: "zram0", machine: machine) }
    private static let absent = "absent"
    /// A device of this size is not made (zram-generator.conf(5)).
    private static let none = "[zram0]\nzram-size = 0\n"

    private static let swap = "dev-zram0.swap"
    private static let setup = "systemd-zram-setup@zram0.service"
    private static let generators: [FilePath] = [
        "/usr/lib/systemd/system-generators/zram-generator", "/lib/systemd/system-generators/zram-generator",
    ]

    // It sorts after the package's file and the drop-ins of rpi-swap.
    private var file: DropInFile { DropInFile("/etc/systemd/zram-generator.conf.d/zz-propel.conf", text) }

    private var text: String {
        let size =
            switch size {
            case .bytes(let size): "\(size.bytes >> 20)"
            case .ofMemory(let factor): "ram * \(factor)"
            }
        let algorithm = algorithm.map { "compression-algorithm = \($0)\n" } ?? ""
        return "[zram0]\nhost-memory-limit = none\nzram-size = \(size)\n\(algorithm)swap-priority = \(priority)\n"
    }

    private static func area(on machine: Machine) throws -> SwapAreas.Area? {
        try machine.isContainer ? nil : try SwapAreas(of: machine).areas.first { $0.path == "/dev/zram0" }
    }

    private func isMissing(on machine: Machine) throws -> Bool {
        if try machine.isContainer { return false }
        guard let area = try Self.area(on: machine) else { return true }
        return area.priority != priority
    }

    private func validate() throws {
        if let problem = size.problem { throw Failure(problem) }
        switch size {
        case .bytes(let size):
            guard size.bytes > 0, size.bytes % (1 << 20) == 0 else {
                throw Failure("a zram device of \(size) is not possible", advice: "Give whole MiB: .mebibytes(512).")
            }
        case .ofMemory(let factor):
            guard factor > 0, factor <= 4 else {
                throw Failure(
                    "a zram device of \(factor) × memory is not possible",
                    advice: "Give a factor above 0, at most 4: .ofMemory(0.5).")
            }
        }
        if let algorithm,
            algorithm.isEmpty || !algorithm.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") })
        {
            throw Failure(
                "invalid zram algorithm “\(algorithm.escaped)”",
                advice: "/sys/block/zram0/comp_algorithm lists them: zstd, lz4.")
        }
        guard (0...32767).contains(priority) else {
            throw Failure("invalid priority \(priority) of a swap area", advice: "Give a number from 0 to 32767.")
        }
    }
}
