extension Podman {
    /// A secret that podman hands to containers that name it (podman-secret(1)).
    ///
    ///     Podman.Secret("db-password", Secret("db-password"))
    ///         .onChange(Service.Restart("app"))
    ///
    /// Podman keeps it in a file of root, and does not show it again; the ID of what was made is recorded, so that a
    /// change by somebody else is found. It is given on standard input. A container gets another one when it is created
    /// again, which a restart of its service does. ``Podman/Absent`` removes it.
    public struct Secret: Property {
        public typealias Target = DebianLike

        /// The name in podman.
        public let id: String
        public let secret: Propel.Secret

        /// - Parameters:
        ///   - id: the name in podman: letters, digits, `_`, `.` and `-`.
        ///   - secret: the secret of the host.
        public init(_ id: String, _ secret: Propel.Secret) {
            self.id = id
            self.secret = secret
        }

        public var name: String { "podman secret \(id)" }
        public var secrets: [Propel.Secret] { [secret] }
        public var claims: [Claim] { [Claim(name, is: "the secret \(secret.name)")] }
        public var problems: [String] { problems { try Podman.validate(id, of: "secret") } }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Podman.package])
        }

        private var applied: AppliedSecrets { AppliedSecrets(in: "the podman secret \(id)", form: id, of: [secret]) }

        /// - Throws: ``Undetermined`` if podman is not installed yet.
        public func check(on machine: Machine) async throws -> Check {
            try Podman.validate(id, of: "secret")
            guard let found = try await machine.fact(PodmanSecrets.self)[id] else {
                return .unmet("create it", secrets: secrets)
            }
            do {
                return try applied.matches(Array(found.utf8), on: machine)
                    ? .satisfied : .unmet("replace another one", secrets: secrets)
            } catch is Undetermined {
                return .unmet("replace it with the secret \(secret.name)", secrets: secrets)
            }
        }

        public func apply(on machine: Machine) async throws {
            try Podman.validate(id, of: "secret")
            let plaintext = try await machine.secrets.plaintext(of: secret)
            // podman of Debian 12 replaces none.
            if try await machine.fact(PodmanSecrets.self)[id] != nil {
                try await machine.succeed(Invocation("podman", ["secret", "rm", id]))
            }
            // As “-” podman takes a pipe alone, and a command has a file for its input.
            var command = Invocation(
                "podman", ["secret", "create", id, "/proc/self/fd/0"], input: plaintext.withUnsafeBytes { Array($0) })
            defer { command.input.wipe() }
            try await machine.succeed(command)
            machine.forgetFacts()
            guard let made = try await machine.fact(PodmanSecrets.self)[id] else { return }
            try applied.remember(Array(made.utf8), on: machine)
        }
    }
}

/// The IDs of podman's secrets. Each that is created has another one.
struct PodmanSecrets: MachineFact {
    private var ids: [String: String] = [:]

    static func read(from machine: Machine) async throws -> PodmanSecrets {
        let question = ["secret", "ls", "--format", "{{.Name}} {{.ID}}"]
        var secrets = PodmanSecrets()
        for line in try await Podman.answer(to: question, on: machine).nonEmptyLines {
            let words = line.split(separator: " ").map(String.init)
            if words.count == 2 { secrets.ids[words[0]] = words[1] }
        }
        return secrets
    }

    subscript(name: String) -> String? { ids[name] }
}
