extension Samba {
    /// A user of Samba with a password of Samba, which is another one than that for logins.
    ///
    ///     User("anna")
    ///     Samba.User("anna", password: Secret("anna-smb"))
    ///
    /// Samba keeps a hash of it, which is recorded, so that a change by somebody else is found. The password is given
    /// on standard input. `Samba.User.Absent` removes a user.
    public struct User: Property {
        public typealias Target = DebianLike

        public let user: String
        public let password: Secret

        /// - Parameters:
        ///   - user: the name of a user of the machine, who must exist or be declared before.
        ///   - password: the password, in one line.
        public init(_ user: String, password: Secret) {
            self.user = user
            self.password = password
        }

        public var name: String { "samba user \(user)" }
        public var secrets: [Secret] { [password] }
        public var claims: [Claim] { [Claim("the samba user \(user)", is: "password \(password.name)")] }
        public var problems: [String] { problems { try AccountName.validate(user, of: "user") } }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Samba.package])
        }

        private var applied: AppliedSecrets {
            AppliedSecrets(in: "the samba password of \(user)", form: "password", of: [password])
        }

        /// - Throws: ``Undetermined`` if Samba or the user of the machine is not there yet.
        public func check(on machine: Machine) async throws -> Check {
            try AccountName.validate(user, of: "user")
            _ = try await machine.awaitedUser(user)
            guard let found = try await machine.fact(SambaUsers.self)[user] else {
                return .unmet("create", secrets: secrets)
            }
            var reasons = found.isDisabled ? ["enable"] : []
            do {
                if try !applied.matches(Array(found.hash.utf8), on: machine) { reasons.append("another password") }
            } catch is Undetermined {
                // A hash does not reveal its password, so it is set again.
                reasons.append("set the password from the secret \(password.name)")
            }
            return .unmet(unlessEmpty: reasons, secrets: secrets)
        }

        public func apply(on machine: Machine) async throws {
            try AccountName.validate(user, of: "user")
            let plaintext = try await machine.secrets.plaintext(of: password)
            var command = Invocation("smbpasswd", ["-s", "-a", user], input: try input(plaintext))
            defer { command.input.wipe() }
            let result = try await machine.run(command)
            guard result.succeeded else {
                throw Failure(
                    "smbpasswd failed; its output is not shown, since it was given a password",
                    command: command.description, ending: result.ending.description,
                    advice: "Run it on the machine by hand.")
            }
            // One that was disabled keeps that.
            try await machine.run("smbpasswd", "-e", user)
            machine.forgetFacts()
            guard let made = try await machine.fact(SambaUsers.self)[user] else { return }
            try applied.remember(Array(made.hash.utf8), on: machine)
        }

        /// smbpasswd(8) asks for it twice.
        private func input(_ plaintext: SecretBytes) throws -> [UInt8] {
            try plaintext.withPassword { password in
                guard !password.isEmpty, !password.contains(where: { [0, 0x0A, 0x0D].contains($0) }) else {
                    throw Failure(
                        "the secret \(self.password.name), declared as a password of samba, is empty, or has more than "
                            + "one line", advice: "Set another with `propel secret set \(self.password.name)`.")
                }
                var lines: [UInt8] = []
                lines.reserveCapacity(2 * password.count + 2)
                for _ in 1...2 {
                    lines += password
                    lines.append(0x0A)
                }
                return lines
            }
        }

        /// No user of Samba of that name. The user of the machine stays.
        ///
        ///     Samba.User.Absent("ben")
        public struct Absent: Property {
            public typealias Target = DebianLike

            public let user: String

            /// - Parameter user: the name.
            public init(_ user: String) { self.user = user }

            public var name: String { "no samba user \(user)" }
            public var claims: [Claim] { [Claim("the samba user \(user)", is: "absent")] }
            public var problems: [String] { problems { try AccountName.validate(user, of: "user") } }

            /// A machine without Samba has none.
            public func check(on machine: Machine) async throws -> Check {
                try AccountName.validate(user, of: "user")
                guard try SambaUsers.canBeRead(on: machine) else {
                    try machine.awaitPackages()
                    return .satisfied
                }
                return try await machine.fact(SambaUsers.self)[user] == nil ? .satisfied : .unmet("remove")
            }

            public func apply(on machine: Machine) async throws {
                try AccountName.validate(user, of: "user")
                try await machine.run("smbpasswd", "-x", user)
            }
        }
    }
}

/// The users of Samba (pdbedit(8)). One question answers for all of them.
struct SambaUsers: MachineFact {
    struct Entry: Equatable {
        /// The NT hash of the password.
        var hash: String
        var isDisabled: Bool
    }

    private var users: [String: Entry] = [:]

    static func canBeRead(on machine: Machine) throws -> Bool {
        try machine.files.status(of: "/usr/bin/pdbedit") != nil
    }

    /// - Throws: ``Undetermined`` if Samba is not installed.
    static func read(from machine: Machine) async throws -> SambaUsers {
        guard try canBeRead(on: machine) else { throw Undetermined(until: "samba is installed") }
        var users = SambaUsers()
        let question = Invocation("pdbedit", ["--list", "--smbpasswd-style"])
        for line in try await machine.succeed(question).text.nonEmptyLines {
            // “anna:1000:XXXX…:8846F7EA…:[U          ]:LCT-65A1B2C3:”
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 5 else { continue }
            users.users[fields[0]] = Entry(hash: fields[3], isDisabled: fields[4].contains("D"))
        }
        return users
    }

    subscript(name: String) -> Entry? { users[name] }
}
