import Propel
import Sandbox
import Testing
import Vocabulary

/// Sites of nginx and certificates, judged by curl, openssl and certbot.
@Suite(.serialized)
struct SitesTests {
    @Test(.machines, arguments: [DebianRelease.bookworm])
    func `sites serve, and certificates are issued, trusted and renewed`(_ suite: DebianRelease) async throws {
        // Debian 12 alone has the ACME server.
        let hasACME = suite == .bookworm
        let machine = try await TestMachine.up(role: "sites", keys: hasACME ? "acme = true" : "", suite: suite)
        let first = try await machine.configuration.propel(json: machine.name)
        #expect(first.status == 0, "\(first)")
        let second = try await machine.configuration.propel(json: machine.name)
        #expect(second.status == 0, "\(second)")
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")

        try await expectTheSiteServes(machine)
        try await expectCertificatesOfTheAuthority(machine)
        try await expectAReplacedCertificateIsUsed(machine)
        if hasACME { try await expectTheIssuedCertificateIsRenewed(machine) }
    }

    private func expectTheSiteServes(_ machine: TestMachine) async throws {
        // Without -k: the machine trusts the authority that it has made.
        #expect(try await machine.ssh("curl -sS https://wiki.example.com/") == "wiki")
        let status = "curl -sS -o /dev/null -w '%{http_code} %{redirect_url}'"
        for (request, answer) in [
            ("https://wiki.example.com/.git/config", "404 "),
            ("https://wiki.example.com/health", "200 "),
            ("https://wiki.example.com/old/a", "301 https://wiki.example.com/new/"),
            ("https://wiki.example.com/private/a.txt", "401 "),
            ("-u anna:tulip https://wiki.example.com/private/a.txt", "200 "),
            ("-u anna:rose https://wiki.example.com/private/a.txt", "401 "),
            ("https://wiki.example.com/closed/a.txt", "403 "),
            ("http://wiki.example.com/a?b", "308 https://wiki.example.com/a?b"),
            ("https://www.wiki.example.com/a?b", "308 https://wiki.example.com/a?b"),
            ("-k https://127.0.0.1/health", "200 "),
        ] {
            #expect(try await machine.ssh("\(status) \(request)") == answer, "\(request)")
        }
        #expect(
            try await machine.ssh("curl -sS -I https://wiki.example.com/none | grep -i x-frame | tr -d '\\r'")
                .lowercased() == "x-frame-options: deny")
        #expect(try await machine.ssh("stat -c '%a %U:%G' /etc/nginx/staff.htpasswd") == "640 root:www-data")
        #expect(try await machine.ssh("nginx -t 2>&1 | grep -c warn; true") == "0")
        #expect(try await machine.ssh("test -s /var/log/nginx/wiki.log && echo logged") == "logged")
    }

    private func expectCertificatesOfTheAuthority(_ machine: TestMachine) async throws {
        #expect(
            try await machine.ssh(
                "openssl verify -x509_strict -CAfile /etc/ssl/propel/office.crt /etc/ssl/propel/nginx-wiki.crt")
                == "/etc/ssl/propel/nginx-wiki.crt: OK")
        #expect(
            try await machine.ssh("stat -c '%a %U' /etc/ssl/propel/{office,nginx-wiki,app}.key")
                == "600 root\n600 root\n600 www-data")
        try await machine.ssh("openssl pkey -in /etc/ssl/propel/app.key -noout")
        try await machine.ssh("openssl dhparam -in /etc/ssl/propel/dh.pem -check -noout 2>&1")
    }

    private func serial(_ machine: TestMachine, of name: String) async throws -> String {
        try await machine.ssh(
            "openssl s_client -connect 127.0.0.1:443 -servername \(name) < /dev/null 2> /dev/null | "
                + "openssl x509 -noout -serial")
    }

    /// As certbot, or a person, replaces the files.
    private func expectAReplacedCertificateIsUsed(_ machine: TestMachine) async throws {
        let before = try await serial(machine, of: "own.example.com")
        try await machine.ssh(
            "cd /srv/tls; openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=other -days 30 -keyout k -out c 2> "
                + "/dev/null; mv k key.pem; mv c certificate.pem")
        try await eventually("nginx uses the other certificate") {
            try await serial(machine, of: "own.example.com") != before
        }
    }

    private func expectTheIssuedCertificateIsRenewed(_ machine: TestMachine) async throws {
        let issuer =
            "openssl s_client -connect 127.0.0.1:443 -servername shop.example.com < /dev/null 2> /dev/null | "
            + "openssl x509 -noout -issuer"
        #expect(try await machine.ssh(issuer).contains("Pebble"))
        #expect(try await machine.ssh("ls /etc/ssl/private/nginx-shop.pem 2> /dev/null; true") == "")
        #expect(try await machine.ssh("systemctl is-active certbot.timer") == "active")
        let before = try await serial(machine, of: "shop.example.com")
        try await machine.ssh("certbot renew --quiet --force-renewal")
        try await eventually("nginx uses the renewed certificate") {
            try await serial(machine, of: "shop.example.com") != before
        }
        let after = try await machine.configuration.propel(json: machine.name)
        #expect(after.status == 0, "\(after)")
        #expect(try after.paths(.ok).count == after.properties.count, "\(after)")
    }
}
