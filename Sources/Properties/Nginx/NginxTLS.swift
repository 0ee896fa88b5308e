extension Nginx {
    /// Where the certificate of a site is from.
    public enum TLS: Sendable, Hashable {
        /// There is none: the site speaks plain HTTP.
        case none
        /// Made on the machine, for all names of the site; see ``SelfSignedCertificate``. Browsers warn of it.
        case selfSigned
        /// Files that something else looks after, such as certbot. They must be there. When they change, nobody reloads nginx.
        case files(certificate: FilePath, key: FilePath)
        /// Secrets of the repository, in PEM: the certificate, with those between it and the root after it, and its key.
        case secrets(certificate: Secret, key: Secret)
    }

    /// How HTTP/2 is switched on, for which no spelling pleases all versions.
    public enum HTTP2: Sendable, Hashable {
        /// `listen 443 ssl http2`: before 1.25.1; later versions warn of it.
        case parameter
        /// `http2 on`: from 1.25.1 on; earlier versions refuse it.
        case directive
    }
}

extension Nginx.HTTP2 {
    /// As the nginx of a machine takes it, or the one that its system will install.
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
