/// The state of systemd's units (systemctl(1)). One question asks for all units of a run.
public struct SystemdUnits: MachineFact, EarlyFact {
    /// The state of one unit.
    public struct Unit: Sendable, Equatable {
        /// Its own name, where it was asked for by an alias: only by this one can it be enabled and disabled.
        public var id: String
        /// `loaded`, `not-found`, `masked` …
        public var load: String
        /// `active`, `inactive`, `failed` …
        public var active: String
        /// `enabled`, `disabled`, `static` …; empty if it has no file.
        public var file: String
        /// Whether its files changed after systemd read them (`NeedDaemonReload`).
        public var needsReload: Bool
        /// Whether its conditions are not met, such as `ConditionVirtualization=!container`: then starting it succeeds
        /// and does nothing.
        public var isKeptFromRunning: Bool

        /// Whether systemd knows the unit, from a file or otherwise.
        public var exists: Bool { load != "not-found" && load != "" }
        /// Whether it starts at boot, as far as its own state decides that.
        public var isEnabled: Bool { file == "enabled" || isNeverDisabled }
        /// Whether enabling and disabling leave its state as it is (systemctl(1), `is-enabled`): it has no `[Install]`
        /// section, or one that only enables other units, or a generator made it.
        public var isNeverDisabled: Bool { ["static", "generated", "indirect"].contains(file) }
        /// Whether the unit runs.
        public var isActive: Bool { active == "active" || active == "reloading" }

        /// A unit that does not exist.
        static func missing(_ name: String) -> Unit {
            Unit(
                id: name, load: "not-found", active: "inactive", file: "", needsReload: false, isKeptFromRunning: false)
        }
    }

    private let loaded: [String: Unit]

    static let properties =
        "Id,Names,LoadState,ActiveState,UnitFileState,NeedDaemonReload,ConditionResult,ConditionTimestampMonotonic"

    /// Asks for the announced units. Asking for all units would take several times as long.
    public static func read(from machine: Machine) async throws -> SystemdUnits {
        let names = machine.expected(of: SystemdUnits.self)
        guard !names.isEmpty else { return SystemdUnits(show: "") }
        return SystemdUnits(
            show: try await machine.run(SystemctlCommand.show(properties, names)).text)
    }

    /// - Parameter show: the output of `systemctl show`: blocks of lines, separated by empty lines.
    init(show: String) {
        var loaded: [String: Unit] = [:]
        for block in show.split(separator: "\n\n") {
            var fields: [Substring: Substring] = [:]
            for line in block.lines {
                guard let (name, value) = line.parts(around: "=") else { continue }
                fields[name] = value
            }
            let unit = Unit(
                id: String(fields["Id"] ?? fields["Names"]?.split(separator: " ").first ?? ""),
                load: String(fields["LoadState"] ?? ""), active: String(fields["ActiveState"] ?? ""),
                file: String(fields["UnitFileState"] ?? ""), needsReload: fields["NeedDaemonReload"] == "yes",
                // Before the first start it is "no" too, with a timestamp of 0.
                isKeptFromRunning: fields["ConditionResult"] == "no" && fields["ConditionTimestampMonotonic"] != "0")
            for name in (fields["Names"] ?? fields["Id"] ?? "").split(separator: " ") { loaded[String(name)] = unit }
        }
        self.loaded = loaded
    }

    /// An announced unit; nil for others, whether they exist or not.
    subscript(name: String) -> Unit? { loaded[name] }
}

extension Machine {
    /// The state of one unit, by its full name.
    func unit(_ name: String) async throws -> SystemdUnits.Unit {
        if let unit = try await fact(SystemdUnits.self)[name] { return unit }
        // It was not announced.
        let show = try await succeed(SystemctlCommand.show(SystemdUnits.properties, [name])).text
        return SystemdUnits(show: show)[name] ?? .missing(name)
    }
}
