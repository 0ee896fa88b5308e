extension User {
    // Another shell, an expiry, fewer groups.
    public func isGuarded(on machine: Machine) async throws -> Bool { machine.isDeployer(login) }

    public func restoration(on machine: Machine) async throws -> Restoration {
        let present = try await machine.fact(Accounts.self).user(login)
        guard movesHome, let home, let former = present?.home, former != home else {
            return Restoration(paths: Accounts.files)
        }
        // usermod moves the directory as a whole.
        let script = #"[ -e "$1" ] || [ ! -e "$2" ] || mv -T -- "$2" "$1""#
        return Restoration(
            paths: Accounts.files,
            commands: [Invocation("sh", ["-c", script, "sh", former.string, home.string])])
    }
}

extension Accounts {
    /// The files in which shadow's programs keep users and groups (passwd(5), group(5), shadow(5), subuid(5)).
    static let files: [FilePath] = ["passwd", "shadow", "group", "gshadow", "subuid", "subgid"].map {
        FilePath("/etc").appending($0)
    }
}
