import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Certificates of a certbot that gets them all.
@Suite(.recorded) struct ACMETests {
    let nginx = FakeNginx()
    private let sites = Reports()
    private var fake: FakeMachine { nginx.fake }

    init() {
        _ = FakeOpenSSL(fake)
        fake.files.put(
            "/var/lib/dpkg/status",
            FakeNginx.installed + "Package: certbot\nStatus: install ok installed\nVersion: 1\n\n"
                + "Package: python3-certbot-dns-cloudflare\nStatus: install ok installed\nVersion: 1\n\n")
        nginx.systemd["certbot.timer"] = FakeSystemd.Unit(active: "active", file: "enabled")
        FakeCertbot.plant(on: fake) { [nginx, sites] name in
            sites.add("generation \(nginx.generation): \(nginx.text(name).contains("acme-challenge"))")
        }
    }

    private var orders: [String] { fake.commands.log.filter { $0.hasPrefix("certbot") } }

    private func site(
        _ challenge: TLS.ACME.Challenge = .webroot(), names: [String] = ["shop.example.com"]
    ) -> Nginx.Site {
        Nginx.Site("shop", names: names, proxyTo: 8080, tls: .acme(email: "anna@example.com", challenge: challenge))
    }

    // MARK: The chicken and the egg

    @Test func `a site answers the authority before it has the certificate`() async throws {
        let host = nginx.host { site() }
        let before = nginx.generation
        let run = await nginx.enforce(host)
        #expect(run[.failed] == 0 && run[.skipped] == 0)
        // nginx had already been reloaded with the site when certbot asked for the certificate.
        #expect(sites.lines == ["generation \(before + 1): true"])
        #expect(
            orders == [
                "certbot certonly --non-interactive --agree-tos --cert-name shop --renew-with-new-domains --server "
                    + "https://acme-v02.api.letsencrypt.org/directory --email anna@example.com --webroot --webroot-path "
                    + "/var/www/acme --domains shop.example.com"
            ])
        let text = nginx.text("shop")
        #expect(text.contains("    ssl_certificate /etc/letsencrypt/live/shop/fullchain.pem;\n"))
        #expect(text.contains("    location ^~ /.well-known/acme-challenge/ {\n        root /var/www/acme;\n"))
        #expect(text.contains("    location / {\n        return 308 https://$host$request_uri;\n    }\n"))
        // The certificate of the beginning is gone, and nginx uses the issued one.
        #expect(nginx.certificate("shop") == nil)
        #expect(nginx.generation >= before + 2)
        let second = await nginx.enforce(host)
        #expect(second[.changed] == 0 && second[.failed] == 0 && orders.count == 1)
    }

    @Test func `a site whose certificate is refused serves with its own and tries again`() async throws {
        fake.commands.program("certbot") { _ in .failing(1, "Some challenges have failed.\n") }
        let run = await nginx.enforce(nginx.host { site() })
        #expect(run[.failed] == 1)
        #expect(nginx.isEnabled("shop"))
        #expect(nginx.text("shop").contains("ssl_certificate /etc/ssl/private/nginx-shop.pem;"))
        #expect(await nginx.enforce(nginx.host { site() })[.failed] == 1)
    }

    @Test(arguments: Fault.allCases)
    func `a site gets its certificate in the next run, whatever ended this one`(_ fault: Fault) async throws {
        let host = nginx.host { site() }
        func prepared() -> FakeNginx {
            let nginx = FakeNginx()
            _ = FakeOpenSSL(nginx.fake, isNumbered: false)
            nginx.systemd["certbot.timer"] = FakeSystemd.Unit(active: "active", file: "enabled")
            FakeCertbot.plant(on: nginx.fake)
            return nginx
        }
        try await atEveryOperation(of: prepared, \.fake, fault) { nginx in
            _ = await nginx.enforce(host)
        } judge: { nginx in
            let run = await nginx.enforce(host)
            try hold(run[.failed] == 0 && run[.skipped] == 0, "the next run fails: \(run)")
            let text = nginx.text("shop")
            try hold(text.contains("ssl_certificate /etc/letsencrypt/live/shop/fullchain.pem;"), text)
            try hold(nginx.certificate("shop") == nil, "the first certificate is still there")
            try hold(await nginx.enforce(host)[.changed] == 0, "the run after it changes something")
        }
    }

    @Test func `a renewal reloads what uses the certificate, and no other`() async throws {
        let acme = TLS.ACME(
            "mail", names: ["mail.example.com"], email: nil, challenge: .standalone,
            reloads: ["postfix", "dovecot.service"],
            hook: "install -m 640 \"$RENEWED_LINEAGE/privkey.pem\" /etc/app.key\n")
        #expect(await nginx.enforce(nginx.host { acme })[.failed] == 0)
        #expect(
            fake.files.text(at: "/etc/letsencrypt/renewal-hooks/deploy/propel-mail") == """
                #!/bin/sh
                # Certbot runs this after each renewal, of any certificate.
                set -e
                [ "$RENEWED_LINEAGE" = /etc/letsencrypt/live/mail ] || exit 0
                install -m 640 "$RENEWED_LINEAGE/privkey.pem" /etc/app.key
                systemctl try-reload-or-restart postfix.service dovecot.service

                """)
        #expect(fake.files["/etc/letsencrypt/renewal-hooks/deploy/propel-mail"]?.status.mode == 0o755)
        #expect(fake.commands.log.contains("systemctl try-reload-or-restart -- postfix.service dovecot.service"))
        #expect(orders[0].contains("--register-unsafely-without-email --standalone --domains mail.example.com"))
    }

    @Test func `credentials of the DNS are in a private file and in no argument`() async throws {
        let acme = TLS.ACME(
            "all", names: ["*.example.com"], email: "a@b.c",
            challenge: .dns(
                "cloudflare", credentials: "dns_cloudflare_api_token = \(Secret("token"))", delay: .seconds(60)))
        #expect(await nginx.enforce(nginx.host { acme }, ["token": "s3cret"])[.failed] == 0)
        let path: FilePath = "/etc/letsencrypt/credentials-all.ini"
        #expect(fake.files.text(at: path) == "dns_cloudflare_api_token = s3cret\n")
        #expect(fake.files[path]?.status.mode == 0o600)
        #expect(
            orders[0].contains(
                "--authenticator dns-cloudflare --dns-cloudflare-credentials \(path) "
                    + "--dns-cloudflare-propagation-seconds 60"))
        #expect(!fake.commands.log.joined().contains("s3cret"))
    }

    // MARK: What gets another certificate

    private func check(_ acme: TLS.ACME) async throws -> Check { try await fake.check(IssuedCertificate(acme: acme)) }

    private func acme(
        names: [String] = ["a.example.com"], _ challenge: TLS.ACME.Challenge = .webroot(),
        server: TLS.ACME.Server = .letsEncrypt
    ) -> TLS.ACME { TLS.ACME("shop", names: names, email: nil, challenge: challenge, server: server) }

    @Test func `another name, challenge or authority gets another certificate`() async throws {
        try await fake.obeysLaw(IssuedCertificate(acme: acme()))
        #expect(try await check(acme()) == .satisfied)
        for (other, isForced) in [
            (acme(names: ["a.example.com", "b.example.com"]), false),
            (acme(names: ["a.example.com", "b.example.com"], server: .letsEncryptStaging), true),
            (acme(names: ["a.example.com", "b.example.com"], .standalone), true),
            (acme(names: ["a.example.com"], .webroot("/srv/acme")), true),
        ] {
            try await fake.obeysLaw(IssuedCertificate(acme: other))
            #expect(orders.last?.hasSuffix("--force-renewal") == isForced, "\(orders.last ?? "")")
        }
    }

    @Test func `a certificate that was not renewed is asked for, and a young one starts no program`() async throws {
        try await fake.obeysLaw(IssuedCertificate(acme: acme()))
        let commands = fake.commands.log.count
        #expect(try await check(acme()) == .satisfied)
        #expect(fake.commands.log.count == commands)
        fake.pass(.seconds(85 * 86400))
        fake.commands.program("openssl") { _ in .failing(1) }
        #expect(try await check(acme()) == .unmet("it ends within a week and was not renewed"))
        fake.commands.program("openssl")
        #expect(try await check(acme()) == .satisfied)
    }

    @Test func `a certificate that certbot got before is known by its names`() async throws {
        try await fake.obeysLaw(IssuedCertificate(acme: acme()))
        try CertificateRecord.forget("acme-shop", on: fake.machine)
        fake.commands.program("openssl", prints: "X509v3 Subject Alternative Name: \n    DNS:a.example.com\n")
        #expect(try await check(acme()) == .satisfied)
        fake.commands.program("openssl", prints: "    DNS:a.example.com, DNS:a.example.com.au\n")
        #expect(
            try await check(acme()) == .unmet("names a.example.com, a.example.com.au → a.example.com"))
    }

    @Test(arguments: [
        TLS.ACME("../a", names: ["a.example.com"], email: nil), TLS.ACME("a", names: [], email: nil),
        TLS.ACME("a", names: ["*.example.com"], email: nil), TLS.ACME("a", names: ["10.0.0.1"], email: nil),
        TLS.ACME("a", names: ["a.example.com"], email: "--anna"), TLS.ACME("a", names: ["a,b"], email: nil),
        TLS.ACME("a", names: ["a.example.com"], email: nil, challenge: .webroot("acme")),
        TLS.ACME("a", names: ["a.example.com"], email: nil, challenge: .dns("x y", credentials: "")),
        TLS.ACME("a", names: ["a.example.com"], email: nil, challenge: .dns("route53", credentials: "")),
        TLS.ACME("a", names: ["a.example.com"], email: nil, server: .other("http://ca.example.com")),
        TLS.ACME("a", names: ["a.example.com"], email: nil, reloads: ["a b"]),
    ])
    func `an invalid certificate is a problem`(_ acme: TLS.ACME) async throws {
        #expect(IssuedCertificate(acme: acme).problems.count == 1)
        await #expect(throws: Failure.self) { try await check(acme) }
        #expect(orders.isEmpty)
    }

    @Test func `a site cannot prove what its port does not allow`() {
        #expect(nginx.host { site(.standalone) }.problems.contains { $0.contains("nginx has port 80") })
        let other = Nginx.Site(
            "shop", names: ["shop.example.com"], proxyTo: 1, tls: .acme(email: nil), options: .init(httpPort: 8080))
        #expect(nginx.host { other }.problems.contains { $0.contains("is not 80") })
        #expect(nginx.host { site(names: ["*.example.com"]) }.problems.contains { $0.contains("proof in the DNS") })
    }

    // MARK: A private authority

    @Test func `a site has a certificate of the authority of the machine`() async throws {
        let office = TLS.Authority("office", commonName: "Office CA")
        let host = nginx.host {
            office
            Nginx.Site("wiki", names: ["wiki.example.com"], proxyTo: 1, tls: .signed(by: .authority(office)))
        }
        let run = await nginx.enforce(host)
        #expect(run[.failed] == 0 && run[.skipped] == 0)
        #expect(nginx.text("wiki").contains("    ssl_certificate /etc/ssl/propel/nginx-wiki.crt;\n"))
        #expect(fake.files.text(at: "/etc/ssl/propel/nginx-wiki.crt")?.contains("DNS:wiki.example.com") == true)
        #expect(await nginx.enforce(host)[.changed] == 0)
    }
}
