/// A user with these settings. Settings that are not given stay as they are.
///
///     User("anna", groups: ["sudo"], comment: "Anna Berg", password: .hash("$y$j9T$…"))
///     User("app", home: "/srv/app", isSystem: true)
///     User("guest", expires: .on(year: 2030, month: 1, day: 31))
///     User("ben", password: .secret(Secret("first-password")), keepsPassword: true)
///
/// The groups must exist, or be declared before as ``Group``. The UID of an existing user is not changed, and its home
/// only with `movesHome`, since files belong to the old ones: that is a failure with advice. A user of another source,
/// such as LDAP, can be added to groups of this machine, and cannot be changed otherwise.
public struct User: Guarded {
    public typealias Target = AnyLinux

    /// The name.
    public let login: String
    /// The numeric ID; nil keeps the present one, or takes the next free one.
    public let id: UInt32?
    /// The primary group; nil leaves it as it is.
    public let group: String?
    /// Supplementary groups.
    public let groups: [String]
    /// Whether the user is removed from all other groups.
    public let groupsAreExact: Bool
    /// The full name; nil leaves it as it is.
    public let comment: String?
    /// nil leaves it as it is.
    public let shell: FilePath?
    /// nil takes what there is, or `/home/LOGIN`.
    public let home: FilePath?
    /// Whether a new user gets a UID of the system range.
    public let isSystem: Bool
    /// Whether the home directory is created.
    public let createsHome: Bool
    /// Whether the home of an existing user is moved to the declared one.
    public let movesHome: Bool
    /// The day on which the account expires; nil leaves it as it is.
    public let expires: Expiry?
    /// nil leaves it as it is.
    public let password: Password?
    /// Whether a user who has a password keeps it.
    public let keepsPassword: Bool
    /// Whether services of the user run without a login; nil leaves that as it is.
    public let isLingering: Bool?

    /// - Parameters:
    ///   - login: the name (useradd(8)).
    ///   - id: the UID; the next free one by default.
    ///   - group: the primary group; one with the name of the user by default.
    ///   - groups: supplementary groups.
    ///   - groupsAreExact: whether the user is removed from all other groups; no by default.
    ///   - comment: the whole comment field: the full name.
    ///   - shell: by default a new user gets `/bin/bash`, and a new system user `/usr/sbin/nologin`.
    ///   - home: `/home/LOGIN` for a new user by default.
    ///   - isSystem: whether a new user gets a UID of the system range; no by default.
    ///   - createsHome: whether the home directory is created, with mode 0700 and the files of /etc/skel; by default
    ///     yes, except for system users.
    ///   - movesHome: whether the home of an existing user is moved to the declared one, with what is in it; no by
    ///     default. The user must not be logged in.
    ///   - expires: the day from which on nobody can log in as the user; unchanged by default.
    ///   - password: unchanged by default; a new user has none then, and logs in with keys only.
    ///   - keepsPassword: whether a user who has a password keeps it, so that it is set only for a new user; no by
    ///     default.
    ///   - isLingering: whether services of the user run without a login (loginctl(1)).
    public init(
        _ login: String, id: UInt32? = nil, group: String? = nil, groups: [String] = [], groupsAreExact: Bool = false,
        comment: String? = nil, shell: FilePath? = nil, home: FilePath? = nil, isSystem: Bool = false,
        createsHome: Bool? = nil, movesHome: Bool = false, expires: Expiry? = nil,
        password: Password? = nil, keepsPassword: Bool = false, isLingering: Bool? = nil
    ) {
        self.login = login
        self.id = id
        self.group = group
        self.groups = groups
        self.groupsAreExact = groupsAreExact
        self.comment = comment
        self.shell = shell
        self.home = home
        self.isSystem = isSystem
        self.createsHome = createsHome ?? !isSystem
        self.movesHome = movesHome
        self.expires = expires
        self.password = password
        self.keepsPassword = keepsPassword
        self.isLingering = isLingering
    }

    public var name: String { "user \(login)" }

    public var claims: [Claim] {
        let settings: [String?] = [
            id.map { "id \($0)" }, group.map { "group \($0)" }, groups.isEmpty ? nil : "groups \(groups.sorted())",
            groupsAreExact ? "in no others" : nil, comment.map { "comment \($0)" }, shell.map { "shell \($0)" },
            home.map { "home \($0)" }, isSystem ? "system" : nil, createsHome ? nil : "no home made",
            movesHome ? "home moved" : nil, expires.map { "expires \($0)" }, keepsPassword ? "password kept" : nil,
            isLingering.map { "lingering \($0)" },
        ]
        let summary = (["present"] + settings.compactMap(\.self)).joined(separator: ", ")
        return [Claim("the user \(login)", is: "\(summary), \(password?.form ?? "")", summary: summary)]
            + groups.map { Claim("\(login) in the group \($0)", is: "yes") }
    }

    public var secrets: [Secret] { if case .secret(let secret) = password { [secret] } else { [] } }
    public var problems: [String] { problems(in: validate) }

    static let lingering: FilePath = "/var/lib/systemd/linger"

    /// - Throws: ``Failure`` if a parameter is invalid, or the user has another UID or home.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let accounts = try await machine.fact(Accounts.self)
        for name in [group].compactMap(\.self) + groups where try await machine.group(name) == nil {
            return .unknown(until: "there is a group \(name)")
        }
        if accounts.user(login) == nil, let found = try await machine.user(login) {
            return try await checkElsewhere(found, machine)
        }
        // usermod and useradd change groups of /etc/group only.
        if let other = groups.first(where: { accounts.group($0) == nil }) {
            throw Failure.accountElsewhere("the group \(other)")
        }
        if let shell, accounts.user(login)?.shell != shell.string, try machine.files.status(of: shell) == nil {
            return .unknown(until: "there is the shell \(shell)")
        }
        guard let found = accounts.user(login) else {
            try refuseTaken(accounts, machine)
            if createsHome { try await machine.expectDirectory(home ?? FilePath("/home").appending(login)) }
            return .unmet("create", secrets: secrets)
        }
        try refuseMoved(found, mayMove: movesHome)
        try refuseOccupied(found, machine)
        var reasons = settings(of: found, in: accounts).map(\.reason)
        if try lacksHome(found, machine) { reasons.append("create \(home ?? found.home)") }
        if let expires, let reason = try await expires.difference(of: login, on: machine) { reasons.append(reason) }
        var needed: [Secret] = []
        if let password, let difference = try await difference(of: password, machine) {
            reasons.append(difference)
            needed = secrets
        }
        if let isLingering, try machine.isLingering(login) != isLingering {
            reasons.append(isLingering ? "linger" : "do not linger")
        }
        return .unmet(unlessEmpty: reasons, secrets: needed)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        if try await machine.fact(Accounts.self).user(login) == nil, try await machine.user(login) != nil {
            return try await applyElsewhere(on: machine)
        }
        if let found = try await machine.fact(Accounts.self).user(login) {
            // Before the home is moved.
            let lacksHome = try lacksHome(found, machine)
            let arguments = settings(of: found, in: try await machine.fact(Accounts.self)).flatMap(\.arguments)
            if !arguments.isEmpty { try await machine.succeed(Invocation("usermod", arguments + ["--", login])) }
            let present = try await machine.fact(Accounts.self).groups(of: found)
            let added = groups.filter { !present.contains($0) }.joined(separator: ", ")
            if !added.isEmpty {
                machine.noteFollowUp("log in again as \(login): sessions that are open are not in \(added) yet")
            }
            // The helper creates it with the files of /etc/skel and the right owner.
            if lacksHome { try await machine.run("mkhomedir_helper", login, "0077") }
        } else {
            try await machine.succeed(
                Invocation("useradd", creation(try await machine.fact(Accounts.self)) + ["--", login]))
        }
        machine.forgetFacts()
        if let expires, try await expires.difference(of: login, on: machine) != nil {
            try await expires.apply(to: login, on: machine)
        }
        if let password, try await difference(of: password, machine) != nil {
            try await password.set(for: login, on: machine)
        }
        if let isLingering, try machine.isLingering(login) != isLingering {
            try await machine.run("loginctl", isLingering ? "enable-linger" : "disable-linger", login)
        }
    }

    private func validate() throws {
        try AccountName.validate(login, of: "user")
        for group in [group].compactMap(\.self) + groups { try AccountName.validate(group, of: "group") }
        try AccountName.validate(id: id, "the UID of \(login)")
        if let comment { try AccountName.validate(field: comment, "the comment of \(login)") }
        if let shell { try AccountName.validate(path: shell, "the shell of \(login)") }
        if let home { try AccountName.validate(path: home, "the home of \(login)") }
        try password?.validate()
        try expires?.validate(of: login)
    }

    private func difference(of password: Password, _ machine: Machine) async throws -> String? {
        if keepsPassword, try await machine.fact(Shadow.self).hasPassword(login) { return nil }
        return try password.difference(
            from: try await machine.fact(Shadow.self).password(of: login), of: login, on: machine)
    }

    /// Whether the home of an existing user is missing. System users may have homes that do not exist.
    func lacksHome(_ found: Accounts.User, _ machine: Machine) throws -> Bool {
        guard createsHome, 1000..<65534 ~= found.id, found.home.isAbsolute else { return false }
        return try machine.files.status(of: found.home) == nil
    }

    /// The differences in passwd(5) and group(5), with the options of usermod(8) that correct them.
    private func settings(of found: Accounts.User, in accounts: Accounts) -> [(reason: String, arguments: [String])] {
        var settings: [(String, [String])] = []
        if let group, accounts.group(group)?.id != found.group {
            let present = accounts.groups.first { $0.id == found.group }?.name ?? "\(found.group)"
            settings.append(("primary group \(present) → \(group)", ["--gid", group]))
        }
        let missing = groups.filter { !accounts.groups(of: found).contains($0) }
        let others = accounts.groups.filter { $0.members.contains(login) && !groups.contains($0.name) }.map(\.name)
        if groupsAreExact, !missing.isEmpty || !others.isEmpty {
            let reasons = missing.map { "add to \($0)" } + others.map { "take out of \($0)" }
            settings.append((reasons.joined(separator: ", "), ["--groups", groups.joined(separator: ",")]))
        } else if !missing.isEmpty {
            settings.append(
                ("add to \(missing.joined(separator: ", "))", ["--append", "--groups", missing.joined(separator: ",")]))
        }
        if let comment, found.comment != comment {
            settings.append(("comment “\(found.comment)” → “\(comment)”", ["--comment", comment]))
        }
        if let home, found.home != home {
            settings.append(("move the home \(found.home) to \(home)", ["--move-home", "--home", home.string]))
        }
        if let shell, found.shell != shell.string {
            settings.append(("shell \(found.shell) → \(shell)", ["--shell", shell.string]))
        }
        return settings
    }

    /// The options of useradd(8).
    private func creation(_ accounts: Accounts) -> [String] {
        var arguments = createsHome ? ["--create-home", "--key", "HOME_MODE=0700"] : ["--no-create-home"]
        if isSystem { arguments.append("--system") }
        if let id { arguments += ["--uid", "\(id)"] }
        // useradd creates a group with the name of the user, but does not use an existing one.
        if let group = group ?? (accounts.group(login) == nil ? nil : login) {
            arguments += ["--gid", group]
        } else {
            arguments.append("--user-group")
        }
        if !groups.isEmpty { arguments += ["--groups", groups.joined(separator: ",")] }
        if let comment { arguments += ["--comment", comment] }
        if let home { arguments += ["--home-dir", home.string] }
        return arguments + ["--shell", shell?.string ?? (isSystem ? "/usr/sbin/nologin" : "/bin/bash")]
    }

    /// - Throws: ``Failure`` if the UID or the home is taken.
    private func refuseTaken(_ accounts: Accounts, _ machine: Machine) throws {
        if let id, let other = accounts.users.first(where: { $0.id == id }) {
            throw Failure("the UID \(id) of \(login) belongs to \(other.name)", advice: "Declare another UID, or none.")
        }
        let home = self.home ?? FilePath("/home").appending(login)
        if createsHome, let found = try machine.files.status(of: home),
            found.kind != .directory || found.owner.user != (id ?? .max)
        {
            let owner = accounts.users.first { $0.id == found.owner.user }?.name ?? "\(found.owner.user)"
            throw Failure(
                "\(home) exists and belongs to \(owner), but there is no user \(login) yet",
                advice:
                    "Move it away; or, if it belonged to \(login) before, declare the UID: User(\"\(login)\", id: "
                    + "\(found.owner.user))."
            )
        }
    }

    /// - Throws: ``Failure`` if something is where the home is moved to.
    private func refuseOccupied(_ found: Accounts.User, _ machine: Machine) throws {
        guard let home, found.home != home, try machine.files.status(of: home) != nil else { return }
        throw Failure(
            "\(home), to which the home of \(login) would be moved, exists already", advice: "Move it away first.")
    }

    func refuseMoved(_ found: Accounts.User, mayMove: Bool) throws {
        if let id, found.id != id {
            throw Failure(
                "\(login) has the UID \(found.id), and \(id) is declared",
                advice:
                    "`usermod --uid \(id) \(login)` changes it, with the owner of files in the home. Find others "
                    + "with `find / -uid \(found.id)`."
            )
        }
        if let home, found.home != home, !mayMove {
            throw Failure(
                "the home of \(login) is \(found.home), and \(home) is declared",
                advice: "Declare movesHome: true, or move it by `usermod --move-home --home \(home) \(login)`; in both "
                    + "cases \(login) must not be logged in.")
        }
    }
}
