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
        let user = try await user(owner)
        if user?.id != found.owner.user {
            let present = accounts.users.first { $0.id == found.owner.user }?.name ?? "\(found.owner.user)"
            differences.append("owner \(present) → \(owner)")
        }
        let wanted = if let group { try await self.group(group)?.id } else { user?.group }
        if wanted != found.owner.group {
            func name(_ id: UInt32) -> String { accounts.groups.first { $0.id == id }?.name ?? "\(id)" }
            differences.append("group \(name(found.owner.group)) → \(group ?? wanted.map(name) ?? "that of \(owner)")")
        }
        return differences
    }

    /// The UID and GID of a user and a group.
    /// - Parameters:
    ///   - user: the name of the user.
    ///   - group: the name of the group; nil for the primary group of the user.
    /// - Throws: ``Failure`` if there is no such user or group.
    public func owner(user: String, group: String?) async throws -> Owner {
        guard let user = try await self.user(user) else {
            throw Failure(
                "there is no user \(user)", advice: "Declare User(\"\(user)\") before, or let this require it.")
        }
        guard let group else { return Owner(user: user.id, group: user.group) }
        guard let group = try await self.group(group) else {
            throw Failure(
                "there is no group \(group)", advice: "Declare Group(\"\(group)\") before, or let this require it.")
        }
        return Owner(user: user.id, group: group.id)
    }
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
