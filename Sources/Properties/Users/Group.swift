/// A group of users. Its members are declared with the users: `User("anna", groups: ["media"])`, ``Membership``.
public struct Group: Property {
    public typealias Target = AnyLinux

    /// The name.
    public let groupName: String
    /// The numeric ID; nil keeps the present one, or takes the next free one.
    public let id: UInt32?
    /// Whether a new group gets a GID of the system range.
    public let isSystem: Bool

    /// - Parameters:
    ///   - groupName: the name (groupadd(8)).
    ///   - id: the GID; the next free one by default.
    ///   - isSystem: whether a new group gets a GID of the system range; no by default.
    public init(_ groupName: String, id: UInt32? = nil, isSystem: Bool = false) {
        self.groupName = groupName
        self.id = id
        self.isSystem = isSystem
    }

    public var name: String { "group \(groupName)" }
    public var claims: [Claim] { [Claim("the group \(groupName)", is: id.map { "id \($0)" } ?? "present")] }
    public var problems: [String] { problems(in: validate) }

    /// - Throws: ``Failure`` if the name is invalid, the group has another GID, or another group has this one.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let accounts = try await machine.fact(Accounts.self)
        guard let found = try await machine.group(groupName) else {
            if let id, let other = accounts.groups.first(where: { $0.id == id }) {
                throw Failure(
                    "the GID \(id) of the group \(groupName) belongs to \(other.name)",
                    advice: "Declare another GID, or none.")
            }
            return .unmet("create")
        }
        if let id, found.id != id {
            throw Failure(
                "the group \(groupName) has the GID \(found.id), and \(id) is declared",
                advice:
                    "`groupmod --gid \(id) \(groupName)` changes it. Find files of the old one with `find / -gid "
                    + "\(found.id)`."
            )
        }
        return .satisfied
    }

    public func apply(on machine: Machine) async throws {
        let options = (isSystem ? ["--system"] : []) + (id.map { ["--gid", "\($0)"] } ?? [])
        try await machine.succeed(Invocation("groupadd", options + ["--", groupName]))
    }

    private func validate() throws {
        try AccountName.validate(groupName, of: "group")
        try AccountName.validate(id: id, "the GID of the group \(groupName)")
    }

    /// No group of that name. The primary group of a user cannot be removed before the user.
    public struct Absent: Guarded {
        public typealias Target = AnyLinux

        public let groupName: String

        /// - Parameter groupName: the name (groupadd(8)).
        public init(_ groupName: String) { self.groupName = groupName }

        public var name: String { "no group \(groupName)" }
        public var claims: [Claim] { [Claim("the group \(groupName)", is: "absent")] }
        public var problems: [String] { problems { try AccountName.validate(groupName, of: "group") } }

        /// - Throws: ``Failure`` if the name is invalid, or that of root.
        public func check(on machine: Machine) async throws -> Check {
            try AccountName.validate(groupName, of: "group")
            guard let found = try await machine.group(groupName) else { return .satisfied }
            guard found.id != 0 else {
                throw Failure(
                    "\(groupName) is the group of the superuser and cannot be removed")
            }
            guard try await machine.fact(Accounts.self).group(groupName) != nil else {
                throw Failure.accountElsewhere("the group \(groupName)")
            }
            return .unmet("remove the group \(groupName)")
        }

        // A member may have the right to become root by it.
        public func isGuarded(on machine: Machine) async throws -> Bool {
            guard let user = machine.deployingUser else { return true }
            return try await machine.group(groupName)?.members.contains(user) == true
        }

        public func restoration(on machine: Machine) async throws -> Restoration {
            Restoration(paths: Accounts.files)
        }

        public func apply(on machine: Machine) async throws { try await machine.run("groupdel", "--", groupName) }
    }
}

/// The membership of a user in a group. Both are declared elsewhere, or come with a package.
///
///     Membership(of: "pi", in: "docker")
///
/// ``Membership/Absent`` ends it.
public struct Membership: Property {
    public typealias Target = AnyLinux

    public let user: String
    public let group: String

    /// - Parameters:
    ///   - user: must exist, or be declared before.
    ///   - group: must exist, or be declared before.
    public init(of user: String, in group: String) {
        self.user = user
        self.group = group
    }

    public var name: String { "\(user) in the group \(group)" }
    public var claims: [Claim] { [Claim("\(user) in the group \(group)", is: "yes")] }
    public var problems: [String] { problems(in: validate) }

    /// - Throws: ``Failure`` if a name is invalid.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let found = try await machine.user(user) else { return .unknown(until: "there is a user \(user)") }
        guard let joined = try await machine.group(group) else {
            return .unknown(until: "there is a group \(group)")
        }
        return joined.id == found.group || joined.members.contains(found.name)
            ? .satisfied : .unmet("add \(user) to \(group)")
    }

    /// - Throws: ``Failure`` if the group is not in `/etc/group`.
    public func apply(on machine: Machine) async throws {
        let accounts = try await machine.fact(Accounts.self)
        guard accounts.group(group) != nil else { throw Failure.accountElsewhere("the group \(group)") }
        if accounts.user(user) != nil {
            try await machine.run("usermod", "--append", "--groups", group, "--", user)
        } else {
            // usermod changes users of /etc/passwd only.
            try await machine.run("gpasswd", "--add", user, group)
        }
        machine.noteFollowUp("log in again as \(user): sessions that are open are not in the group \(group) yet")
    }

    private func validate() throws {
        try AccountName.validate(user, of: "user")
        try AccountName.validate(group, of: "group")
    }
}
