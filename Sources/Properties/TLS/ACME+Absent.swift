extension TLS.ACME {
    /// No certificate of that name from ACME: it is no longer renewed, and its files go.
    ///
    ///     TLS.ACME.Absent("old-shop")
    ///
    /// For one by certbot and for one by lego, with its hook, its timer and its credentials. Declare before this that
    /// nothing names its files: a server with a certificate that is gone does not start. The account at the authority
    /// stays, and the certificate is not revoked.
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        public let id: String

        /// - Parameter id: the name of the certificate on the machine.
        public init(_ id: String) { self.id = id }

        public var name: String { "no certificate \(id) from ACME" }

        public var body: [Declaration] {
            let name = FilePath.Component(escaping: id)
            // First what would renew it.
            Timer.Absent("lego-\(id)")
            IssuedCertificateAbsent(id: id)
            File.Absent(FilePath("/etc/letsencrypt/renewal-hooks/deploy").appending("propel-\(name)"))
            File.Absent(FilePath("/etc/letsencrypt").appending("credentials-\(name).ini"))
            for directory: FilePath in ["/etc/lego", "/var/lib/lego"] {
                Directory.Absent(directory.appending(name), recursive: true)
            }
        }
    }
}

/// certbot has no certificate of the name.
struct IssuedCertificateAbsent: Property {
    typealias Target = DebianLike

    let id: String

    var name: String { "no certificate \(id) of certbot" }
    var problems: [String] { problem { try TLS.validate(name: id) }.map { [$0] } ?? [] }
    var claims: [Claim] {
        ["certbot", "lego"].map { Claim("the certificate \(id) of \($0)", is: "absent") }
    }

    private var paths: [FilePath] {
        [
            FilePath("/etc/letsencrypt/renewal").appending("\(id).conf"),
            FilePath("/etc/letsencrypt/live").appending(id),
            FilePath("/etc/letsencrypt/archive").appending(id),
        ]
    }

    func check(on machine: Machine) async throws -> Check {
        try TLS.validate(name: id)
        guard try paths.contains(where: { try machine.files.status(of: $0) != nil }) else { return .satisfied }
        return .unmet("delete it")
    }

    func apply(on machine: Machine) async throws {
        try TLS.validate(name: id)
        // What certbot does, whether it is installed or not: the settings first, by which it would renew it.
        for path in paths { try machine.files.removeTree(path) }
        for record in ["acme-\(id)", "lego-\(id)"] { try CertificateRecord.forget(record, on: machine) }
    }
}
