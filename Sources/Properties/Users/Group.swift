/// A group of users. Who is in it is the users' own: `User("anna", groups: ["media"])`, ``Membership``.
public struct Group: Property {
    public typealias Target = AnyLinux

    /// Its name.
    public let groupName: String
    /// Its number; nil takes what there is, or the next free one.
    public let id: UInt32?
    /// Whether a new group's number is one of the system's.
    public let isSystem: Bool

    /// - Parameters:
    ///   - groupName: the name (groupadd(8)).
    ///   - id: the number; the next free one by default.
    ///   - isSystem: whether a new group's number is one of the system's; no by default.
    public init(_ groupName: String, id: UInt32? = nil, isSystem: Bool = false) {
        self.groupName = groupName
        self.id = id
        self.isSystem = isSystem
    }

    public var name: String { "group \(groupName)" }
    public var claims: [Claim] { [Claim("the group \(groupName)", is: id.map { "id \($0)" } ?? "present")] }

    /// - Throws: ``Failure`` where the name is none, or the group has another number, or another group has this one.
    public func check(on machine: Machine) async throws -> Check {
        try AccountName.validate(groupName, of: "group")
        try AccountName.validate(id: id, "the id of the group \(groupName)")
        let accounts = try await machine.fact(Accounts.self)
        guard let found = accounts.group(groupName) else {
            if let id, let other = accounts.groups.first(where: { $0.id == id }) {
                throw Failure(
                    "the id \(id) of the group \(groupName) belongs to \(other.name)",
                    advice: "Declare another id, or none.")
            }
            return .unmet("absent")
        }
        if let id, found.id != id {
            throw Failure(
                "the group \(groupName) has the id \(found.id), and is declared with \(id)",
                advice:
                    "Files belong to the old one. `groupmod --gid \(id) \(groupName)` changes it; the files are yours to find."
            )
        }
        return .satisfied
    }

    public func apply(on machine: Machine) async throws {
        let options = (isSystem ? ["--system"] : []) + (id.map { ["--gid", "\($0)"] } ?? [])
        try await machine.succeed(Invocation("groupadd", options + ["--", groupName]))
    }

    /// No group of that name. One that is the primary group of a user cannot go before the user.
    public struct Absent: Property {
        public typealias Target = AnyLinux

        public let groupName: String

        /// - Parameter groupName: the name (groupadd(8)).
        public init(_ groupName: String) { self.groupName = groupName }

        public var name: String { "no group \(groupName)" }
        public var claims: [Claim] { [Claim("the group \(groupName)", is: "absent")] }

        /// - Throws: ``Failure`` where the name is none, or root's.
        public func check(on machine: Machine) async throws -> Check {
            try AccountName.validate(groupName, of: "group")
            guard let found = try await machine.fact(Accounts.self).group(groupName) else { return .satisfied }
            guard found.id != 0 else {
                throw Failure(
                    "\(groupName) is the superuser's group, and is to be removed", advice: "No machine works without.")
            }
            return .unmet("remove the group \(groupName)")
        }

        public func apply(on machine: Machine) async throws { try await machine.run("groupdel", "--", groupName) }
    }
}

/// A user in a group, where somebody else decides the rest of both: a package makes the group, a person the user.
///
///     Membership(of: "pi", in: "docker")
public struct Membership: Property {
    public typealias Target = AnyLinux

    public let user: String
    public let group: String

    /// - Parameters:
    ///   - user: must exist when its turn comes, or it cannot be told.
    ///   - group: must exist when its turn comes, or it cannot be told.
    public init(of user: String, in group: String) {
        self.user = user
        self.group = group
    }

    public var name: String { "\(user) in the group \(group)" }
    public var claims: [Claim] { [Claim("\(user) in the group \(group)", is: "yes")] }

    /// - Throws: ``Failure`` where a name is none.
    public func check(on machine: Machine) async throws -> Check {
        try AccountName.validate(user, of: "user")
        try AccountName.validate(group, of: "group")
        let accounts = try await machine.fact(Accounts.self)
        guard let found = accounts.user(user) else { return .unknown(until: "there is a user \(user)") }
        guard accounts.group(group) != nil else { return .unknown(until: "there is a group \(group)") }
        return accounts.groups(of: found).contains(group) ? .satisfied : .unmet("add \(user) to \(group)")
    }

    public func apply(on machine: Machine) async throws {
        try await machine.run("usermod", "--append", "--groups", group, "--", user)
        machine.noteFollowUp("log in again as \(user): sessions that are open are not in the group \(group) yet")
    }
}
