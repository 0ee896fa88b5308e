import PropelTesting
import Properties
import Synchronization

/// systemctl as far as these tests need it: units that are enabled and active, or not.
final class FakeSystemd: Sendable {
    struct Unit: Sendable {
        var load = "loaded", active = "inactive", file = "disabled", needsReload = false, isAtStartLimit = false
        /// Its state after a start.
        var started = "active"
    }

    let units: Mutex<[String: Unit]>

    init(_ fake: FakeMachine, _ units: [String: Unit] = [:]) {
        self.units = Mutex(units)
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
            let shown = units.withLock { units in names.map { ($0, units[$0] ?? Unit(load: "not-found", file: "")) } }
            return .printing(
                shown.map { name, unit in
                    "Id=\(name)\nNames=\(name) "
                        + "alias-\(name)\nLoadState=\(unit.load)\nActiveState=\(unit.active)\nUnitFileState=\(unit.file)\nNeedDaemonReload=\(unit.needsReload ? "yes" : "no")\n"
                }.joined(separator: "\n"))
        case "daemon-reload":
            units.withLock { units in for name in units.keys { units[name]?.needsReload = false } }
        case "enable", "disable":
            self[name]?.file = verb + "d"
            if command.arguments.contains("--now") { self[name]?.active = "inactive" }
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
