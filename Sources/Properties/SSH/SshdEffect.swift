/// The settings of sshd that decide whether the present connection could come again.
struct SshdEffect {
    /// The values by keyword in lowercase.
    private let values: [String: [String]]

    init(_ values: [String: [String]]) { self.values = values }

    /// - Parameter dump: what `sshd -T` prints.
    init(dump: String) {
        var values: [String: [String]] = [:]
        for line in dump.lines {
            guard let (keyword, value) = SshdConfiguration.words(String(line)) else { continue }
            values[keyword, default: []].append(value)
        }
        self.values = values
    }

    /// - Throws: ``Failure`` if the user who deploys could not log in again as now.
    func refuseLockout(on machine: Machine) async throws {
        guard let connection = machine.connection else { return }
        if try !SshdSocket.isUsed(on: machine) { try refuseDeafness(connection) }
        guard let user = machine.deployingUser else { return }
        try await refuseExclusion(of: user, connection, on: machine)
        if user == "root", let login = values["permitrootlogin"]?.first,
            ["no", "forced-commands-only"].contains(login)
        {
            throw Failure(
                "sshd would not let root in, who runs Propel here: PermitRootLogin \(login)",
                advice: "Let another user run Propel first, who may become root: `user` and `become` in hosts.conf.")
        }
        try await refuseKeylessness(of: user, on: machine)
    }

    // MARK: - Ports

    private func refuseDeafness(_ connection: SSHConnection) throws {
        let ports = values["port"].map { $0.compactMap { UInt16($0) } } ?? [22]
        let places = values["listenaddress"] ?? []
        let server = IPNetwork(connection.server)
        let isHeard =
            places.isEmpty
            ? ports.contains(connection.port)
            : places.contains { place in
                let (address, port) = Self.parts(place)
                guard port.map({ $0 == connection.port }) ?? ports.contains(connection.port) else { return false }
                guard let network = IPNetwork(address), let server else { return true }
                return network.bytes.allSatisfy { $0 == 0 } ? network.isIPv6 == server.isIPv6 : network == server
            }
        guard !isHeard else { return }
        guard ports.contains(connection.port) else { throw Self.deafness(of: "sshd", on: connection.port, ports) }
        throw Failure(
            "sshd would not listen on \(connection.server), through which this run has come",
            advice: "Add it to .listenAddress(…), or deploy through another address first.")
    }

    /// The failure of a change after which `listener` would not listen on the port of the present connection.
    static func deafness(of listener: String, on port: UInt16, _ ports: [UInt16]) -> Failure {
        let others = ports.map { "\($0)" }.joined(separator: ", ")
        return Failure(
            "\(listener) would not listen on port \(port), through which this run has come, but on \(others)",
            advice: "Let it listen on both with .port(\(port), \(others)). Then set port in hosts.conf, deploy, and "
                + "leave \(port) out.")
    }

    /// `ADDRESS`, `ADDRESS:PORT`, `[ADDRESS]:PORT`; an IPv6 address without a port has no brackets.
    private static func parts(_ place: String) -> (address: String, port: UInt16?) {
        if place.hasPrefix("["), let end = place.lastIndex(of: "]") {
            let port = place[place.index(after: end)...].dropFirst()
            return (String(place[place.index(after: place.startIndex)..<end]), UInt16(port))
        }
        let parts = place.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? (String(parts[0]), UInt16(parts[1])) : (place, nil)
    }

    // MARK: - Users

    private func refuseExclusion(of user: String, _ connection: SSHConnection, on machine: Machine) async throws {
        var groups: Set<String> = []
        if let account = try await machine.user(user) {
            groups = try await machine.fact(Accounts.self).groups(of: account)
            // Groups of LDAP and other sources are not in the files.
            for pattern in (values["allowgroups"] ?? []) + (values["denygroups"] ?? []) where !groups.contains(pattern)
            {
                guard let group = try await machine.group(pattern),
                    group.members.contains(user) || group.id == account.group
                else { continue }
                groups.insert(pattern)
            }
        }
        func matchesUser(_ pattern: String) -> Bool { Self.matches(user, connection.client, pattern) }
        func matchesGroup(_ pattern: String) -> Bool { groups.contains { Wildcard.matches($0, pattern) } }
        let rules: [(keyword: String, name: String, allows: Bool, matches: (String) -> Bool)] = [
            ("denyusers", "DenyUsers", false, matchesUser), ("allowusers", "AllowUsers", true, matchesUser),
            ("denygroups", "DenyGroups", false, matchesGroup), ("allowgroups", "AllowGroups", true, matchesGroup),
        ]
        for rule in rules {
            guard let patterns = values[rule.keyword], !patterns.isEmpty else { continue }
            let isNegated = patterns.contains { $0.hasPrefix("!") && rule.matches(String($0.dropFirst())) }
            let isMatched = patterns.contains { !$0.hasPrefix("!") && rule.matches($0) } && !isNegated
            guard isMatched != rule.allows else { continue }
            throw Failure(
                "sshd would not let \(user) in, who runs Propel here: \(rule.name) \(patterns.joined(separator: " "))",
                advice: rule.allows
                    ? "Add \(rule.keyword == "allowusers" ? user : "a group of \(user)") to it, or deploy as another "
                        + "user."
                    : "Leave \(rule.keyword == "denyusers" ? user : "the groups of \(user)") out of it.")
        }
    }

    /// A pattern of users: `anna`, `anna@10.0.0.0/8`.
    private static func matches(_ user: String, _ client: String, _ pattern: String) -> Bool {
        guard let at = pattern.lastIndex(of: "@") else { return Wildcard.matches(user, pattern) }
        let place = String(pattern[pattern.index(after: at)...])
        guard Wildcard.matches(user, pattern[..<at]) else { return false }
        if let network = IPNetwork(place), let address = IPNetwork(client) { return network.contains(address) }
        return Wildcard.matches(client, place)
    }

    // MARK: - Keys

    /// Refuses to ask for keys alone if the user has none.
    private func refuseKeylessness(of user: String, on machine: Machine) async throws {
        let asksForPassword = ["passwordauthentication", "kbdinteractiveauthentication"].contains {
            values[$0]?.first?.lowercased() != "no"
        }
        let hasOtherWays = ["authorizedkeyscommand", "trustedusercakeys", "authorizedprincipalsfile"].contains {
            values[$0].map { $0.first != "none" } ?? false
        }
        let files = values["authorizedkeysfile"]?.first ?? ".ssh/authorized_keys"
        guard !asksForPassword, !hasOtherWays, files.hasPrefix(".ssh/authorized_keys"),
            let home = try await machine.user(user)?.home
        else { return }
        if values["pubkeyauthentication"]?.first?.lowercased() != "no" {
            let keys = files.split(separator: " ").map { home.appending(FilePath(String($0)).components) }
            for file in keys {
                // What root cannot open on the way of another user cannot be judged here.
                guard let bytes = try? machine.files.readIfPresent(file) ?? [] else { return }
                let lines = String(decoding: bytes, as: UTF8.self).nonEmptyLines
                if lines.contains(where: { !String($0).trimmed.isEmpty && !$0.begins(with: "#") }) { return }
            }
        }
        throw Failure(
            "sshd would not let \(user) in, who runs Propel here: it would take keys alone, and \(user) has none",
            advice: "Declare AuthorizedKeys(of: \"\(user)\", …) before, and see that a login with the key works.")
    }
}

extension Machine {
    /// The user who has logged in for this run; nil if it was not started through ssh.
    var deployingUser: String? { invoker ?? connection.map { $0.user ?? "root" } }

    /// Whether a user may be the one who has logged in for this run.
    func isDeployer(_ user: String) -> Bool { deployingUser.map { $0 == user } ?? true }
}
