/// The swap that a Raspberry Pi sets up by itself: dphys-swapfile(8) up to Raspberry Pi OS 12, rpi-swap from 13 on.
///
/// Neither goes well with a ``SwapFile`` in its place. dphys-swapfile makes its file anew at a start where its size is not what
/// it has worked out, and then removes every line from `/etc/fstab` that begins with its path: `/var/swapfile` along with
/// `/var/swap`. rpi-swap removes its file where it is told to use none. So a ``SwapFile`` there is refused until this is declared
/// absent.
public enum StockSwap {
    /// That the system sets up no swap by itself.
    ///
    ///     StockSwap.Absent()
    ///     SwapFile("/var/swapfile", size: .gibibytes(1))
    ///
    /// dphys-swapfile is stopped and disabled and its file removed; rpi-swap is told to use none, by a drop-in of
    /// `/etc/rpi/swap.conf`. What is swapped out must fit into memory. Where a machine has neither, this holds. Taken back,
    /// either is set up again as its own configuration says.
    public struct Absent: Revertible {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "no swap of the system's own" }
        public var claims: [Claim] { [Claim("the swap that the system sets up by itself", is: "absent")] }

        public func announce(to machine: Machine) { machine.expect(Dphys.unit, of: SystemdUnits.self) }

        public func check(on machine: Machine) async throws -> Check {
            var reasons: [String] = []
            if let dphys = try Dphys(on: machine) {
                let unit = try await machine.unit(Dphys.unit)
                if unit.isActive || unit.isEnabled {
                    try dphys.area(on: machine)?.requireFits(on: machine)
                    reasons.append("disable dphys-swapfile")
                }
                if try dphys.hasFile(on: machine) { reasons.append("remove \(dphys.path)") }
            }
            if try RpiSwap(on: machine) != nil, try await RpiSwap.none.check(on: machine) != .satisfied {
                for area in try RpiSwap.areas(on: machine) { try area.requireFits(on: machine) }
                reasons.append("have rpi-swap use none")
            }
            return .unmet(unlessEmpty: reasons)
        }

        public func apply(on machine: Machine) async throws {
            if let dphys = try Dphys(on: machine) {
                let unit = try await machine.unit(Dphys.unit)
                if unit.isActive || unit.isEnabled {
                    try dphys.area(on: machine)?.requireFits(on: machine)
                    try FormerValue(name: Dphys.unit, machine: machine).keep("enabled")
                    try await machine.succeed(SystemctlCommand.disable(Dphys.unit, now: true))
                }
                if try dphys.hasFile(on: machine) {
                    if let area = try dphys.area(on: machine) { try await area.switchOff(on: machine) }
                    try machine.files.remove(dphys.path)
                }
            }
            if try RpiSwap(on: machine) != nil, try await RpiSwap.none.check(on: machine) != .satisfied {
                for area in try RpiSwap.areas(on: machine) { try area.requireFits(on: machine) }
                // Last the file: where this is cut short, the next run begins again.
                // Units that are not there are no obstacle; areas that stay are.
                let stop = SystemctlCommand.stop(RpiSwap.units, timeout: .hours(1))
                let result = try await machine.run(stop)
                guard try RpiSwap.areas(on: machine).isEmpty else {
                    throw CommandFailure(command: stop, result: result)
                }
                try await RpiSwap.none.apply(on: machine)
                try await machine.succeed(SystemctlCommand.daemonReload)
            }
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            var reasons: [String] = []
            if try FormerValue(name: Dphys.unit, machine: machine).read() != nil {
                reasons.append("enable dphys-swapfile")
            }
            if case .unmet(let change) = try await RpiSwap.none.checkReverted(on: machine) {
                reasons.append(change.reason)
            }
            return .unmet(unlessEmpty: reasons)
        }

        public func revert(on machine: Machine) async throws {
            let dphys = FormerValue(name: Dphys.unit, machine: machine)
            if try dphys.read() != nil {
                // It makes its file, which takes a while on an SD card.
                try await machine.succeed(
                    SystemctlCommand.enable(Dphys.unit, now: true, timeout: .hours(1)))
                try dphys.forget()
            }
            if try await RpiSwap.none.checkReverted(on: machine) != .satisfied {
                try await RpiSwap.none.revert(on: machine)
                try await machine.succeed(SystemctlCommand.daemonReload)
                try await machine.succeed(SystemctlCommand.start("swap.target", timeout: .hours(1)))
            }
        }
    }

    /// - Throws: ``Failure`` where the system would do away with a swap file of this path, or with its line in `/etc/fstab`.
    static func requireLeaves(_ path: FilePath, on machine: Machine) throws {
        if let dphys = try Dphys(on: machine), path.string.hasPrefix(dphys.path.string),
            try Dphys.isEnabled(on: machine)
        {
            throw Failure(
                "dphys-swapfile keeps its own file at \(dphys.path), and would remove \(path) from \(Fstab.path)",
                advice: "Declare StockSwap.Absent() before this, or another path, such as /swapfile.")
        }
        if let rpiSwap = try RpiSwap(on: machine), path == rpiSwap.path {
            throw Failure(
                "\(path) belongs to rpi-swap, which resizes or removes it when the machine starts",
                advice:
                    "Declare another path, such as /swapfile; and StockSwap.Absent() where this is to be the only swap."
            )
        }
    }
}

/// What dphys-swapfile(8) is told in `/etc/dphys-swapfile`.
private struct Dphys {
    static let unit = "dphys-swapfile.service"
    var path: FilePath = "/var/swap"

    /// Nil where it is not installed.
    init?(on machine: Machine) throws {
        guard try machine.files.status(of: "/sbin/dphys-swapfile") != nil else { return nil }
        guard let text = try machine.files.readIfPresent("/etc/dphys-swapfile") else { return }
        for line in String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline) {
            // A shell reads it; what is more than a plain word is not understood here.
            let line = String(line).trimmed
            guard line.hasPrefix("CONF_SWAPFILE=") else { continue }
            let value = FilePath(line.dropFirst(14).filter { !"\"' \t".contains($0) })
            if value.isAbsolute, value.isLexicallyNormal, !value.string.contains("$") { path = value }
        }
    }

    /// Told by its link: systemd need not be asked for what a ``SwapFile`` has to know.
    static func isEnabled(on machine: Machine) throws -> Bool {
        try machine.files.status(of: FilePath("/etc/systemd/system/multi-user.target.wants/\(unit)")) != nil
    }

    /// Whether its file is there, and its own: one that is in fstab is somebody else's.
    func hasFile(on machine: Machine) throws -> Bool {
        guard try machine.files.status(of: path)?.kind == .file,
            Fstab.entries(of: path.string, in: try machine.shared(Fstab.path).read()).isEmpty
        else { return false }
        return SwapHeader(page: try machine.files.read(path, first: Memory.pageSize)) != nil
    }

    func area(on machine: Machine) throws -> SwapAreas.Area? {
        try SwapAreas(of: machine).areas.first { $0.path == path.string }
    }
}

/// What rpi-swap is told in `/etc/rpi/swap.conf` (swap.conf(5) of rpi-swap).
private struct RpiSwap {
    var path: FilePath = "/var/swap"

    /// It comes after all that others name, and so is the last word.
    static let none = DropInFile("/etc/rpi/swap.conf.d/zz-propel.conf", "[Main]\nMechanism=none\n")
    /// What its generator makes: the compressed area, the file behind it, and what moves pages from one to the other.
    static let units = [
        "rpi-zram-writeback.timer", "dev-zram0.swap", "systemd-zram-setup@zram0.service", "var-swap.swap",
    ]

    static func areas(on machine: Machine) throws -> [SwapAreas.Area] {
        try SwapAreas(of: machine).areas.filter { $0.path == "/dev/zram0" || $0.path == "/var/swap" }
    }

    /// Nil where it is not installed.
    init?(on machine: Machine) throws {
        let generators: [FilePath] = [
            "/usr/lib/systemd/system-generators/rpi-swap-generator",
            "/lib/systemd/system-generators/rpi-swap-generator",
        ]
        guard try generators.contains(where: { try machine.files.status(of: $0) != nil }) else { return nil }
        guard let text = try machine.files.readIfPresent("/etc/rpi/swap.conf") else { return }
        for line in String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
        where line.hasPrefix("Path=") {
            path = FilePath(String(line.dropFirst(5)).trimmed)
        }
    }
}
