/// A systemd unit that runs and starts at boot.
///
///     Service("docker")
///     Service("bluetooth", isRunning: false, isEnabled: false)
///     Service("getty@tty1", isRunning: nil)
///     Service("apport", isRunning: false, isEnabled: false)
///     Service("multipathd", mayBeAbsent: true)
///
/// The state that systemd reports afterwards decides, not the exit status of `systemctl`. Whether a service that has
/// only a script in `/etc/init.d` starts at boot is read from its links in `/etc/rc?.d`. A unit that is `static`,
/// `indirect` or made by a generator (systemctl(1), `is-enabled`) can be neither enabled nor disabled, and satisfies
/// both: ``Service/Masked`` keeps it from starting.
///
/// Declare a service that should not run after the packages that bring it, which start it. A plan leaves it open while
/// they are yet to be installed.
public struct Service: Guarded {
    public typealias Target = AnyLinux

    /// The full name of the unit: `docker.service`.
    public let unit: String
    /// Whether the unit runs; nil leaves that as it is.
    public let isRunning: Bool?
    /// Whether the unit starts at boot; nil leaves that as it is.
    public let isEnabled: Bool?
    /// Whether a machine without the unit is as declared.
    public let mayBeAbsent: Bool
    public let ports: [Port]

    /// - Parameters:
    ///   - unit: the short name of a service, or the full name of any unit: `fstrim.timer`.
    ///   - isRunning: whether the unit runs; yes by default. nil leaves that as it is.
    ///   - isEnabled: whether the unit starts at boot; yes by default. nil leaves that as it is.
    ///   - mayBeAbsent: whether a machine that has no such unit is as declared; no by default: then it waits for the
    ///     unit, and fails if it does not come. A unit that should neither run nor be enabled may always be absent.
    ///   - ports: the ports that it listens on. `propel show` lists them, and two services on one port conflict. They
    ///     are not checked on the machine.
    public init(
        _ unit: String, isRunning: Bool? = true, isEnabled: Bool? = true, mayBeAbsent: Bool = false, ports: [Port] = []
    ) {
        self.unit = UnitName.full(unit)
        self.mayBeAbsent = mayBeAbsent
        self.isRunning = isRunning
        self.isEnabled = isEnabled
        self.ports = ports
    }

    private var state: String { Self.state(isRunning: isRunning, isEnabled: isEnabled) }

    /// The declared state in words.
    static func state(isRunning: Bool?, isEnabled: Bool?) -> String {
        let words = [isRunning.map { $0 ? "running" : "stopped" }, isEnabled.map { $0 ? "enabled" : "disabled" }]
        return words.compactMap(\.self).joined(separator: ", ")
    }

    public var name: String { state.isEmpty ? unit : "\(unit) \(state)" }
    public var claims: [Claim] { [Claim("the unit \(unit)", is: state)] }
    public var portOwner: String { unit }
    public var problems: [String] { problems(in: validate) }

    public func announce(to machine: Machine) { machine.expect(unit, of: SystemdUnits.self) }

    private func validate() throws {
        try UnitName.validate(unit)
        guard !UnitName.isTemplate(unit) else {
            throw Failure(
                "\(unit) is a template, of which only instances run",
                advice: "Name one: Service(\"\(unit.replacing("@.", with: "@NAME."))\").")
        }
        guard isRunning != nil || isEnabled != nil else {
            throw Failure("Service(\"\(unit)\") declares nothing", advice: "Give isRunning or isEnabled.")
        }
    }

    /// - Throws: ``Undetermined`` if there is no unit yet, and packages are yet to be installed that may bring it;
    ///   ``Failure`` if the name is invalid, or the unit is masked and declared running or enabled.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let found = try await machine.unit(unit)
        guard found.exists else {
            let isMissed = !mayBeAbsent && (isRunning == true || isEnabled == true)
            guard !isMissed else { return .unknown(until: "there is a unit \(unit)") }
            // A package enables its units and starts them.
            try machine.awaitPackages()
            return .satisfied
        }
        guard found.load != "masked" || isRunning != true && isEnabled != true else {
            throw Failure(
                "\(unit) is masked",
                advice: "`systemctl unmask \(unit)`, or declare it stopped and disabled, or Service.Masked.")
        }
        var reasons: [String] = []
        if try differsInEnabling(found, machine) { reasons.append(isEnabled == true ? "enable" : "disable") }
        if let isRunning, found.isActive != isRunning {
            reasons.append(isRunning ? "start (it is \(found.active))" : "stop")
        }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        let found = try await machine.unit(unit)
        if found.needsReload { try await machine.succeed(SystemctlCommand.daemonReload) }
        if let isEnabled, try differsInEnabling(found, machine) {
            // systemctl refuses to enable an alias.
            try await machine.succeed(
                isEnabled ? SystemctlCommand.enable(found.id) : SystemctlCommand.disable(found.id))
        }
        if let isRunning, found.isActive != isRunning { try await machine.control(isRunning ? .start : .stop, unit) }
    }

    public func isGuarded(on machine: Machine) async throws -> Bool { AccessFiles.containUnit(unit) }

    public func restoration(on machine: Machine) async throws -> Restoration {
        let found = try await machine.unit(unit)
        let differsInEnabling = try differsInEnabling(found, machine)
        let isStarted = isRunning == true && !found.isActive, isStopped = isRunning == false && found.isActive
        return Restoration(
            first: (isStarted ? [SystemctlCommand.stop([unit])] : [])
                + (differsInEnabling && isEnabled == true ? [SystemctlCommand.disable(found.id)] : []),
            commands: (differsInEnabling && isEnabled == false ? [SystemctlCommand.enable(found.id)] : [])
                + (isStopped ? [SystemctlCommand.start(unit)] : []))
    }

    /// Whether the unit must be enabled or disabled.
    private func differsInEnabling(_ found: SystemdUnits.Unit, _ machine: Machine) throws -> Bool {
        guard let isEnabled else { return false }
        if found.file == "generated", let starts = try InitScript(of: found.id).startsAtBoot(machine) {
            return starts != isEnabled
        }
        return !found.isNeverDisabled && found.isEnabled != isEnabled
    }

    /// Restarts a unit; starts it if it does not run.
    public struct Restart: Action {
        public typealias Target = AnyLinux

        /// The full name of the unit.
        public let unit: String
        /// - Parameter unit: the short name of a service, or the full name of any unit.
        public init(_ unit: String) { self.unit = UnitName.full(unit) }
        public var name: String { "restart \(unit)" }

        public func perform(on machine: Machine) async throws {
            if try await machine.unit(unit).needsReload { try await machine.succeed(SystemctlCommand.daemonReload) }
            try await machine.control(.restart, unit)
        }
    }

    /// Reloads the configuration of a unit; restarts it if it cannot reload.
    public struct Reload: Action {
        public typealias Target = AnyLinux

        /// The full name of the unit.
        public let unit: String
        /// - Parameter unit: the short name of a service, or the full name of any unit.
        public init(_ unit: String) { self.unit = UnitName.full(unit) }
        public var name: String { "reload \(unit)" }

        public func perform(on machine: Machine) async throws { try await machine.control(.reloadOrRestart, unit) }
    }
}

extension Machine {
    /// Controls a unit. A failure shows the last lines of the unit in the journal.
    func control(_ verb: SystemctlCommand.Verb, _ unit: String) async throws {
        let command = SystemctlCommand.control(verb, unit)
        var result = try await run(command)
        if !result.succeeded, try await hasReachedStartLimit(unit) {
            try await succeed(SystemctlCommand.resetFailed(unit))
            result = try await run(command)
        }
        if result.succeeded {
            guard verb != .stop else { return }
            // systemctl succeeds as soon as the program has started, and that may have ended since. A unit that systemd
            // is about to restart is "activating".
            forgetFacts()
            let state = try await self.unit(unit).active
            guard state == "failed" || state == "activating" else { return }
            throw try await failure(of: unit, "\(unit) was started, but is \(state) now")
        }
        var failure = try await failure(of: unit, "cannot \(verb.rawValue) \(unit)")
        failure.command = command.description
        failure.ending = result.ending.description
        if failure.output.isEmpty { failure.output = CommandFailure(command: command, result: result).lastLines }
        throw failure
    }

    /// Whether systemd refuses to start a unit because it was started too often (systemd.unit(5), `StartLimitBurst=`).
    /// Starts by hand count too: for docker, three within a minute are enough.
    private func hasReachedStartLimit(_ unit: String) async throws -> Bool {
        try await run(SystemctlCommand.value(of: "Result", unit)).text.trimmed
            == "start-limit-hit"
    }

    /// A failure of a unit, with its last lines in the journal.
    func failure(of unit: String, _ message: String) async throws -> Failure {
        let journal = try await run(SystemctlCommand.journal(of: unit))
        return Failure(
            message, output: journal.succeeded ? journal.text.nonEmptyLines.map(String.init) : [],
            advice: "`systemctl status \(unit)` on the machine shows more.")
    }
}
