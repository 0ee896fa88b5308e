extension Invocation {
    /// The same program with the rights of a user, with the environment that a login would give it. As root it is the
    /// same as it is.
    func asUser(_ account: Accounts.User) -> Invocation {
        let runtime = ["XDG_RUNTIME_DIR": "/run/user/\(account.id)"]
        guard account.id != 0 else {
            var command = self
            command.environment = runtime.merging(environment) { $1 }
            return command
        }
        let login = runtime.merging(
            ["HOME": account.home.string, "USER": account.name, "LOGNAME": account.name]) { $1 }
        // With the groups of the user, and without a login shell.
        return Invocation(
            "runuser", ["--user", account.name, "--", program] + arguments,
            environment: login.merging(environment) { $1 }, input: input, timeout: timeout)
    }
}
