extension SwapFile {
    private var priorityOptions: [String] { priority.map { ["pri=\($0)"] } ?? [] }

    /// The declared entry, with the further options of the entry that is there.
    func entry(in lines: TextLines) -> Fstab.Entry {
        var options = ["sw"]
        if let found = Fstab.entries(of: path.string, in: lines).first, found.type == "swap" {
            options = found.options.filter { !$0.hasPrefix("pri=") && $0 != "noauto" }
        }
        options += priorityOptions
        return Fstab.Entry(
            source: path.string, target: "none", type: "swap", options: options.isEmpty ? ["sw"] : options)
    }

    func list(in lines: inout TextLines) { Fstab.set(entry(in: lines), in: &lines) }

    /// Whether exactly one line sets up the area at boot, with this priority.
    func isListed(in lines: TextLines) -> Bool {
        let entries = Fstab.entries(of: path.string, in: lines)
        guard entries.count == 1, let found = entries.first else { return false }
        return found.type == "swap" && !found.options.contains("noauto")
            && found.options.filter { $0.hasPrefix("pri=") } == priorityOptions
    }

    func hasPriority(_ area: SwapAreas.Area) -> Bool {
        // The priorities that the kernel chooses are negative (swapon(2)).
        priority.map { $0 == area.priority } ?? (area.priority < 0)
    }

    /// Has systemd generate units from the changed lines.
    func reloadUnits(on machine: Machine) async throws {
        guard try machine.files.status(of: "/run/systemd/system") != nil else { return }
        try await machine.succeed(SystemctlCommand.daemonReload)
    }
}
