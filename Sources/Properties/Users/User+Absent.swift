extension User {
    /// No user of that name. The home stays, unless it is removed too.
    ///
    ///     User.Absent("ben", endsSessions: true)
    ///
    /// A user who is logged in or has lingering services is not removed, unless `endsSessions` is given: then their
    /// sessions and services are ended first. The user who runs Propel is never removed.
    public struct Absent: Guarded {
        public typealias Target = AnyLinux

        public let login: String
        /// Whether the home directory and the mail are removed too.
        public let removesHome: Bool
        /// Whether sessions and lingering services of the user are ended.
        public let endsSessions: Bool

        /// - Parameters:
        ///   - login: the name (useradd(8)).
        ///   - removesHome: whether the home directory and the mail are deleted too; no by default.
        ///   - endsSessions: whether sessions and lingering services of the user are ended (loginctl(1),
        ///     `terminate-user`); no by default.
        public init(_ login: String, removesHome: Bool = false, endsSessions: Bool = false) {
            self.login = login
            self.removesHome = removesHome
            self.endsSessions = endsSessions
        }

        public var name: String { "no user \(login)" }
        public var claims: [Claim] { [Claim("the user \(login)", is: "absent")] }
        public var problems: [String] { problems { try AccountName.validate(login, of: "user") } }

        /// - Throws: ``Failure`` if the name is invalid, that of root, or that of the user who runs Propel, if the user
        ///   is logged in, or does not come from the files of the machine.
        public func check(on machine: Machine) async throws -> Check {
            try AccountName.validate(login, of: "user")
            guard let found = try await machine.user(login) else {
                // A user of this name that comes later would linger.
                return try machine.isLingering(login) ? .unmet("let \(login) no longer linger") : .satisfied
            }
            guard found.id != 0 else {
                throw Failure("\(login) is the superuser and cannot be removed")
            }
            guard login != machine.invoker else {
                throw Failure(
                    "\(login) is the user that this run logged in as",
                    advice: "Set another `user` for the host in hosts.conf, then run again.")
            }
            guard try await machine.fact(Accounts.self).user(login) != nil else {
                throw Failure.accountElsewhere("the user \(login)")
            }
            let isActive = try isActive(found, machine)
            guard !isActive || endsSessions else { throw inUse }
            let home = "the home \(found.home) \(removesHome ? "too" : "stays")"
            return .unmet("\(isActive ? "end the sessions of \(login) and " : "")remove \(login), \(home)")
        }

        public func apply(on machine: Machine) async throws {
            let found = try await machine.fact(Accounts.self).user(login)
            if let found, try isActive(found, machine), !endsSessions { throw inUse }
            // The user's service manager would start again.
            if try machine.isLingering(login) {
                let result = try await machine.run(Invocation("loginctl", ["disable-linger", login]))
                // loginctl(1) does not know the name of a user who is gone.
                if !result.succeeded { try machine.files.remove(User.lingering.appending(login)) }
            }
            guard let found else { return }
            if endsSessions, try isActive(found, machine) {
                // It fails if the last session has just ended.
                _ = try await machine.run(Invocation("loginctl", ["terminate-user", login]))
            }
            try await remove(found, machine)
        }

        public func isGuarded(on machine: Machine) async throws -> Bool { machine.isDeployer(login) }

        public func restoration(on machine: Machine) async throws -> Restoration {
            Restoration(paths: Accounts.files)
        }

        /// How often userdel is tried while processes of the user end.
        private static let attempts = 40
        private static let pause = Duration.milliseconds(250)

        private func remove(_ found: Accounts.User, _ machine: Machine) async throws {
            let command = Invocation("userdel", (removesHome ? ["--remove"] : []) + ["--", login])
            for attempt in 1... {
                let result = try await machine.run(command)
                if result.succeeded { return }
                // 8: the user is logged in, or has a process (userdel(8)).
                guard result.ending == .exited(8) else { throw CommandFailure(command: command, result: result) }
                guard endsSessions else { throw inUse }
                guard attempt < Self.attempts else { throw CommandFailure(command: command, result: result) }
                // Daemons that were started outside of any session.
                if attempt == Self.attempts / 2 {
                    _ = try await machine.run(Invocation("pkill", ["--signal", "KILL", "--euid", "\(found.id)"]))
                }
                try await Task.sleep(for: Self.pause)
            }
        }

        /// Whether systemd-logind knows sessions or lingering services of the user.
        private func isActive(_ found: Accounts.User, _ machine: Machine) throws -> Bool {
            try machine.isLingering(login)
                || machine.files.status(of: FilePath("/run/systemd/users").appending("\(found.id)")) != nil
        }

        private var inUse: Failure {
            Failure(
                "\(login) is logged in or has running programs",
                advice: "Wait until they have ended, or declare User.Absent(\"\(login)\", endsSessions: true).")
        }
    }
}
