/// A unit of a user's service manager that runs and starts with the machine (systemd(1), `--user`).
///
///     User("app")
///     UserUnit("sync", "[Service]\nExecStart=/usr/local/bin/sync\n\n[Install]\nWantedBy=default.target\n")
///         .onChange(UserService.Restart("sync", of: "app"))
///     UserService("sync", of: "app")
///
/// Unless it should neither run nor be enabled, the user lingers: the service manager of the user starts at boot,
/// without a login (loginctl(1)). The state that the service manager reports afterwards decides.
public struct UserService: Property {
    public typealias Target = DebianLike

    /// The full name of the unit: `sync.service`.
    public let unit: String
    public let user: String
    /// Whether the unit runs; nil leaves that as it is.
    public let isRunning: Bool?
    /// Whether the unit starts with the service manager of the user; nil leaves that as it is.
    public let isEnabled: Bool?

    /// - Parameters:
    ///   - unit: the short name of a service, or the full name of any unit.
    ///   - user: the name of the user, who must exist or be declared before.
    ///   - isRunning: whether the unit runs; yes by default. nil leaves that as it is.
    ///   - isEnabled: whether the unit starts with the machine; yes by default. nil leaves that as it is.
    public init(_ unit: String, of user: String, isRunning: Bool? = true, isEnabled: Bool? = true) {
        self.unit = UnitName.full(unit)
        self.user = user
        self.isRunning = isRunning
        self.isEnabled = isEnabled
    }

    private var state: String { Service.state(isRunning: isRunning, isEnabled: isEnabled) }

    public var name: String { "\(unit) of \(user) \(state)" }
    public var claims: [Claim] { [Claim("the unit \(unit) of the user \(user)", is: state)] }
    public var problems: [String] { problems(in: validate) }

    /// A login has no runtime directory without that package, and the service manager of a user does not start.
    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("libpam-systemd")])
    }

    public func announce(to machine: Machine) { machine.expect(UserUnits.key(unit, of: user), of: UserUnits.self) }

    private func validate() throws {
        try UnitName.validate(unit)
        try AccountName.validate(user, of: "user")
        guard !UnitName.isTemplate(unit), isRunning != nil || isEnabled != nil else {
            throw Failure(
                "UserService(\"\(unit)\") declares nothing, or a template",
                advice: "Give isRunning or isEnabled, and the name of an instance.")
        }
    }

    /// Whether the service manager of the user must start at boot.
    private var lingers: Bool { isRunning == true || isEnabled == true }

    /// - Throws: ``Undetermined`` if the user or the unit does not exist yet.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let account = try await machine.awaitedUser(user)
        var reasons: [String] = []
        if lingers, try !machine.isLingering(user) { reasons.append("let \(user) linger") }
        guard try machine.hasServiceManager(account), let found = try await machine.userUnit(unit, of: account) else {
            // What is enabled is known to the manager alone.
            return .unmet((reasons + ["start the service manager of \(user)", action]).joined(separator: ", "))
        }
        guard found.exists else {
            guard lingers else {
                try machine.awaitPackages()
                return .satisfied
            }
            // The file may have been added since the manager has read its files.
            guard try machine.files.status(of: UserUnit.directory.appending(unit)) != nil else {
                throw Undetermined(until: "there is a unit \(unit) of \(user)")
            }
            return .unmet((reasons + [action]).joined(separator: ", "))
        }
        guard found.load != "masked" || !lingers else {
            throw Failure(
                "\(unit) of \(user) is masked",
                advice: "As \(user): `systemctl --user unmask \(unit)`, or declare it stopped and disabled.")
        }
        return .unmet(unlessEmpty: reasons + differences(found))
    }

    public func apply(on machine: Machine) async throws {
        let account = try await machine.awaitedUser(user)
        func run(_ command: Invocation) async throws {
            try await machine.succeed(SystemctlCommand.forUser(account, command))
        }
        if lingers, try !machine.isLingering(user) { try await machine.run("loginctl", "enable-linger", user) }
        // Also where there is one: it may be about to end.
        try await machine.succeed(SystemctlCommand.start(SystemctlCommand.serviceManager(of: account)))
        var found = try await look(at: account, on: machine)
        if found.needsReload || !found.exists {
            try await run(SystemctlCommand.daemonReload)
            found = try await look(at: account, on: machine)
        }
        guard found.exists else {
            guard lingers else { return }
            throw Failure(
                "\(user) has no unit \(unit)", advice: "Declare UserUnit(\"\(unit)\", …) before, or its package.")
        }
        if let isEnabled, !found.isNeverDisabled, found.isEnabled != isEnabled {
            try await run(isEnabled ? SystemctlCommand.enable(found.id) : SystemctlCommand.disable(found.id))
        }
        if let isRunning, found.isActive != isRunning {
            try await machine.control(isRunning ? .start : .stop, unit, of: account)
        }
    }

    /// The state of the unit now.
    private func look(at account: Accounts.User, on machine: Machine) async throws -> SystemdUnits.Unit {
        machine.forgetFacts()
        guard let found = try await machine.userUnit(unit, of: account) else {
            throw Failure(
                "the service manager of \(user) does not answer",
                advice: "`systemctl status \(SystemctlCommand.serviceManager(of: account))` on the machine shows more.")
        }
        return found
    }

    /// The changes of the unit, whatever its state.
    private var action: String {
        [isEnabled.map { $0 ? "enable" : "disable" }, isRunning.map { $0 ? "start" : "stop" }].compactMap(\.self)
            .joined(separator: ", ")
    }

    private func differences(_ found: SystemdUnits.Unit) -> [String] {
        var reasons: [String] = []
        if let isEnabled, !found.isNeverDisabled, found.isEnabled != isEnabled {
            reasons.append(isEnabled ? "enable" : "disable")
        }
        if let isRunning, found.isActive != isRunning {
            reasons.append(isRunning ? "start (it is \(found.active))" : "stop")
        }
        return reasons
    }

    /// Restarts a unit of a user; starts it if it does not run. Without a service manager of the user, or if it is
    /// about to end, there is nothing to restart.
    public struct Restart: Action {
        public typealias Target = AnyLinux

        /// The full name of the unit.
        public let unit: String
        public let user: String

        /// - Parameters:
        ///   - unit: the short name of a service, or the full name of any unit.
        ///   - user: the name of the user.
        public init(_ unit: String, of user: String) {
            self.unit = UnitName.full(unit)
            self.user = user
        }

        public var name: String { "restart \(unit) of \(user)" }

        public func perform(on machine: Machine) async throws {
            guard let account = try await machine.user(user), try machine.hasServiceManager(account),
                try await machine.isServiceManagerActive(account)
            else { return }
            try await machine.succeed(SystemctlCommand.forUser(account, SystemctlCommand.daemonReload))
            try await machine.control(.restart, unit, of: account)
        }
    }
}

extension Machine {
    /// Controls a unit of a user. A failure shows the last lines of the unit in the journal.
    fileprivate func control(
        _ verb: SystemctlCommand.Verb, _ unit: String, of account: Accounts.User
    ) async throws {
        let command = SystemctlCommand.forUser(account, SystemctlCommand.control(verb, unit))
        let result = try await run(command)
        if result.succeeded {
            guard verb != .stop else { return }
            forgetFacts()
            let state = try await userUnit(unit, of: account)?.active
            guard state == "failed" || state == "activating" else { return }
        }
        let journal = try await run(SystemctlCommand.journal(ofUserUnit: unit, account))
        let lines = journal.succeeded ? journal.text.nonEmptyLines.map(String.init) : []
        throw Failure(
            result.succeeded
                ? "\(unit) of \(account.name) was started, but does not run"
                : "cannot \(verb.rawValue) \(unit) of \(account.name)", command: command.description,
            ending: result.ending.description,
            output: lines.isEmpty ? CommandFailure(command: command, result: result).lastLines : lines,
            advice: "As \(account.name) on the machine: `systemctl --user status \(unit)` shows more.")
    }
}
