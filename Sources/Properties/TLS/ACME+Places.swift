extension TLS.ACME {
    var places: Places { Places(id: id) }

    /// The files, units and records of a certificate on the machine, by its name.
    struct Places {
        let id: String

        private static let certbot: FilePath = "/etc/letsencrypt"
        /// The directory of certbot's hooks, which it runs after each renewal.
        static let hooks = certbot.appending("renewal-hooks").appending("deploy")

        private func name(_ text: String) -> FilePath.Component { FilePath.Component(escaping: text) }

        // MARK: certbot

        /// The settings with which certbot renews it.
        var renewal: FilePath { Self.certbot.appending("renewal").appending(name("\(id).conf")) }
        /// The links to the present certificate and its key.
        var live: FilePath { Self.certbot.appending("live").appending(name(id)) }
        var archive: FilePath { Self.certbot.appending("archive").appending(name(id)) }
        var hook: FilePath { Self.hooks.appending(name("propel-\(id)")) }
        var credentials: FilePath { Self.certbot.appending(name("credentials-\(id).ini")) }
        /// The name of its ``CertificateRecord``.
        var record: String { "acme-\(id)" }

        // MARK: lego

        /// The scripts and the credentials.
        var legoDirectory: FilePath { FilePath("/etc/lego").appending(name(id)) }
        /// The account and the certificates.
        var legoData: FilePath { FilePath("/var/lib/lego").appending(name(id)) }
        var legoTimer: String { "lego-\(id)" }
        /// The name of its ``CertificateRecord``.
        var legoRecord: String { "lego-\(id)" }
    }
}
