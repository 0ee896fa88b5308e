/// The swap that the system sets up by itself: dphys-swapfile(8) of Raspberry Pi OS up to release 12, rpi-swap since
/// 13, and zram-tools.
///
/// Neither works with a ``SwapFile`` of the same path. dphys-swapfile replaces its file at boot if the size differs
/// from the computed one, and then removes every line from `/etc/fstab` that begins with its path: `/var/swapfile`
/// along with `/var/swap`. rpi-swap removes its file if it is configured to use none. So a ``SwapFile`` there is
/// refused until the stock swap is declared absent.
public enum StockSwap {
    /// No stock swap.
    ///
    ///     StockSwap.Absent()
    ///     SwapFile("/var/swapfile", size: .gibibytes(1))
    ///
    /// dphys-swapfile is stopped and disabled, and its file removed; rpi-swap is disabled by a drop-in of
    /// `/etc/rpi/swap.conf`; the service of zram-tools is stopped and disabled. Swapped-out pages must fit into memory.
    /// A machine with none of them satisfies this. A revert sets them up again with their own configuration.
    public struct Absent: Revertible {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "no stock swap" }
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
                reasons.append("disable rpi-swap")
            }
            if try ZramTools.isEnabled(on: machine) {
                for area in try ZramTools.areas(on: machine) { try area.requireFits(on: machine) }
                reasons.append("disable zram-tools")
            }
            // Each of them comes with a package.
            if reasons.isEmpty { try machine.awaitPackages() }
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
                // The file comes last, so that the next run starts over if this one is cut. Missing units do not
                // matter, but areas that stay do.
                let stop = SystemctlCommand.stop(RpiSwap.units, timeout: .hours(1))
                let result = try await machine.run(stop)
                guard try RpiSwap.areas(on: machine).isEmpty else {
                    throw CommandFailure(command: stop, result: result)
                }
                try await RpiSwap.none.apply(on: machine)
                try await machine.succeed(SystemctlCommand.daemonReload)
            }
            if try ZramTools.isEnabled(on: machine) {
                for area in try ZramTools.areas(on: machine) { try area.requireFits(on: machine) }
                try zramTools(on: machine).keep("enabled")
                try await machine.succeed(SystemctlCommand.disable(ZramTools.unit, now: true))
            }
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            var reasons: [String] = []
            if try FormerValue(name: Dphys.unit, machine: machine).read() != nil {
                reasons.append("enable dphys-swapfile")
            }
            if try zramTools(on: machine).read() != nil { reasons.append("enable zram-tools") }
            if case .unmet(let change) = try await RpiSwap.none.checkReverted(on: machine) {
                reasons.append(change.reason)
            }
            return .unmet(unlessEmpty: reasons)
        }

        public func revert(on machine: Machine) async throws {
            let dphys = FormerValue(name: Dphys.unit, machine: machine)
            if try dphys.read() != nil {
                // It creates its file, which takes a while on an SD card.
                try await machine.succeed(
                    SystemctlCommand.enable(Dphys.unit, now: true, timeout: .hours(1)))
                try dphys.forget()
            }
            if try zramTools(on: machine).read() != nil {
                try await machine.succeed(SystemctlCommand.enable(ZramTools.unit, now: true))
                try zramTools(on: machine).forget()
            }
            if try await RpiSwap.none.checkReverted(on: machine) != .satisfied {
                try await RpiSwap.none.revert(on: machine)
                try await machine.succeed(SystemctlCommand.daemonReload)
                try await machine.succeed(SystemctlCommand.start("swap.target", timeout: .hours(1)))
            }
        }

        private func zramTools(on machine: Machine) -> FormerValue {
            FormerValue(name: ZramTools.unit, machine: machine)
        }
    }

    /// - Throws: ``Failure`` if the stock swap would remove a swap file of this path, or its line in `/etc/fstab`.
    static func requireLeaves(_ path: FilePath, on machine: Machine) throws {
        if let dphys = try Dphys(on: machine), path.string.hasPrefix(dphys.path.string),
            try Dphys.isEnabled(on: machine)
        {
            throw Failure(
                "dphys-swapfile would remove \(path) from \(Fstab.path), since its own file is \(dphys.path)",
                advice: "Declare StockSwap.Absent() before this, or another path, such as /swapfile.")
        }
        if let rpiSwap = try RpiSwap(on: machine), path == rpiSwap.path {
            throw Failure(
                "\(path) belongs to rpi-swap, which resizes or removes it when the machine starts",
                advice:
                    "Declare another path, such as /swapfile, and StockSwap.Absent() if there should be no other swap."
            )
        }
    }
}

/// The configuration of dphys-swapfile(8) in `/etc/dphys-swapfile`.
private struct Dphys {
    static let unit = "dphys-swapfile.service"
    var path: FilePath = "/var/swap"

    /// Nil if it is not installed.
    init?(on machine: Machine) throws {
        guard try machine.files.status(of: "/sbin/dphys-swapfile") != nil else { return nil }
        guard let text = try machine.files.readIfPresent("/etc/dphys-swapfile") else { return }
        for line in String(decoding: text, as: UTF8.self).lines {
            // A shell reads it; only plain words are understood here.
            let line = String(line).trimmed
            guard line.hasPrefix("CONF_SWAPFILE=") else { continue }
            let value = FilePath(line.dropFirst(14).filter { !"\"' \t".contains($0) })
            if value.isAbsolute, value.isLexicallyNormal, !value.string.contains("$") { path = value }
        }
    }

    /// Whether the unit is enabled, by its link: a ``SwapFile`` need not ask systemd.
    static func isEnabled(on machine: Machine) throws -> Bool {
        try machine.files.status(of: FilePath("/etc/systemd/system/multi-user.target.wants/\(unit)")) != nil
    }

    /// Whether its file exists. A file that is in fstab is not its own.
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

/// The configuration of rpi-swap in `/etc/rpi/swap.conf` (its swap.conf(5)).
private struct RpiSwap {
    var path: FilePath = "/var/swap"

    /// The drop-in that disables it. It sorts last, so it counts.
    static let none = DropInFile("/etc/rpi/swap.conf.d/zz-propel.conf", "[Main]\nMechanism=none\n")
    /// The units of its generator: the compressed area, the file behind it, and the timer that moves pages between
    /// them.
    static let units = [
        "rpi-zram-writeback.timer", "dev-zram0.swap", "systemd-zram-setup@zram0.service", "var-swap.swap",
    ]

    static func areas(on machine: Machine) throws -> [SwapAreas.Area] {
        try SwapAreas(of: machine).areas.filter { $0.path == "/dev/zram0" || $0.path == "/var/swap" }
    }

    /// Nil if it is not installed.
    init?(on machine: Machine) throws {
        let generators: [FilePath] = [
            "/usr/lib/systemd/system-generators/rpi-swap-generator",
            "/lib/systemd/system-generators/rpi-swap-generator",
        ]
        guard try generators.contains(where: { try machine.files.status(of: $0) != nil }) else { return nil }
        guard let text = try machine.files.readIfPresent("/etc/rpi/swap.conf") else { return }
        for line in String(decoding: text, as: UTF8.self).lines
        where line.hasPrefix("Path=") {
            path = FilePath(String(line.dropFirst(5)).trimmed)
        }
    }
}
