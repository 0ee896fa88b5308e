extension Machine {
    /// The user with a name, who may come later in the run.
    /// - Throws: ``Undetermined`` if the user does not exist yet.
    func awaitedUser(_ name: String) async throws -> Accounts.User {
        guard let user = try await user(name) else { throw Undetermined(until: "there is a user \(name)") }
        return user
    }

    /// Whether the service manager of a user starts at boot, without a login (loginctl(1)).
    func isLingering(_ user: String) throws -> Bool {
        try files.status(of: User.lingering.appending(user)) != nil
    }
}
