/// Swap in compressed memory by the package zram-tools, whose service makes `/dev/zram0` at boot.
enum ZramTools {
    static let unit = "zramswap.service"

    /// Whether the service is enabled, by its link: ``Zram`` need not ask systemd.
    static func isEnabled(on machine: Machine) throws -> Bool {
        try machine.files.status(of: FilePath("/etc/systemd/system/multi-user.target.wants/\(unit)")) != nil
    }

    /// - Throws: ``Failure`` if the service would fight for the device.
    static func refuse(on machine: Machine) throws {
        guard try isEnabled(on: machine) else { return }
        throw Failure(
            "zram-tools makes /dev/zram0 at boot too (\(unit))",
            advice: "Declare StockSwap.Absent() before this; it stops and disables that service.")
    }

    static func areas(on machine: Machine) throws -> [SwapAreas.Area] {
        try SwapAreas(of: machine).areas.filter { $0.path.hasPrefix("/dev/zram") }
    }
}
