extension Nginx {
    /// A site of the host's nginx, which passes requests to a service.
    ///
    ///     Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: .selfSigned)
    ///     Nginx.Site("wiki", names: ["wiki.example.com"], proxyTo: "http://10.0.0.5:3000",
    ///                tls: .secrets(certificate: Secret("wiki-certificate"), key: Secret("wiki-key")))
    ///
    /// It is `/etc/nginx/sites-available/NAME` and a link to it in `sites-enabled`. Before anything is written, `nginx
    /// -t` must accept the whole configuration with the new sites and certificates: an invalid site is refused with the
    /// message of nginx, which keeps its configuration. After all properties nginx reloads once, without cutting
    /// connections; see ``Reload``.
    ///
    /// With TLS it speaks HTTP/2 and redirects plain HTTP. The service gets `X-Forwarded-For`, `-Proto`, `-Host` and
    /// `X-Real-IP`; websockets work.
    public struct Site: CompositeProperty {
        public typealias Target = DebianLike

        public let siteName: String
        /// The host names that it answers to.
        public let names: [String]
        /// Nil if there is a problem with it; see ``problems``.
        let backend: Backend?
        public let tls: TLS
        /// Whether requests without TLS are redirected to TLS.
        public let redirectsToTLS: Bool
        /// The largest body of a request.
        public let bodyLimit: ByteSize
        /// Further directives for the `server` block.
        public let directives: String
        /// Why there is no backend.
        private let backendProblem: String?

        /// - Parameters:
        ///   - name: the name of its files: lowercase letters, digits, `-` and `_`.
        ///   - names: the host names that it answers to, at least one; `*.example.com` for all below one.
        ///   - backend: the server that requests are passed to: a port of the machine, or a URL.
        ///   - tls: the source of its certificate; no TLS by default.
        ///   - redirectsToTLS: whether requests without TLS are redirected permanently (308); yes by default. Otherwise
        ///     they are served too.
        ///   - bodyLimit: the largest body of a request; 1 MiB by default, as in nginx.
        ///   - directives: further directives for the `server` block, one per line; none by default.
        public init(
            _ name: String, names: [String], proxyTo backend: Backend, tls: TLS = .none, redirectsToTLS: Bool = true,
            bodyLimit: ByteSize = .mebibytes(1), directives: String = ""
        ) {
            self.init(
                siteName: name, names: names, backend: backend, backendProblem: nil, tls: tls,
                redirectsToTLS: redirectsToTLS, bodyLimit: bodyLimit,
                directives: directives)
        }

        init(
            siteName: String, names: [String], backend: Backend?, backendProblem: String?, tls: TLS,
            redirectsToTLS: Bool, bodyLimit: ByteSize,
            directives: String
        ) {
            self.siteName = siteName
            self.names = names
            self.backend = backend
            self.backendProblem = backendProblem
            self.tls = tls
            self.redirectsToTLS = redirectsToTLS
            self.bodyLimit = bodyLimit
            self.directives = directives
        }

        public var name: String { "site \(siteName)" }

        public var body: [Declaration] {
            // It does not require a running nginx: a broken site that keeps nginx from starting could never be
            // repaired. It requires openssl even without a self-signed certificate: sites with the same requirements
            // are validated together.
            SiteConfiguration(site: self).requires(Apt.Installed("nginx")).requires(Apt.Installed("openssl")).onChange(
                Reload())
            Engine()
        }

        /// The opposite: the site and its certificate are removed, and the originals restored. nginx stays.
        public func reverted() -> PropertyGroup<DebianLike> {
            PropertyGroup("no \(name)") { SiteAbsence(site: self).onChange(Reload()) }
        }

        /// The problems of the declaration.
        var problems: [String] {
            var problems = backendProblem.map { [$0] } ?? []
            problems += backend?.problems ?? []
            if names.isEmpty { problems.append("it has no host name") }
            for name in names where !HostNames.isValid(name) {
                problems.append(
                    "invalid host name “\(name.escaped)”: write one such as shop.example.com or *.example.com, in "
                        + "lowercase"
                )
            }
            if Set(names).count != names.count { problems.append("it has a host name twice") }
            if bodyLimit.bytes < 1 {
                problems.append("invalid limit of request bodies \(bodyLimit): to nginx, 0 means no limit")
            }
            if directives.unicodeScalars.contains(where: {
                $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0x7F
            }) {
                problems.append("its directives have a control character in them")
            }
            if case .files(let certificate, let key) = tls {
                for path in [certificate, key] where !path.isAbsolute || !HostNames.isPlain(path: path.string) {
                    problems.append(
                        "invalid path of a certificate or key “\(path.string.escaped)”: write an absolute path "
                            + "without spaces"
                    )
                }
                let own = NginxPaths.certificate(siteName)
                if [certificate, key].contains(where: { $0.lexicallyNormalized() == own }) {
                    problems.append(
                        "“\(own.string.escaped)” is the path of certificates that Propel manages: keep yours elsewhere"
                    )
                }
            }
            return nameProblems + problems.map { "the site \(siteName.escaped): \($0)" }
        }

        /// The problems of the name.
        var nameProblems: [String] {
            if Stack.isName(siteName) { return [] }
            return [
                "invalid site name “\(siteName.escaped)”: begin with a lowercase letter or a digit, then use "
                    + "lowercase letters, digits, - and _"
            ]
        }
    }
}

/// Names that a site can answer to.
enum HostNames {
    static func isValid(_ name: String) -> Bool {
        let plain = name.hasPrefix("*.") ? name.dropFirst(2) : name[...]
        guard !plain.isEmpty, name.utf8.count <= 253 else { return false }
        return plain.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy {
                    ($0.isASCIILetterOrDigit || "-_".utf8.contains($0)) && !(0x41...0x5A).contains($0)
                }
        }
    }

    /// Whether the name is an IPv4 address, which has another syntax in certificates.
    static func isAddress(_ name: String) -> Bool {
        name.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }

    static func isPlain(path: String) -> Bool {
        path.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._/@+".utf8.contains($0) }
    }
}
