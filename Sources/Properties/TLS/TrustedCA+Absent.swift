extension TLS.TrustedCA {
    /// No certificate authority of that name that somebody has made the programs of the machine trust.
    ///
    ///     TLS.TrustedCA.Absent("old-office")
    ///
    /// It is removed from `/usr/local/share/ca-certificates` and from the store, also one that Propel has not put
    /// there. A revert trusts it again. Authorities of the package ca-certificates stay.
    public struct Absent: Revertible {
        public typealias Target = DebianLike

        public let id: String

        /// - Parameter id: the name of the file, without `.crt`.
        public init(_ id: String) { self.id = id }

        private var file: File.Absent { File.Absent(TLS.TrustedCA.path(of: id)) }

        public var name: String { "no trusted certificate authority \(id)" }
        public var claims: [Claim] { file.claims }
        public var problems: [String] { problems { try TLS.validate(name: id) } }

        public func check(on machine: Machine) async throws -> Check {
            try TLS.validate(name: id)
            let check = try await file.check(on: machine)
            guard check == .satisfied, try TLS.TrustedCA.isLeftInStore(id, on: machine) else { return check }
            return .unmet("remove it from the store")
        }

        public func apply(on machine: Machine) async throws {
            try TLS.validate(name: id)
            try await file.apply(on: machine)
            try await update(machine)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            let restored = try await file.checkReverted(on: machine)
            guard restored == .satisfied, try machine.files.status(of: TLS.TrustedCA.path(of: id)) != nil,
                try machine.files.status(of: TLS.TrustedCA.link(of: id)) == nil
            else { return restored }
            return .unmet("trust it again")
        }

        public func revert(on machine: Machine) async throws {
            try await file.revert(on: machine)
            try await update(machine)
        }

        /// Without the package there is no store.
        private func update(_ machine: Machine) async throws {
            let command = Invocation("update-ca-certificates", ["--fresh"]), result = try await machine.run(command)
            guard result.succeeded || result.ending == .notFound else {
                throw CommandFailure(command: command, result: result)
            }
        }
    }

    static func path(of id: String) -> FilePath {
        FilePath("/usr/local/share/ca-certificates").appending(escaping: "\(id).crt")
    }

    static func link(of id: String) -> FilePath {
        FilePath("/etc/ssl/certs").appending(escaping: "\(id).pem")
    }

    /// Whether a run that was cut has left a link to a certificate that is gone.
    static func isLeftInStore(_ id: String, on machine: Machine) throws -> Bool {
        try machine.files.status(of: path(of: id)) == nil && machine.files.status(of: link(of: id))?.kind == .link
            && machine.files.destination(ofLink: link(of: id)) == path(of: id).string
    }
}
