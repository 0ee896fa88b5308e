extension Nginx {
    /// The source of the certificate of a site.
    public enum TLS: Sendable, Hashable {
        /// Plain HTTP, without a certificate.
        case none
        /// Generated on the machine, for all names of the site. Browsers warn about it.
        case selfSigned
        /// Files that another program manages, such as certbot. They must exist. A unit of systemd reloads nginx when
        /// they change.
        case files(certificate: FilePath, key: FilePath)
        /// Secrets in PEM: the certificate, followed by intermediate certificates, and its key.
        case secrets(certificate: Secret, key: Secret)
        /// Signed on the machine by a private authority, for all names of the site; see
        /// ``/Properties/TLS/Certificate``.
        case signed(by: Properties.TLS.Signer)
        /// Issued and renewed by a public authority such as Let's Encrypt, for all names of the site; see
        /// ``/Properties/TLS/ACME``. The first run serves the site with a self-signed certificate until the
        /// authority, which asks that very site, has issued one.
        /// - Parameters:
        ///   - email: where the authority writes to; nil for nowhere.
        ///   - challenge: the proof; a file that the site itself sends by default.
        ///   - server: the authority; Let's Encrypt by default.
        case acme(
            email: String?, challenge: Properties.TLS.ACME.Challenge = .webroot(),
            server: Properties.TLS.ACME.Server = .letsEncrypt)
    }

    /// The syntax that enables HTTP/2. No version accepts both without a warning.
    public enum HTTP2: Sendable, Hashable {
        /// `listen 443 ssl http2`: before 1.25.1; later versions warn of it.
        case parameter
        /// `http2 on`: from 1.25.1 on; earlier versions refuse it.
        case directive
    }
}

extension Nginx.HTTP2 {
    /// The syntax of the installed nginx, or of the one that the distribution will install.
    init(of machine: Machine) async throws {
        let package = try await machine.fact(DpkgStatus.self).packages["nginx"]
        if let package, package.state == "installed" {
            let numbers = package.version.split { !$0.isNumber }.prefix(3).compactMap { Int($0) }
            self = numbers.lexicographicallyPrecedes([1, 25, 1]) ? .parameter : .directive
            return
        }
        let system = try await machine.fact(OperatingSystem.self)
        self = (system.release ?? .max) < (system.isLike("ubuntu") ? 25 : 13) ? .parameter : .directive
    }
}
