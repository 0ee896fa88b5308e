import PropelTesting
import Properties
import Synchronization

/// systemctl as far as these tests need it: units that are enabled and active, or not.
final class FakeSystemd: Sendable {
    struct Unit: Sendable {
        var load = "loaded", active = "inactive", file = "disabled", needsReload = false, isAtStartLimit = false
        /// Its state after a start.
        var started = "active"
        var aliases: [String] = []
    }

    let units: Mutex<[String: Unit]>
    private let files: FakeFileSystem

    init(_ fake: FakeMachine, _ units: [String: Unit] = [:]) {
        self.units = Mutex(units)
        files = fake.files
        fake.commands.program("journalctl", prints: "first line\nlast line\n")
        fake.commands.program("systemctl") { [self] command in self.answer(command) }
    }

    subscript(name: String) -> Unit? {
        get { units.withLock { $0[name] } }
        set { units.withLock { $0[name] = newValue } }
    }

    func answer(_ command: Invocation) -> CommandResult {
        let verb = command.arguments[0], name = command.arguments.last ?? ""
        switch verb {
        case "show" where command.arguments[1] == "--property=Result":
            return .printing(self[name]?.isAtStartLimit == true ? "start-limit-hit\n" : "success\n")
        case "show":
            let names = command.arguments.drop { $0 != "--" }.dropFirst()
            // systemctl gives up at the first template (version 252).
            if let template = names.first(where: { $0.contains("@.") }) {
                return .failing(1, "Failed to get properties: Unit name \(template) is missing the instance name.")
            }
            let shown = units.withLock { units in
                names.map { name -> (String, Unit) in
                    if let unit = units[name] { return (name, unit) }
                    return units.first { $0.value.aliases.contains(name) } ?? (name, Unit(load: "not-found", file: ""))
                }
            }
            return .printing(
                shown.map { name, unit in
                    "Id=\(name)\nNames=\(([name] + unit.aliases).joined(separator: " ")) "
                        + "alias-\(name)\nLoadState=\(unit.load)\nActiveState=\(unit.active)\nUnitFileState=\(unit.file)\nNeedDaemonReload=\(unit.needsReload ? "yes" : "no")\n"
                }.joined(separator: "\n"))
        case "daemon-reload":
            units.withLock { units in for name in units.keys { units[name]?.needsReload = false } }
        case "enable", "disable":
            if units.withLock({ $0.values.contains { $0.aliases.contains(name) } }) {
                return .failing(
                    1, "Failed to enable unit: Refusing to operate on alias name or linked unit file: \(name)")
            }
            switch self[name]?.file {
            case "masked" where verb == "enable":
                return .failing(1, "Failed to enable unit: Unit file /etc/systemd/system/\(name) is masked.")
            case "static", "indirect": break
            case "generated":
                // systemd-sysv-install
                for level in 2...5 {
                    let path: FilePath =
                        "/etc/rc\(level).d/\(verb == "enable" ? "S" : "K")01\(name.split(separator: ".")[0])"
                    try? files.remove(
                        "/etc/rc\(level).d/\(verb == "enable" ? "K" : "S")01\(name.split(separator: ".")[0])")
                    files.put(path, linkTo: "../init.d/\(name.split(separator: ".")[0])")
                }
            default: self[name]?.file = verb + "d"
            }
            if command.arguments.contains("--now") { self[name]?.active = "inactive" }
        case "mask":
            files.put("/etc/systemd/system/\(name)" as FilePath, linkTo: "/dev/null")
            self[name]?.file = "masked"
            self[name]?.load = "masked"
        case "unmask":
            try? files.remove("/etc/systemd/system/\(name)" as FilePath)
            self[name]?.file = "disabled"
            self[name]?.load = "loaded"
        case "reset-failed": self[name]?.isAtStartLimit = false
        case "start", "restart":
            if self[name]?.isAtStartLimit == true { return .failing(1, "Start request repeated too quickly.") }
            guard let unit = self[name] else { return .failing(5, "Failed to start \(name): Unit \(name) not found.") }
            self[name]?.active = unit.started
            if unit.started == "inactive" { return .failing(1, "Job for \(name) failed.") }
        case "stop": self[name]?.active = "inactive"
        default: break
        }
        return .printing()
    }
}
