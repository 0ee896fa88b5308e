/// Users who are not in `/etc/passwd` but come from another source, such as LDAP (nsswitch.conf(5)).
extension User {
    /// - Throws: ``Failure`` if a setting differs that only the other source can change.
    func checkElsewhere(_ found: Accounts.User, _ machine: Machine) async throws -> Check {
        try refuseMoved(found, mayMove: false)
        var isOther = password != nil || groupsAreExact || expires != nil
        if let group { isOther = try await machine.group(group)?.id != found.group || isOther }
        if let comment { isOther = found.comment != comment || isOther }
        if let shell { isOther = found.shell != shell.string || isOther }
        guard !isOther else { throw Failure.accountElsewhere("the user \(login)") }
        var reasons: [String] = []
        let missing = try await missingGroups(found, machine)
        if !missing.isEmpty { reasons.append("add to \(missing.joined(separator: ", "))") }
        if try lacksHome(found, machine) { reasons.append("create \(found.home)") }
        if let isLingering, try machine.isLingering(login) != isLingering {
            reasons.append(isLingering ? "linger" : "do not linger")
        }
        return .unmet(unlessEmpty: reasons)
    }

    func applyElsewhere(on machine: Machine) async throws {
        guard let found = try await machine.user(login) else { return }
        for group in try await missingGroups(found, machine) {
            try await Membership(of: login, in: group).apply(on: machine)
        }
        if try lacksHome(found, machine) { try await machine.run("mkhomedir_helper", login, "0077") }
        if let isLingering, try machine.isLingering(login) != isLingering {
            try await machine.run("loginctl", isLingering ? "enable-linger" : "disable-linger", login)
        }
    }

    private func missingGroups(_ found: Accounts.User, _ machine: Machine) async throws -> [String] {
        var missing: [String] = []
        for name in groups {
            guard let group = try await machine.group(name) else { continue }
            if group.id != found.group, !group.members.contains(found.name) { missing.append(name) }
        }
        return missing
    }
}
