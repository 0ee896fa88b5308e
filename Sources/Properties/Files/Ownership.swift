extension Machine {
    /// How a file that is there differs in mode and owner from what is declared: “mode 0644 → 0600”, “owner pi → root”.
    /// - Parameters:
    ///   - found: the status of the file.
    ///   - mode: the declared mode.
    ///   - owner: the name of the declared owner.
    ///   - group: the name of the declared group; nil for the primary group of the owner.
    public func differences(
        of found: FileStatus, mode: FileMode, owner: String, group: String?
    ) async throws -> [String] {
        let accounts = try await fact(Accounts.self)
        var differences: [String] = []
        if found.mode != mode.bits { differences.append("mode \(octal(found.mode)) → \(mode)") }
        // A user who does not exist yet owns nothing.
        let wanted = try await ids(user: owner, group: group)
        if wanted.user != found.owner.user {
            let present = accounts.users.first { $0.id == found.owner.user }?.name ?? "\(found.owner.user)"
            differences.append("owner \(present) → \(owner)")
        }
        if wanted.group != found.owner.group {
            func name(_ id: UInt32) -> String { accounts.groups.first { $0.id == id }?.name ?? "\(id)" }
            differences.append(
                "group \(name(found.owner.group)) → \(group ?? wanted.group.map(name) ?? "that of \(owner)")")
        }
        return differences
    }

    /// The UID and GID of a user and a group.
    ///
    /// Both may be numbers, as for the files of containers, whose users the machine does not know. A number without a
    /// group means the primary group of that user, or the group of the same number.
    /// - Parameters:
    ///   - user: the name of the user, or a UID.
    ///   - group: the name of the group, or a GID; nil for the primary group of the user.
    /// - Throws: ``Failure`` if there is no such user or group.
    public func owner(user: String, group: String?) async throws -> Owner {
        let found = try await ids(user: user, group: group)
        guard let id = found.user else {
            throw Failure(
                "there is no user \(user)", advice: "Declare User(\"\(user)\") before, or let this require it.")
        }
        guard let groupID = found.group else {
            throw Failure(
                "there is no group \(group ?? "")",
                advice: "Declare Group(\"\(group ?? "")\") before, or let this require it.")
        }
        return Owner(user: id, group: groupID)
    }

    /// Gives a directory and everything in it to an owner. Links are not followed.
    func giveTree(_ path: FilePath, to owner: Owner) async throws {
        try await succeed(
            Invocation(
                "chown", ["--recursive", "--no-dereference", "\(owner.user):\(owner.group)", "--", path.string],
                timeout: .minutes(30)))
    }

    /// The UID and GID, as far as there are such a user and such a group.
    private func ids(user: String, group: String?) async throws -> (user: UInt32?, group: UInt32?) {
        let id: UInt32?, primary: UInt32?
        if let number = UInt32(user) {
            id = number
            primary = try await fact(Accounts.self).users.first { $0.id == number }?.group ?? number
        } else {
            let account = try await self.user(user)
            (id, primary) = (account?.id, account?.group)
        }
        guard let group else { return (id, primary) }
        if let number = UInt32(group) { return (id, number) }
        return (id, try await self.group(group)?.id)
    }
}

extension Owner {
    /// The group of files of an owner where no group is declared. That of root is certain, and shown in a plan; nil for
    /// the primary group of another user.
    static func group(of owner: String) -> String? { owner == "root" ? "root" : nil }
}

/// Mode and owner as a plan shows them for what it creates: `mode 0640, owner root:www-data`.
func described(mode: FileMode, owner: String, group: String?) -> String {
    "mode \(mode), owner \(owner)\(group.map { ":" + $0 } ?? "")"
}

/// - Throws: ``Failure`` if no file can have this path.
func validateAbsolute(_ path: FilePath) throws {
    guard path.isAbsolute, path.lastComponent?.kind == .regular else {
        throw Failure(
            "“\(path.string.escaped)” is not an absolute path of a file or a directory",
            advice: "Write it from the root on: /etc/motd.")
    }
}

/// - Throws: ``Failure`` if the mode has a problem.
func validate(_ mode: FileMode, of path: FilePath) throws {
    if let problem = mode.problem { throw Failure("\(path): \(problem)") }
}
