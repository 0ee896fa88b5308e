/// The state of systemd's units (systemctl(1)), asked for once a run.
public struct SystemdUnits: Fact {
    /// What systemd says of one unit.
    public struct Unit: Sendable, Equatable {
        /// `loaded`, `not-found`, `masked` …
        public var load: String
        /// `active`, `inactive`, `failed` …
        public var active: String
        /// `enabled`, `disabled`, `static` …; empty where it has no file.
        public var file: String
        /// Whether its files have changed since systemd read them (`NeedDaemonReload`).
        public var needsReload: Bool
        /// Whether systemd has looked at its conditions and found them unmet, such as `ConditionVirtualization=!container`:
        /// starting it succeeds then, and does nothing.
        public var isKeptFromRunning: Bool

        /// Whether systemd knows it, from a file or otherwise.
        public var exists: Bool { load != "not-found" && load != "" }
        /// Whether it starts with the machine, as far as that is its own decision.
        public var isEnabled: Bool { ["enabled", "static", "alias", "generated", "indirect"].contains(file) }
        /// Whether it runs now.
        public var isActive: Bool { active == "active" || active == "reloading" }
    }

    private let loaded: [String: Unit]

    static let properties =
        "Id,Names,LoadState,ActiveState,UnitFileState,NeedDaemonReload,ConditionResult,ConditionTimestampMonotonic"

    /// Asks for the units that were announced, in one question. Asking for all would take several times as long.
    public static func read(from machine: Machine) async throws -> SystemdUnits {
        let names = machine.expected(of: SystemdUnits.self)
        guard !names.isEmpty else { return SystemdUnits(show: "") }
        return SystemdUnits(
            show: try await machine.run(SystemctlCommand.show(properties, names)).text)
    }

    /// - Parameter show: what `systemctl show` prints: blocks of lines, an empty line between them.
    init(show: String) {
        var loaded: [String: Unit] = [:]
        for block in show.split(separator: "\n\n") {
            var fields: [Substring: Substring] = [:]
            for line in block.split(separator: "\n") {
                guard let equals = line.firstIndex(of: "=") else { continue }
                fields[line[..<equals]] = line[line.index(after: equals)...]
            }
            let unit = Unit(
                load: String(fields["LoadState"] ?? ""), active: String(fields["ActiveState"] ?? ""),
                file: String(fields["UnitFileState"] ?? ""), needsReload: fields["NeedDaemonReload"] == "yes",
                // Before systemd has looked it says "no" too, with a time of 0.
                isKeptFromRunning: fields["ConditionResult"] == "no" && fields["ConditionTimestampMonotonic"] != "0")
            for name in (fields["Names"] ?? fields["Id"] ?? "").split(separator: " ") { loaded[String(name)] = unit }
        }
        self.loaded = loaded
    }

    /// A unit that was asked for; nil where it was not, which says nothing of whether it exists.
    subscript(name: String) -> Unit? { loaded[name] }
}

extension Machine {
    /// The state of one unit, by its full name.
    func unit(_ name: String) async throws -> SystemdUnits.Unit {
        if let unit = try await fact(SystemdUnits.self)[name] { return unit }
        // Nobody has announced it.
        let show = try await succeed(SystemctlCommand.show(SystemdUnits.properties, [name])).text
        return SystemdUnits(show: show)[name]
            ?? .init(load: "not-found", active: "inactive", file: "", needsReload: false, isKeptFromRunning: false)
    }
}
