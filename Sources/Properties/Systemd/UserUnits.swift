/// The state of the units of users, by their service managers (systemd(1), `--user`). One question for each user asks
/// for all units of a run.
struct UserUnits: MachineFact {
    private var managers: [String: SystemdUnits] = [:]

    /// The name under which a unit of a user is announced.
    static func key(_ unit: String, of user: String) -> String { "\(user) \(unit)" }

    static func read(from machine: Machine) async throws -> UserUnits {
        var units: [String: [String]] = [:]
        for key in machine.expected(of: UserUnits.self) {
            let words = key.split(separator: " ", maxSplits: 1).map(String.init)
            units[words[0], default: []].append(words[1])
        }
        var fact = UserUnits()
        for (user, names) in units.sorted(by: { $0.key < $1.key }) {
            guard let account = try await machine.user(user), try machine.hasServiceManager(account) else { continue }
            if let units = try await machine.userUnits(names, of: account) { fact.managers[user] = units }
        }
        return fact
    }

    /// An announced unit of a user; nil for others.
    subscript(unit: String, of user: String) -> SystemdUnits.Unit? { managers[user]?[unit] }
}

extension Machine {
    /// Whether there is a service manager of a user. It may be about to end: it does so some seconds after the last
    /// session of a user who does not linger (logind.conf(5), `UserStopDelaySec`), and does not answer then.
    func hasServiceManager(_ account: Accounts.User) throws -> Bool {
        try files.status(of: FilePath("/run/user/\(account.id)/systemd/private")) != nil
    }

    /// Whether the service manager of a user runs, and is not about to end.
    func isServiceManagerActive(_ account: Accounts.User) async throws -> Bool {
        let command = SystemctlCommand.value(of: "ActiveState", SystemctlCommand.serviceManager(of: account))
        return try await succeed(command).text.trimmed == "active"
    }

    /// The state of one unit of a user; nil if the service manager of the user does not answer.
    func userUnit(_ unit: String, of account: Accounts.User) async throws -> SystemdUnits.Unit? {
        if let known = try await fact(UserUnits.self)[unit, of: account.name] { return known }
        return try await userUnits([unit], of: account).map { $0[unit] ?? .missing(unit) }
    }

    fileprivate func userUnits(_ names: [String], of account: Accounts.User) async throws -> SystemdUnits? {
        let command = SystemctlCommand.show(SystemdUnits.properties, names)
        let result = try await run(SystemctlCommand.forUser(account, command))
        return result.succeeded ? SystemdUnits(show: result.text) : nil
    }
}
