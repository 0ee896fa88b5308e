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
            let places = Places(id: id)
            // First what would renew it.
            Timer.Absent(places.legoTimer)
            IssuedCertificateAbsent(id: id)
            File.Absent(places.hook)
            File.Absent(places.credentials)
            for directory in [places.legoDirectory, places.legoData] {
                Directory.Absent(directory, recursive: true)
            }
        }
    }
}

/// certbot has no certificate of the name, and Propel no record of one.
struct IssuedCertificateAbsent: Property {
    typealias Target = DebianLike

    let id: String

    var name: String { "no certificate \(id) of certbot" }
    var problems: [String] { problems { try TLS.validate(name: id) } }
    var claims: [Claim] {
        ["certbot", "lego"].map { Claim("the certificate \(id) of \($0)", is: "absent") }
    }

    private var places: TLS.ACME.Places { TLS.ACME.Places(id: id) }
    // The settings first, by which certbot would renew it.
    private var trees: [FilePath] { [places.renewal, places.live, places.archive] }
    private var records: [String] { [places.record, places.legoRecord] }

    func check(on machine: Machine) async throws -> Check {
        try TLS.validate(name: id)
        let paths = trees + records.map(CertificateRecord.path)
        return try paths.contains { try machine.files.status(of: $0) != nil } ? .unmet("delete it") : .satisfied
    }

    func apply(on machine: Machine) async throws {
        try TLS.validate(name: id)
        // What certbot does, whether it is installed or not.
        for path in trees { try machine.files.removeTree(path) }
        for record in records { try CertificateRecord.forget(record, on: machine) }
    }
}
