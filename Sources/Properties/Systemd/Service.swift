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
    public let isRunning: Bool
    /// Whether it starts with the machine; nil leaves that as it is.
    public let isEnabled: Bool?

    /// - Parameters:
    ///   - unit: a service by its short name, or any unit by its full one: `fstrim.timer`.
    ///   - isRunning: whether it runs; yes by default.
    ///   - isEnabled: whether it starts with the machine; yes by default.
    public init(_ unit: String, isRunning: Bool = true, isEnabled: Bool? = true) {
        self.unit = unit.unitName
        self.isRunning = isRunning
        self.isEnabled = isEnabled
    }

    private var state: String {
        let words = [isRunning ? "running" : "stopped", isEnabled.map { $0 ? "enabled" : "disabled" }]
        return words.compactMap(\.self).joined(separator: ", ")
    }

    public var name: String { "\(unit) \(state)" }
    public var claims: [Claim] { [Claim("the unit \(unit)", is: state)] }

    public func check(on machine: Machine) async throws -> Check {
        let found = try await machine.unit(unit)
        guard found.exists else { return isRunning || isEnabled == true ? .unknown(until: "there is a unit \(unit)") : .satisfied }
        guard found.load != "masked" || !isRunning else {
            throw Failure("\(unit) is masked", advice: "`systemctl unmask \(unit)`, or declare it stopped.")
        }
        var reasons: [String] = []
        if let isEnabled, found.isEnabled != isEnabled, found.file != "static" { reasons.append(isEnabled ? "enable" : "disable") }
        if found.isActive != isRunning { reasons.append(isRunning ? "start (it is \(found.active))" : "stop") }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        let found = try await machine.unit(unit)
        if found.needsReload { try await machine.run("systemctl", "daemon-reload") }
        if let isEnabled, found.isEnabled != isEnabled {
            try await machine.run("systemctl", isEnabled ? "enable" : "disable", "--", unit)
        }
        if found.isActive != isRunning { try await machine.control(isRunning ? "start" : "stop", unit) }
    }

    /// Restarts a unit, if it runs or not.
    public struct Restart: Action {
        public typealias Target = AnyLinux

        public let unit: String
        public init(_ unit: String) { self.unit = unit.unitName }
        public var name: String { "restart \(unit)" }

        public func perform(on machine: Machine) async throws {
            if try await machine.unit(unit).needsReload { try await machine.run("systemctl", "daemon-reload") }
            try await machine.control("restart", unit)
        }
    }

    /// Lets a unit read its configuration again; restarts it where it cannot do that.
    public struct Reload: Action {
        public typealias Target = AnyLinux

        public let unit: String
        public init(_ unit: String) { self.unit = unit.unitName }
        public var name: String { "reload \(unit)" }

        public func perform(on machine: Machine) async throws { try await machine.control("reload-or-restart", unit) }
    }
}

extension Machine {
    /// Has systemd do something to a unit. Where it fails, the failure shows what the unit itself said last.
    func control(_ verb: String, _ unit: String) async throws {
        let command = Command("systemctl", [verb, "--", unit])
        let result = try await run(command)
        guard !result.succeeded else { return }
        let journal = try await run(
            Command("journalctl", ["--no-pager", "--quiet", "--output=cat", "--lines=\(Failure.outputLineLimit)", "--unit=\(unit)"]))
        throw Failure(
            "\(unit) does not \(verb)", command: command.description, ending: result.ending.description,
            output: (journal.succeeded && !journal.output.isEmpty ? journal.text : String(decoding: result.errors, as: UTF8.self))
                .split(separator: "\n").map(String.init),
            advice: "`systemctl status \(unit)` on the machine says more.")
    }
}

extension String {
    /// A unit's full name: a service where no type is given.
    var unitName: String { contains(".") ? self : self + ".service" }
}
