extension Nginx {
    /// A site of the host's nginx, which passes requests to a service.
    ///
    ///     Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: .selfSigned)
    ///     Nginx.Site("wiki", names: ["wiki.example.com"], proxyTo: "http://10.0.0.5:3000",
    ///                tls: .secrets(certificate: Secret("wiki-certificate"), key: Secret("wiki-key")))
    ///
    /// It is `/etc/nginx/sites-available/NAME` and a link to it in `sites-enabled`. Before anything is written, `nginx -t` must accept
    /// the whole configuration with the new sites and their certificates in it: one that is not valid is refused with nginx's own
    /// words, and nginx goes on with what it has. After all properties nginx reloads, once, and no connection is cut; see ``Reload``.
    ///
    /// With TLS it speaks HTTP/2, and plain HTTP is redirected. The service is told by `X-Forwarded-For`, `-Proto`, `-Host` and
    /// `X-Real-IP` who asked for what; websockets work.
    public struct Site: CompositeProperty {
        public typealias Target = DebianLike

        public let siteName: String
        /// The host names that it answers to.
        public let names: [String]
        /// Nil where it could not be told: see ``problems``.
        let backend: Backend?
        public let tls: TLS
        /// Whether requests without TLS are sent to where there is TLS.
        public let redirectsToTLS: Bool
        /// How large the body of a request may be.
        public let bodyLimit: ByteSize
        /// More directives for the server that does the work.
        public let directives: String
        /// Why there is no backend.
        private let backendProblem: String?

        /// - Parameters:
        ///   - name: of its files: small letters, digits, `-` and `_`.
        ///   - names: the host names that it answers to, at least one; `*.example.com` for all below one.
        ///   - backend: whom requests are passed to: a port of the machine, or an URL.
        ///   - tls: where its certificate is from; no TLS by default.
        ///   - redirectsToTLS: whether requests without TLS are redirected, for good (308); yes by default. Else they are served too.
        ///   - bodyLimit: how large the body of a request may be; 1 MiB by default, as nginx has it.
        ///   - directives: more directives for the server that does the work, a line each; none by default.
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
            // Not a running nginx: one that a broken site keeps from starting could never be mended. And openssl also where this
            // site has no certificate made by it: sites that require the same are tried together.
            SiteConfiguration(site: self).requires(Apt.Installed("nginx")).requires(Apt.Installed("openssl")).onChange(
                Reload())
            Engine()
        }

        /// The opposite: the site is gone with its certificate, and what was there before is back. nginx stays.
        public func reverted() -> PropertyGroup<DebianLike> {
            PropertyGroup("no \(name)") { SiteAbsence(site: self).onChange(Reload()) }
        }

        /// What is wrong with it as it is declared.
        var problems: [String] {
            var problems = backendProblem.map { [$0] } ?? []
            problems += backend?.problems ?? []
            if names.isEmpty { problems.append("it has no host name") }
            for name in names where !HostNames.isValid(name) {
                problems.append(
                    "“\(name.escaped)” is no host name: write one such as shop.example.com or *.example.com, in small letters"
                )
            }
            if Set(names).count != names.count { problems.append("it has a host name twice") }
            if bodyLimit.bytes < 1 { problems.append("it takes no body of a request: a limit of 0 would be none") }
            if directives.unicodeScalars.contains(where: {
                $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0x7F
            }) {
                problems.append("there is a control character in its directives")
            }
            if case .files(let certificate, let key) = tls {
                for path in [certificate, key] where !path.isAbsolute || !HostNames.isPlain(path: path.string) {
                    problems.append(
                        "“\(path.string.escaped)” is no path of a certificate or key: write it from the root on, without spaces"
                    )
                }
                let own = NginxPaths.certificate(siteName)
                if [certificate, key].contains(where: { $0.lexicallyNormalized() == own }) {
                    problems.append(
                        "“\(own.string.escaped)” is where Propel puts certificates of its own, and takes them away: keep yours elsewhere"
                    )
                }
            }
            return nameProblems + problems.map { "the site \(siteName.escaped): \($0)" }
        }

        /// What is wrong with what its files are called by.
        var nameProblems: [String] {
            if Stack.isName(siteName) { return [] }
            return [
                "the site \(siteName.escaped): “\(siteName.escaped)” is no name of a site: it has small letters, digits, - and _, and begins with a letter or a digit"
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

    /// Whether it is an address in version 4 of the protocol, which a certificate names otherwise than a host.
    static func isAddress(_ name: String) -> Bool {
        name.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }

    static func isPlain(path: String) -> Bool {
        path.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._/@+".utf8.contains($0) }
    }
}
