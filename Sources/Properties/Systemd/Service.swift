/// A systemd unit that runs, and starts with the machine.
///
///     Service("docker")
///     Service("bluetooth", isRunning: false, isEnabled: false)
///
/// Whether it holds is what systemd says afterwards, not what `systemctl` returned.
public struct Service: Property {
    public typealias Target = AnyLinux

    /// The full name of the unit: `docker.service`.
    public let unit: String
    /// Whether it runs.
    public let isRunning: Bool
    /// Whether it starts with the machine; nil leaves that as it is.
    public let isEnabled: Bool?
    public let ports: [Port]

    /// - Parameters:
    ///   - unit: a service by its short name, or any unit by its full one: `fstrim.timer`.
    ///   - isRunning: whether it runs; yes by default.
    ///   - isEnabled: whether it starts with the machine; yes by default.
    ///   - ports: those that it listens on, as far as anybody says so: `propel show` lists them, and two services on one
    ///     port are refused. They are not looked for on the machine.
    public init(_ unit: String, isRunning: Bool = true, isEnabled: Bool? = true, ports: [Port] = []) {
        self.unit = UnitName.full(unit)
        self.isRunning = isRunning
        self.isEnabled = isEnabled
        self.ports = ports
    }

    private var state: String {
        let words = [isRunning ? "running" : "stopped", isEnabled.map { $0 ? "enabled" : "disabled" }]
        return words.compactMap(\.self).joined(separator: ", ")
    }

    public var name: String { "\(unit) \(state)" }
    public var claims: [Claim] { [Claim("the unit \(unit)", is: state)] }

    public func announce(to machine: Machine) { machine.expect(unit, of: SystemdUnits.self) }

    /// - Throws: ``Failure`` where no unit can have the name, or it is masked and is to run.
    public func check(on machine: Machine) async throws -> Check {
        try UnitName.validate(unit)
        let found = try await machine.unit(unit)
        guard found.exists else {
            return isRunning || isEnabled == true ? .unknown(until: "there is a unit \(unit)") : .satisfied
        }
        guard found.load != "masked" || !isRunning else {
            throw Failure("\(unit) is masked", advice: "`systemctl unmask \(unit)`, or declare it stopped.")
        }
        var reasons: [String] = []
        if differsInEnabling(found) { reasons.append(isEnabled == true ? "enable" : "disable") }
        if found.isActive != isRunning { reasons.append(isRunning ? "start (it is \(found.active))" : "stop") }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        let found = try await machine.unit(unit)
        if found.needsReload { try await machine.succeed(SystemctlCommand.daemonReload) }
        if let isEnabled, differsInEnabling(found) {
            try await machine.succeed(
                isEnabled ? SystemctlCommand.enable(unit) : SystemctlCommand.disable(unit))
        }
        if found.isActive != isRunning { try await machine.control(isRunning ? .start : .stop, unit) }
    }

    /// Whether it starts with the machine otherwise than declared. A unit that others bring along (`static`) has no say.
    private func differsInEnabling(_ found: SystemdUnits.Unit) -> Bool {
        guard let isEnabled, found.file != "static" else { return false }
        return found.isEnabled != isEnabled
    }

    /// Restarts a unit; starts it where it does not run.
    public struct Restart: Action {
        public typealias Target = AnyLinux

        /// The full name of the unit.
        public let unit: String
        /// - Parameter unit: a service by its short name, or any unit by its full one.
        public init(_ unit: String) { self.unit = UnitName.full(unit) }
        public var name: String { "restart \(unit)" }

        public func perform(on machine: Machine) async throws {
            if try await machine.unit(unit).needsReload { try await machine.succeed(SystemctlCommand.daemonReload) }
            try await machine.control(.restart, unit)
        }
    }

    /// Lets a unit read its configuration again; restarts it where it cannot do that.
    public struct Reload: Action {
        public typealias Target = AnyLinux

        /// The full name of the unit.
        public let unit: String
        /// - Parameter unit: a service by its short name, or any unit by its full one.
        public init(_ unit: String) { self.unit = UnitName.full(unit) }
        public var name: String { "reload \(unit)" }

        public func perform(on machine: Machine) async throws { try await machine.control(.reloadOrRestart, unit) }
    }
}

extension Machine {
    /// Has systemd do something to a unit. Where it fails, the failure shows what the unit itself said last.
    func control(_ verb: SystemctlCommand.Verb, _ unit: String) async throws {
        let command = SystemctlCommand.control(verb, unit)
        var result = try await run(command)
        if !result.succeeded, try await hasReachedStartLimit(unit) {
            try await succeed(SystemctlCommand.resetFailed(unit))
            result = try await run(command)
        }
        if result.succeeded {
            guard verb != .stop else { return }
            // It succeeds as soon as the program has begun, and that may have ended since. A unit that systemd is about to
            // start again is "activating".
            forgetFacts()
            let state = try await self.unit(unit).active
            guard state == "failed" || state == "activating" else { return }
            throw try await failure(of: unit, "\(unit) was started, and is \(state) now")
        }
        var failure = try await failure(of: unit, "\(unit) does not \(verb.rawValue)")
        failure.command = command.description
        failure.ending = result.ending.description
        if failure.output.isEmpty { failure.output = CommandFailure(command: command, result: result).lastLines }
        throw failure
    }

    /// Whether systemd refuses to start a unit because that was done too often in a short time (systemd.unit(5),
    /// `StartLimitBurst=`). It counts the starts that somebody asked for, too: three within a minute are enough for docker.
    private func hasReachedStartLimit(_ unit: String) async throws -> Bool {
        try await run(SystemctlCommand.value(of: "Result", unit)).text.trimmed
            == "start-limit-hit"
    }

    /// That something is wrong with a unit, with its last lines in the journal.
    func failure(of unit: String, _ message: String) async throws -> Failure {
        let journal = try await run(SystemctlCommand.journal(of: unit))
        return Failure(
            message, output: journal.succeeded ? journal.text.split(separator: "\n").map(String.init) : [],
            advice: "`systemctl status \(unit)` on the machine says more.")
    }
}
