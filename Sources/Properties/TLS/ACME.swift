extension TLS {
    /// A certificate that a public authority issues for nothing, such as Let's Encrypt (RFC 8555), and its renewal.
    ///
    ///     TLS.ACME("mail", names: ["mail.example.com"], email: "anna@example.com", challenge: .standalone,
    ///              reloads: ["postfix", "dovecot"])
    ///     TLS.ACME("all", names: ["example.com", "*.example.com"], email: "anna@example.com",
    ///              challenge: .dns("cloudflare", credentials: "dns_cloudflare_api_token = \(Secret("dns-token"))"),
    ///              reloads: ["nginx"])
    ///     TLS.ACME("wiki", names: ["wiki.example.com"], email: "anna@example.com",
    ///              challenge: .lego("hetzner", variables: ["HETZNER_API_KEY": "\(Secret("dns-token"))"]))
    ///
    /// certbot gets and renews it: `/etc/letsencrypt/live/NAME/fullchain.pem` and `privkey.pem`, which root can read.
    /// The timer of its package renews it a month before it ends, and a deploy hook then reloads what uses it. Other
    /// names, another challenge or another server get another certificate. A site of nginx takes `tls: .acme(…)`,
    /// which includes this.
    ///
    /// With the challenge `.lego` it is lego that gets and renews it, by a timer `lego-NAME`, into
    /// `/var/lib/lego/NAME/certificates`. `/etc/lego/NAME/lego` on the machine is lego with all options.
    public struct ACME: CompositeProperty {
        public typealias Target = DebianLike

        /// The proof that the machine, or its owner, decides about the names.
        public enum Challenge: Sendable, Hashable {
            /// A file below this directory, which a web server on port 80 sends for `/.well-known/acme-challenge/`. A
            /// site of nginx with `tls: .acme(…)` does.
            case webroot(FilePath = "/var/www/acme")
            /// A server of certbot on port 80, which nothing else may use.
            case standalone
            /// A record in the DNS, the only proof for a wildcard, with a plugin of certbot: `cloudflare`, `rfc2136`,
            /// `ovh` and others, as in the name of the package `python3-certbot-dns-NAME`.
            /// - Parameters:
            ///   - plugin: its name.
            ///   - credentials: the content of its file of credentials, which only root can read.
            ///   - delay: how long the record takes until all servers have it; that of the plugin by default.
            case dns(String, credentials: Content, delay: Duration? = nil)
            /// A record in the DNS, set by lego, which knows more than a hundred providers.
            /// - Parameters:
            ///   - provider: its code, as `lego dnshelp` lists them: `hetzner`, `gandiv5`, `acme-dns`.
            ///   - variables: its variables with the credentials, as `lego dnshelp --code PROVIDER` names them. Each is
            ///     in a file that only root can read, and in no environment.
            case lego(String, variables: [String: Content])
        }

        /// The authority that issues the certificate.
        public enum Server: Sendable, Hashable {
            case letsEncrypt
            /// The one for trying: no limits, and nobody trusts its certificates.
            case letsEncryptStaging
            /// The URL of the directory of another authority.
            case other(String)

            var url: String {
                switch self {
                case .letsEncrypt: "https://acme-v02.api.letsencrypt.org/directory"
                case .letsEncryptStaging: "https://acme-staging-v02.api.letsencrypt.org/directory"
                case .other(let url): url
                }
            }
        }

        public let id: String
        public let names: [String]
        public let email: String?
        public let challenge: Challenge
        public let server: Server
        public let reloads: [String]
        public let hook: String

        /// - Parameters:
        ///   - id: the name of the certificate on the machine.
        ///   - names: the host names that it is for; `*.example.com` takes a DNS challenge.
        ///   - email: where the authority writes to; nil for nowhere.
        ///   - challenge: the proof; a file of a web server by default.
        ///   - server: the authority; Let's Encrypt by default. Its terms of service are accepted.
        ///   - reloads: the units that are reloaded, or restarted if they cannot, when there is another certificate.
        ///   - hook: lines of sh that are run after a renewal too, for example to copy the files; none by default. The
        ///     files are in `$RENEWED_LINEAGE`; lego names them in `$LEGO_CERT_PATH` and `$LEGO_CERT_KEY_PATH`.
        public init(
            _ id: String, names: [String], email: String?, challenge: Challenge = .webroot(),
            server: Server = .letsEncrypt, reloads: [String] = [], hook: String = ""
        ) {
            self.id = id
            self.names = names
            self.email = email
            self.challenge = challenge
            self.server = server
            self.reloads = reloads
            self.hook = hook
        }

        public var name: String { "certificate \(id) from ACME" }

        public var body: [Declaration] {
            if let lego {
                lego.body
            } else {
                certbotBody
            }
        }

        @PropertyBuilder<DebianLike> private var certbotBody: [Declaration] {
            Apt.Installed(packages)
            if case .webroot(let path) = challenge { Directory(path, parents: true) }
            Directory(Places.hooks, parents: true)
            File(places.hook, Content(hookText), mode: 0o755)
            if case .dns(_, let credentials, _) = challenge {
                File(places.credentials, credentials + "\n", mode: 0o600)
            }
            if reloads.isEmpty {
                IssuedCertificate(acme: self).requires(Apt.Installed(packages))
            } else {
                IssuedCertificate(acme: self).requires(Apt.Installed(packages)).onChange(
                    CertificateUsersReload(units: reloads))
            }
            Service("certbot.timer")
        }

        private var packages: [String] {
            if case .dns(let plugin, _, _) = challenge {
                ["certbot", "python3-certbot-dns-\(plugin)"]
            } else {
                ["certbot"]
            }
        }

        /// The certificate, followed by those of its issuers.
        public var certificatePath: FilePath { lego?.certificate ?? places.live.appending("fullchain.pem") }
        public var keyPath: FilePath { lego?.key ?? places.live.appending("privkey.pem") }

        private var hookText: String {
            """
            #!/bin/sh
            # Certbot runs this after each renewal, of any certificate.
            set -e
            [ "$RENEWED_LINEAGE" = \(places.live) ] || exit 0
            \(hookLines)
            """
        }

        /// The lines that are run when there is another certificate.
        var hookLines: String {
            let units = reloads.map(UnitName.full).joined(separator: " ")
            let reload = units.isEmpty ? "" : "systemctl try-reload-or-restart \(units)\n"
            return (hook.isEmpty ? "" : hook.trimmed + "\n") + reload
        }
    }
}

/// Reloads the units that use a certificate, if they run.
struct CertificateUsersReload: Action {
    typealias Target = AnyLinux

    let units: [String]

    var name: String { "reload \(units.joined(separator: ", ")) for a certificate" }

    func perform(on machine: Machine) async throws {
        try await machine.succeed(
            Invocation("systemctl", ["try-reload-or-restart", "--"] + units.map(UnitName.full)))
    }
}
