extension TLS {
    /// A private certificate authority, made on the machine: `/etc/ssl/propel/NAME.crt` and `NAME.key`.
    ///
    ///     let office = TLS.Authority("office", commonName: "Example Office CA")
    ///     office
    ///     TLS.Certificate("intranet", names: ["intranet.example.com"], signedBy: .authority(office))
    ///     TLS.TrustedCA(office)
    ///
    /// The key never leaves the machine, and is never replaced: machines that trust the authority would no longer trust
    /// what it has signed. A certificate that ends within 30 days is made again, with the same key and name.
    ///
    /// For an authority that several machines use, keep its key as a secret; see ``Signer/secrets(certificate:key:)``.
    ///
    /// ``File/Absent`` removes its key and its certificate; what it has signed is trusted as long as the certificate
    /// is.
    public struct Authority: Property, Hashable {
        public typealias Target = DebianLike

        public let id: String
        public let commonName: String
        public let days: Int

        /// - Parameters:
        ///   - id: the name of its files.
        ///   - commonName: the name that programs show.
        ///   - days: how long its certificate is valid; 3650 by default.
        public init(_ id: String, commonName: String, days: Int = 3650) {
            self.id = id
            self.commonName = commonName
            self.days = days
        }

        public var name: String { "certificate authority \(id)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            let state = "certificate authority “\(commonName)” for \(days) days"
            return [
                .path(certificatePath, is: state, summary: state),
                .path(keyPath, is: "key of \(state)", summary: state),
            ]
        }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Apt.Installed("openssl"), Directory(TLS.directory)])
        }

        public var certificatePath: FilePath { TLS.certificate(id) }
        public var keyPath: FilePath { TLS.key(id) }

        func validate() throws {
            try TLS.validate(name: id)
            guard !commonName.trimmed.isEmpty, commonName.utf8.count <= 64,
                commonName.utf8.allSatisfy({ $0.isASCIILetterOrDigit || " -_.()".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid name of a certificate authority “\(commonName.escaped)”",
                    advice: "Use at most 64 letters, digits, spaces and - _ . ( )")
            }
            guard (1...36500).contains(days) else {
                throw Failure("a certificate authority is valid for 1 to 36500 days, and \(days) are declared")
            }
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let key = try machine.files.status(of: keyPath)
            guard let certificate = try machine.files.status(of: certificatePath) else {
                return .unmet(
                    key == nil ? "create “\(commonName)”" : "create the certificate for the key that is there")
            }
            guard let key else {
                throw Failure(
                    "the key of the certificate authority \(id) is missing: \(keyPath)",
                    advice: "Restore it. To begin with another authority, remove \(certificatePath).")
            }
            var reasons: [String] = []
            if let record = try CertificateRecord.read(id, on: machine) {
                guard record.form == commonName else {
                    throw Failure(
                        "the certificate authority \(id) is “\(record.form.escaped)”, and “\(commonName)” is declared",
                        advice: "Declare another id for another authority: what it has signed would lose its signer.")
                }
                if record.expiresSoon(after: days, on: machine) {
                    reasons.append("it expires soon: make its certificate again, with the same key")
                }
            }
            reasons += try await machine.differences(of: certificate, mode: 0o644, owner: "root", group: "root")
            reasons += try await machine.differences(of: key, mode: 0o600, owner: "root", group: "root")
            return .unmet(unlessEmpty: reasons)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            if let found = try machine.files.status(of: keyPath) {
                try machine.files.setOwner(.root, mode: 0o600, of: keyPath, expecting: found)
            } else {
                var key = try await TLS.makeKey(.ecdsa, on: machine)
                defer { key.wipe() }
                try machine.files.replace(keyPath, with: key, mode: 0o600)
            }
            if let found = try machine.files.status(of: certificatePath),
                try CertificateRecord.read(id, on: machine)?.expiresSoon(after: days, on: machine) != true
            {
                return try machine.files.setOwner(.root, mode: 0o644, of: certificatePath, expecting: found)
            }
            let end = machine.now.seconds + days * 86400
            let command = Invocation(
                "openssl",
                [
                    "req", "-x509", "-new", "-config", "/dev/stdin", "-key", keyPath.string, "-sha256", "-days",
                    "\(days)",
                ], input: Array(request.utf8))
            let certificate = try await machine.succeed(command).output
            try machine.files.replace(certificatePath, with: certificate, mode: 0o644)
            try CertificateRecord(form: commonName, files: SHA256.hash(certificate), end: end).write(id, on: machine)
        }

        /// The certificate request (openssl-req(1), x509v3_config(5)).
        private var request: String {
            """
            [req]
            prompt = no
            distinguished_name = name
            x509_extensions = extensions
            [name]
            CN = \(commonName)
            [extensions]
            basicConstraints = critical, CA:TRUE
            keyUsage = critical, keyCertSign, cRLSign
            subjectKeyIdentifier = hash

            """
        }
    }

    /// The signer of a certificate.
    public enum Signer: Sendable, Hashable {
        /// The certificate itself: nobody trusts it without an exception.
        case itself
        /// An authority on the same machine, which must be declared too.
        case authority(Authority)
        /// An authority whose key is a secret, so that several machines can have certificates of it. The key is on the
        /// machine only while it signs, in memory.
        case secrets(certificate: String, key: Secret)
    }
}
