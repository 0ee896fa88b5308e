/// The state of systemd's units (systemctl(1)), asked for once a run.
public struct SystemdUnits: Fact {
    public struct Unit: Sendable, Equatable {
        /// `loaded`, `not-found`, `masked` …
        public var load: String
        /// `active`, `inactive`, `failed` …
        public var active: String
        /// `enabled`, `disabled`, `static` …; empty where it has no file.
        public var file: String
        public var needsReload: Bool

        public var exists: Bool { load != "not-found" && load != "" }
        /// Whether it starts with the machine, as far as that is its own decision.
        public var isEnabled: Bool { ["enabled", "static", "alias", "generated", "indirect"].contains(file) }
        public var isActive: Bool { active == "active" || active == "reloading" }
    }

    private let loaded: [String: Unit]

    static let properties = "--property=Id,Names,LoadState,ActiveState,UnitFileState,NeedDaemonReload"

    public static func read(from machine: Machine) async throws -> SystemdUnits {
        SystemdUnits(show: try await machine.run("systemctl", "show", properties, "--", "*").text)
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
                file: String(fields["UnitFileState"] ?? ""), needsReload: fields["NeedDaemonReload"] == "yes")
            for name in (fields["Names"] ?? fields["Id"] ?? "").split(separator: " ") { loaded[String(name)] = unit }
        }
        self.loaded = loaded
    }

    /// A unit that is loaded; nil where systemd has not loaded it, which says nothing of whether it exists.
    subscript(name: String) -> Unit? { loaded[name] }
}

extension Machine {
    /// The state of one unit, by its full name.
    func unit(_ name: String) async throws -> SystemdUnits.Unit {
        if let unit = try await fact(SystemdUnits.self)[name] { return unit }
        // A stopped unit that nothing refers to is not loaded: asking for it by name loads it.
        let show = try await run("systemctl", "show", SystemdUnits.properties, "--", name).text
        return SystemdUnits(show: show)[name] ?? .init(load: "not-found", active: "inactive", file: "", needsReload: false)
    }
}
