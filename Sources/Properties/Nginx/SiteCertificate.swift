/// The certificate of a site and its key, in one file that only root can read.
enum SiteCertificate {
    /// No certificate of Propel: the original of the path is restored, and no key is left.
    case absent(FilePath)
    case selfSigned(SelfSignedCertificate)
    case secrets(File)

    /// - Parameter isIssued: whether there is the certificate of an authority that the site waits for.
    init(of site: Nginx.Site, isIssued: Bool = false) {
        let path = NginxPaths.certificate(site.siteName)
        switch site.tls {
        case .none, .files, .signed: self = .absent(path)
        case .acme where isIssued: self = .absent(path)
        case .selfSigned, .acme:
            self = .selfSigned(SelfSignedCertificate(path, commonName: site.siteName, names: site.allNames))
        case .secrets(let certificate, let key):
            self = .secrets(File(path, certificateContent(certificate, key), mode: 0o600))
        }
    }

    var path: FilePath {
        switch self {
        case .absent(let path): path
        case .selfSigned(let certificate): certificate.path
        case .secrets(let file): file.path
        }
    }

    /// Whether Propel writes a file with certificate and key.
    var isFile: Bool { if case .absent = self { false } else { true } }

    var claims: [Claim] {
        switch self {
        case .absent: []
        case .selfSigned(let certificate): certificate.claims
        case .secrets(let file): file.claims
        }
    }

    var secrets: [Secret] { if case .secrets(let file) = self { file.secrets } else { [] } }

    func check(on machine: Machine) async throws -> Check {
        switch self {
        case .absent(let path):
            try machine.originals.has(path) ? .unmet("remove the previous certificate and its key") : .satisfied
        case .selfSigned(let certificate): try await certificate.check(on: machine)
        case .secrets(let file): try await file.evaluate(on: machine)
        }
    }

    /// Writes a new certificate to `name` in the scratch directory, and returns its path; nil if the content stays.
    func write(to scratch: ScratchDirectory, as name: String, on machine: Machine) async throws -> FilePath? {
        switch self {
        case .absent: return nil
        case .selfSigned(let certificate):
            guard try await certificate.isToBeMade(on: machine) else { return nil }
            var bytes = try await certificate.make(on: machine)
            defer { bytes.wipe() }
            return try scratch.write(bytes, to: name)
        case .secrets(let file):
            if try await isContentThere(file, on: machine) { return nil }
            return try await file.content.withBytes(on: machine) { try scratch.write($0, to: name) }
        }
    }

    private func isContentThere(_ file: File, on machine: Machine) async throws -> Bool {
        guard try machine.files.status(of: file.path) != nil else { return false }
        var present = try machine.files.read(file.path)
        defer { present.wipe() }
        do { return try file.content.matches(present, in: file.path.string, on: machine) } catch is Undetermined {
            try await machine.secrets.fetch(file.secrets)
            return try file.content.matches(present, in: file.path.string, on: machine)
        }
    }

    /// Puts the certificate in place.
    /// - Parameter replacement: the file of ``write(to:as:on:)``.
    func put(_ replacement: FilePath?, on machine: Machine) async throws {
        guard try await check(on: machine) != .satisfied else { return }
        try machine.formerSites.keep(path)
        switch self {
        case .absent: try remove(on: machine)
        case .selfSigned(let certificate): try await certificate.put(replacement, on: machine)
        case .secrets(let file): try await file.apply(on: machine)
        }
    }

    /// Restores the original.
    func remove(on machine: Machine) throws {
        try machine.originals.restore(path)
        try AppliedSecrets(in: path.string, form: "", of: []).forget(on: machine)
    }
}

/// The certificate and key of a site, from secrets, in one file.
func certificateContent(_ certificate: Secret, _ key: Secret) -> Content { "\(certificate)\n\(key)\n" }
