extension Invocation {
    /// Whether it only asks systemd for something.
    var isQuestion: Bool {
        let questions = ["show", "status", "cat", "is-active", "is-enabled", "is-failed"]
        return program == "journalctl" || program == "systemctl" && verb.map(questions.contains) == true
    }

    /// The units that it starts or restarts; empty if it is no such command of systemctl.
    var startedUnits: [String] {
        guard program == "systemctl", let verb, ["start", "restart", "reload-or-restart"].contains(verb) else {
            return []
        }
        return arguments.filter { !$0.hasPrefix("-") && $0 != verb }
    }

    private var verb: String? { arguments.first { !$0.hasPrefix("-") } }

    static func stopping(_ unit: String) -> Invocation { Invocation("systemctl", ["stop", "--", unit]) }
}

extension Machine {
    /// Whether a unit does not run, so that a restart starts it. A unit that ends by itself never runs, and has done
    /// its work each time that it was started (systemd.service(5), `RemainAfterExit=`).
    func isIdle(_ unit: String) async throws -> Bool {
        let properties = "--property=ActiveState,Type,RemainAfterExit"
        // Past the `GuardWatch`, which asks.
        let shown = try await commands.run(Invocation("systemctl", ["show", properties, "--", unit])).text
        let lines = shown.nonEmptyLines.map(String.init)
        guard lines.contains("ActiveState=inactive") || lines.contains("ActiveState=failed") else { return false }
        return !(lines.contains("Type=oneshot") && lines.contains("RemainAfterExit=no"))
    }
}
