/// Invocations of systemctl(1) and of systemd's other programs. They are made here and nowhere else.
enum SystemctlCommand {
    static func start(_ units: String..., isBlocking: Bool = true, timeout: Duration = .minutes(10)) -> Invocation {
        systemctl(["start"] + (isBlocking ? [] : ["--no-block"]), units, timeout: timeout)
    }

    static func stop(_ units: [String], timeout: Duration = .minutes(10)) -> Invocation {
        systemctl(["stop"], units, timeout: timeout)
    }

    /// A change of the running state of a unit.
    enum Verb: String, Sendable {
        case start, stop, restart, reload
        /// Restarts a unit that cannot reload its configuration.
        case reloadOrRestart = "reload-or-restart"
    }

    static func control(_ verb: Verb, _ unit: String) -> Invocation { systemctl([verb.rawValue], [unit]) }

    /// - Parameter now: whether the unit is started too.
    static func enable(_ unit: String, now: Bool = false, timeout: Duration = .minutes(10)) -> Invocation {
        systemctl(["enable"] + (now ? ["--now"] : []), [unit], timeout: timeout)
    }

    /// - Parameter now: whether the unit is stopped too.
    static func disable(_ unit: String, now: Bool = false) -> Invocation {
        systemctl(["disable"] + (now ? ["--now"] : []), [unit])
    }

    static func mask(_ unit: String) -> Invocation { systemctl(["mask"], [unit]) }

    static func unmask(_ unit: String) -> Invocation { systemctl(["unmask"], [unit]) }

    /// Has systemd read its unit files again.
    static let daemonReload = Invocation("systemctl", ["daemon-reload"])

    /// Forgets that a unit has failed or was started too often.
    static func resetFailed(_ unit: String) -> Invocation { systemctl(["reset-failed"], [unit]) }

    /// Prints properties of units, as `NAME=VALUE` in one block for each unit.
    static func show(_ properties: String, _ units: [String]) -> Invocation {
        systemctl(["show", "--property=\(properties)"], units)
    }

    /// Prints one property of a unit, its value alone.
    static func value(of property: String, _ unit: String) -> Invocation {
        systemctl(["show", "--property=\(property)", "--value"], [unit])
    }

    /// The same for the service manager of a user, with the rights of that user.
    ///
    /// Not by `--machine=USER@`: that needs a message bus, which a minimal Debian has not. With the runtime directory
    /// systemctl finds the socket of the manager itself.
    static func forUser(_ account: Accounts.User, _ command: Invocation) -> Invocation {
        Invocation(command.program, ["--user"] + command.arguments, timeout: command.timeout).asUser(account)
    }

    /// The unit of the service manager of a user (user@.service(5)).
    static func serviceManager(of account: Accounts.User) -> String { "user@\(account.id).service" }

    private static func systemctl(
        _ verb: [String], _ units: [String], timeout: Duration = .minutes(10)
    ) -> Invocation {
        Invocation("systemctl", verb + ["--"] + units, timeout: timeout)
    }

    /// The last lines of a unit in the journal.
    static func journal(of unit: String, lines: Int = Failure.outputLineLimit) -> Invocation {
        Invocation("journalctl", ["--no-pager", "--quiet", "--output=cat", "--lines=\(lines)", "--unit=\(unit)"])
    }

    /// The last lines of a user's unit in the journal.
    static func journal(ofUserUnit unit: String, _ account: Accounts.User) -> Invocation {
        Invocation(
            "journalctl",
            [
                "--no-pager", "--quiet", "--output=cat", "--lines=\(Failure.outputLineLimit)", "_UID=\(account.id)",
                "_SYSTEMD_USER_UNIT=\(unit)",
            ])
    }

    /// Has systemd-analyze check a unit file.
    /// - Parameter isRecursive: whether the units that it needs are checked too. The option to leave them out is
    ///   unknown before systemd 250.
    static func verify(_ file: FilePath, isRecursive: Bool = false) -> Invocation {
        Invocation(
            "systemd-analyze",
            ["verify", "--man=no"] + (isRecursive ? [] : ["--recursive-errors=no"]) + [file.string])
    }
}
