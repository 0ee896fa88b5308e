extension Nginx {
    /// A site of the host's nginx, which passes requests to a service or sends files.
    ///
    ///     Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: .selfSigned)
    ///     Nginx.Site("wiki", names: ["wiki.example.com"], proxyTo: "http://10.0.0.5:3000",
    ///                tls: .secrets(certificate: Secret("wiki-certificate"), key: Secret("wiki-key")))
    ///     Nginx.Site("blog", names: ["blog.example.com"], root: "/srv/blog")
    ///     Nginx.Site("old", names: ["old.example.com"], redirectTo: "https://blog.example.com")
    ///
    /// Other parts of a site are its ``Location``s, other settings its ``Options``.
    ///
    /// It is `/etc/nginx/sites-available/NAME` and a link to it in `sites-enabled`. Before anything is written, `nginx
    /// -t` must accept the whole configuration with the new sites and certificates: an invalid site is refused with the
    /// message of nginx, which keeps its configuration. After all properties nginx reloads once, without cutting
    /// connections; see ``Reload``.
    ///
    /// With TLS it speaks HTTP/2 and redirects plain HTTP. A service gets `X-Forwarded-For`, `-Proto`, `-Host` and
    /// `X-Real-IP`; websockets work.
    public struct Site: CompositeProperty {
        public typealias Target = DebianLike

        public let siteName: String
        /// The host names that it answers to.
        public let names: [String]
        /// The directory of its files; nil for that of nginx.
        public let root: FilePath?
        /// The files that answer for a directory; empty for `index.html`.
        public let index: [String]
        /// Its parts, in the order of the configuration.
        public let locations: [Location]
        public let tls: TLS
        /// Whether requests without TLS are redirected to TLS.
        public let redirectsToTLS: Bool
        /// The largest body of a request.
        public let bodyLimit: ByteSize
        /// Further directives for the `server` block.
        public let directives: String
        public let options: Options
        /// Why there is no backend.
        let backendProblem: String?

        /// A site that passes requests to a service.
        /// - Parameters:
        ///   - name: the name of its files: lowercase letters, digits, `-` and `_`.
        ///   - names: the host names that it answers to, at least one; `*.example.com` for all below one.
        ///   - backend: the server that requests are passed to: a port of the machine, a URL, a socket, or several
        ///     servers.
        ///   - locations: parts that are answered otherwise; none by default.
        ///   - tls: the source of its certificate; no TLS by default.
        ///   - redirectsToTLS: whether requests without TLS are redirected permanently (308); yes by default. Otherwise
        ///     they are served too.
        ///   - bodyLimit: the largest body of a request; 1 MiB by default, as in nginx.
        ///   - directives: further directives for the `server` block, one per line; none by default.
        ///   - options: other settings.
        public init(
            _ name: String, names: [String], proxyTo backend: Backend, locations: [Location] = [], tls: TLS = .none,
            redirectsToTLS: Bool = true, bodyLimit: ByteSize = .mebibytes(1), directives: String = "",
            options: Options = Options()
        ) {
            self.init(
                siteName: name, names: names, locations: [Location("/", .proxy(backend))] + locations, tls: tls,
                redirectsToTLS: redirectsToTLS, bodyLimit: bodyLimit, directives: directives, options: options)
        }

        /// A site that sends files, or that its locations and directives describe.
        /// - Parameters:
        ///   - name: the name of its files: lowercase letters, digits, `-` and `_`.
        ///   - names: the host names that it answers to, at least one; `*.example.com` for all below one.
        ///   - root: the directory of its files, which www-data must be able to read. They are sent for `/`, unless a
        ///     location declares something else for it. Without it, only the locations and directives count.
        ///   - index: the files that answer for a directory; `index.html` by default, as in nginx.
        ///   - locations: its parts; none by default.
        ///   - tls: the source of its certificate; no TLS by default.
        ///   - redirectsToTLS: whether requests without TLS are redirected permanently (308); yes by default. Otherwise
        ///     they are served too.
        ///   - bodyLimit: the largest body of a request; 1 MiB by default, as in nginx.
        ///   - directives: further directives for the `server` block, one per line; none by default.
        ///   - options: other settings.
        public init(
            _ name: String, names: [String], root: FilePath? = nil, index: [String] = [], locations: [Location] = [],
            tls: TLS = .none, redirectsToTLS: Bool = true, bodyLimit: ByteSize = .mebibytes(1), directives: String = "",
            options: Options = Options()
        ) {
            let hasMain = locations.contains { $0.match.identity == "prefix /" }
            self.init(
                siteName: name, names: names, root: root, index: index,
                locations: (root != nil && !hasMain ? [Location("/", .files())] : []) + locations, tls: tls,
                redirectsToTLS: redirectsToTLS, bodyLimit: bodyLimit, directives: directives, options: options)
        }

        /// A site that redirects all requests to another one, with their paths (308).
        /// - Parameters:
        ///   - name: the name of its files: lowercase letters, digits, `-` and `_`.
        ///   - names: the host names that it answers to, at least one; `*.example.com` for all below one.
        ///   - destination: the beginning of the other URLs, such as `https://shop.example.com`.
        ///   - tls: the source of its certificate; no TLS by default.
        ///   - options: other settings.
        public init(
            _ name: String, names: [String], redirectTo destination: String, tls: TLS = .none,
            options: Options = Options()
        ) {
            let isComplete = destination.hasSuffix("/")
            self.init(
                siteName: name, names: names,
                locations: [
                    Location(
                        "/",
                        .redirect(
                            to: (isComplete ? String(destination.dropLast()) : destination) + "$request_uri",
                            status: 308))
                ], tls: tls, redirectsToTLS: false, bodyLimit: .mebibytes(1), directives: "", options: options)
        }

        init(
            siteName: String, names: [String], root: FilePath? = nil, index: [String] = [], locations: [Location],
            backendProblem: String? = nil, tls: TLS, redirectsToTLS: Bool, bodyLimit: ByteSize, directives: String,
            options: Options
        ) {
            self.siteName = siteName
            self.names = names
            self.root = root
            self.index = index
            self.locations = locations
            self.backendProblem = backendProblem
            self.tls = tls
            self.redirectsToTLS = redirectsToTLS
            self.bodyLimit = bodyLimit
            self.directives = directives
            self.options = options
        }

        public var name: String { "site \(siteName)" }

        public var body: [Declaration] {
            // It does not require a running nginx: a broken site that keeps nginx from starting could never be
            // repaired. It requires openssl even without a self-signed certificate: sites with the same requirements
            // are validated together.
            let package = Apt.Installed("nginx"), openssl = Apt.Installed("openssl")
            for file in passwordFiles { file.requires(package).requires(openssl) }
            if options.isDefault { DefaultSite.Absent().requires(package).onChange(Reload()) }
            if let certificate = signedCertificate { certificate.onChange(Reload()) }
            for ports in containerPorts { ContainerPortsFile(ports: ports).requires(package).onChange(Reload()) }
            SiteConfiguration(site: self).requires(package).requires(openssl).onChange(Reload())
            Engine(isDefaultSiteEnabled: !options.isDefault)
            if let acme {
                acme.requires(SiteConfiguration(site: self))
                SiteConfiguration(site: self, isFinal: true).requires(package).requires(openssl).requires(acme)
                    .onChange(
                        Reload())
            }
            if let watch = CertificateWatch(of: self) {
                watch.service
                watch.path.onChange(Service.Restart(watch.path.unit))
                watch.watcher
            }
        }

        /// The opposite: the site, its certificate and its password files are removed, and the originals restored.
        /// nginx stays.
        public func reverted() -> PropertyGroup<DebianLike> {
            PropertyGroup("no \(name)") {
                SiteAbsence(site: self).onChange(Reload())
                for file in passwordFiles { file.reverted() }
                if let certificate = signedCertificate { certificate.reverted() }
                if let watch = CertificateWatch(of: self) {
                    watch.path.reverted()
                    watch.service.reverted()
                }
            }
        }

        /// The password files that it writes, each once.
        var passwordFiles: [PasswordFile] {
            ([options.authentication] + locations.map(\.authentication)).reduce(into: []) { files, authentication in
                if case .passwords(let file, _) = authentication, !files.contains(file) { files.append(file) }
            }
        }

        /// The ports of containers that it finds by their files, each once.
        private var containerPorts: [ContainerPorts] {
            backends.reduce(into: []) { all, backend in
                if case .servers(let upstream) = backend, let ports = upstream.ports, !all.contains(ports) {
                    all.append(ports)
                }
            }
        }

        /// The name of the certificate that Propel signs for it.
        var certificateID: String { "nginx-\(siteName)" }

        /// The certificate that Propel signs for it; nil if it has another one.
        private var signedCertificate: Properties.TLS.Certificate? {
            guard case .signed(let signer) = tls else { return nil }
            return Properties.TLS.Certificate(certificateID, names: allNames, signedBy: signer)
        }

        /// The certificate that a public authority issues; nil if it has another one.
        var acme: Properties.TLS.ACME? {
            guard case .acme(let email, let challenge, let server) = tls else { return nil }
            return Properties.TLS.ACME(
                siteName, names: allNames, email: email, challenge: challenge, server: server, reloads: ["nginx"])
        }

        /// The servers that it passes requests to over HTTP.
        var backends: [Backend] { locations.compactMap(\.backend) }

        /// All names that its certificate covers.
        var allNames: [String] { names + options.redirectedNames }
    }
}

/// Names that a site can answer to.
enum HostNames {
    static func isValid(_ name: String) -> Bool {
        let plain = name.hasPrefix("*.") ? name.dropFirst(2) : name[...]
        return name.utf8.count <= 253 && HostnameLabels.isValid(String(plain))
            && !name.utf8.contains(where: \.isASCIIUppercase)
    }

    /// Whether the name is an IPv4 address, which has another syntax in certificates.
    static func isAddress(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0.isASCIIDigit || $0 == UInt8(ascii: ".") }
    }

    static func isPlain(path: String) -> Bool {
        path.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._/@+".utf8.contains($0) }
    }
}
