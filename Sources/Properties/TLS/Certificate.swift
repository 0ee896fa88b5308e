extension TLS {
    /// A certificate that Propel signs, and its key: `/etc/ssl/propel/NAME.crt` and `NAME.key`, both made on the
    /// machine.
    ///
    ///     TLS.Certificate("db", names: ["db.example.com", "10.0.0.5"], signedBy: .itself, owner: "postgres")
    ///         .onChange(Service.Reload("postgresql"))
    ///     TLS.Certificate(
    ///         "intranet", names: ["intranet.example.com"],
    ///         signedBy: .secrets(certificate: text, key: Secret("office-ca-key")))
    ///
    /// The file of the certificate has that of its signer after it. Both are made again if the names or the signer
    /// change, if somebody changes a file, and in a run within the last 30 days.
    public struct Certificate: Revertible, Hashable {
        public typealias Target = DebianLike

        public let id: String
        public let names: [String]
        public let signer: Signer
        public let days: Int
        public let owner: String

        /// - Parameters:
        ///   - id: the name of its files.
        ///   - names: the host names and addresses that it is for.
        ///   - signer: what signs it.
        ///   - days: how long it is valid; 397 by default, which is the longest that browsers accept.
        ///   - owner: the name of the user who can read the key; root by default.
        public init(
            _ id: String, names: [String], signedBy signer: Signer, days: Int = 397, owner: String = "root"
        ) {
            self.id = id
            self.names = names
            self.signer = signer
            self.days = days
            self.owner = owner
        }

        public var name: String { "certificate \(id)" }
        public var problems: [String] { problems(in: validate) }
        public var secrets: [Secret] { if case .secrets(_, let key) = signer { [key] } else { [] } }
        public var claims: [Claim] {
            let summary = "a certificate for \(names.sorted().joined(separator: ", "))"
            return [
                .path(certificatePath, is: form, summary: summary),
                .path(keyPath, is: "key of \(form), owner \(owner)", summary: summary),
            ]
        }

        public func declaration(at place: SourcePlace) -> Declaration {
            var requirements: [any Declarable] = [Apt.Installed("openssl"), Directory(TLS.directory)]
            if case .authority(let authority) = signer { requirements.append(authority) }
            return declaration(at: place, requiring: requirements)
        }

        public var certificatePath: FilePath { TLS.certificate(id) }
        public var keyPath: FilePath { TLS.key(id) }

        private var form: String {
            let by =
                switch signer {
                case .itself: "itself"
                case .authority(let authority): "the authority \(authority.id)"
                case .secrets(let certificate, let key): "\(key.name) \(SHA256.hash(Array(certificate.utf8)))"
                }
            return "\(names.sorted().joined(separator: " ")) for \(days) days, signed by \(by)"
        }

        private func validate() throws {
            try TLS.validate(name: id)
            try TLS.validate(names: names, of: id)
            guard (1...36500).contains(days) else {
                throw Failure("the certificate \(id) is valid for 1 to 36500 days, and \(days) are declared")
            }
            switch signer {
            case .itself: break
            case .authority(let authority):
                try authority.validate()
                guard authority.id != id else {
                    throw Failure(
                        "the certificate \(id) has the files of its authority", advice: "Give it another name.")
                }
            case .secrets(let certificate, _):
                guard Array(certificate.utf8).hasPEM("CERTIFICATE") else {
                    throw Failure(
                        "the certificate of the authority that signs \(id) is not in PEM",
                        advice: "Paste it from -----BEGIN CERTIFICATE----- to the last dash.")
                }
            }
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let certificate = try machine.files.status(of: certificatePath),
                let key = try machine.files.status(of: keyPath)
            else { return .unmet("create for \(names.joined(separator: ", "))", secrets: secrets) }
            if let reason = try reasonToMakeIt(on: machine) { return .unmet(reason, secrets: secrets) }
            return .unmet(
                unlessEmpty: try await machine.differences(of: certificate, mode: 0o644, owner: "root", group: "root")
                    + machine.differences(of: key, mode: 0o600, owner: owner, group: nil))
        }

        private func reasonToMakeIt(on machine: Machine) throws -> String? {
            guard let record = try CertificateRecord.read(id, on: machine) else { return "made by something else" }
            if record.form != form { return "other names, validity or signer" }
            if record.files != (try CertificateRecord.hash(of: files, on: machine)) {
                return "another certificate or key"
            }
            return record.expiresSoon(after: days, on: machine) ? "it expires soon" : nil
        }

        /// The files whose content decides: its own, and that of an authority on the machine.
        private var files: [FilePath] {
            if case .authority(let authority) = signer {
                [certificatePath, keyPath, authority.certificatePath]
            } else {
                [certificatePath, keyPath]
            }
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let user = try await machine.owner(user: owner, group: nil)
            for path in [certificatePath, keyPath] { try machine.originals.keep(path) }
            if let certificate = try machine.files.status(of: certificatePath),
                let key = try machine.files.status(of: keyPath), try reasonToMakeIt(on: machine) == nil
            {
                try machine.files.setOwner(.root, mode: 0o644, of: certificatePath, expecting: certificate)
                return try machine.files.setOwner(user, mode: 0o600, of: keyPath, expecting: key)
            }
            let end = machine.now.seconds + days * 86400
            var key = try await TLS.makeKey(.ecdsa, on: machine)
            defer { key.wipe() }
            let certificate = try await CertificateSigning(certificate: self).sign(key, on: machine)
            // A run that is cut in between has no record for them: both are made again.
            try machine.files.replace(keyPath, with: key, mode: 0o600, owner: user)
            try machine.files.replace(certificatePath, with: certificate, mode: 0o644)
            try CertificateRecord(form: form, files: CertificateRecord.hash(of: files, on: machine), end: end).write(
                id, on: machine)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try machine.checkRestored([certificatePath, keyPath])
        }

        public func revert(on machine: Machine) async throws {
            for path in [certificatePath, keyPath] { try machine.originals.restore(path) }
            try CertificateRecord.forget(id, on: machine)
        }
    }
}
