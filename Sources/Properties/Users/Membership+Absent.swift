extension Membership {
    /// A user who is not in a group.
    ///
    ///     Membership.Absent(of: "pi", in: "docker")
    ///
    /// The user and the group stay. Sessions that are open keep the rights of the group until they end.
    public struct Absent: Guarded {
        public typealias Target = AnyLinux

        public let user: String
        public let group: String

        /// - Parameters:
        ///   - user: the login of the user; one who does not exist is in no group.
        ///   - group: the name of the group, which need not exist.
        public init(of user: String, in group: String) {
            self.user = user
            self.group = group
        }

        public var name: String { "\(user) not in the group \(group)" }
        public var claims: [Claim] { [Claim("\(user) in the group \(group)", is: "no")] }
        public var problems: [String] { problems(in: validate) }

        /// - Throws: ``Failure`` if a name is invalid, the group is the primary one of the user, or it is not in
        ///   `/etc/group`.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try await machine.group(group) else {
                try machine.awaitPackages()
                return .satisfied
            }
            if try await machine.user(user)?.group == found.id {
                throw Failure(
                    "\(group) is the primary group of \(user)",
                    advice: "Declare User(\"\(user)\", group: …) with another one before.")
            }
            guard found.members.contains(user) else { return .satisfied }
            guard try await machine.fact(Accounts.self).group(group) != nil else {
                throw Failure.accountElsewhere("the group \(group)")
            }
            return .unmet("remove \(user) from \(group)")
        }

        // The deployer may have the right to become root by the group.
        public func isGuarded(on machine: Machine) async throws -> Bool { machine.isDeployer(user) }

        public func restoration(on machine: Machine) async throws -> Restoration {
            Restoration(paths: Accounts.files)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await machine.run("gpasswd", "--delete", user, group)
            machine.noteFollowUp("end the sessions of \(user): those that are open are still in the group \(group)")
        }

        private func validate() throws {
            try AccountName.validate(user, of: "user")
            try AccountName.validate(group, of: "group")
        }
    }
}
