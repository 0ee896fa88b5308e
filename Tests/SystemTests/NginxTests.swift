import Vocabulary
import Foundation
import Propel
import Sandbox
import Testing

/// nginx in front of a page, on real machines.
@Suite(.serialized)
struct NginxTests {
    @Test(.machines, arguments: DebianRelease.allCases)
    func `a site answers, and an invalid change does not stop it`(_ suite: DebianRelease) async throws {
        let names = "names = [\"hello.example.com\", \"*.hello.example.com\"]"
        let machine = try await TestMachine.up(role: "web", keys: names, suite: suite)
        let first = try await machine.configuration.propel(machine.name)
        #expect(first.status == 0, "\(first)")
        _ = try await machine.ssh("apt-get install --yes curl")
        try await expectTheSiteAnswers(machine)
        try await expectTheCertificate(machine, "DNS:hello.example.com, DNS:*.hello.example.com")
        #expect(try await machine.ssh("nginx -t 2>&1 | grep --count warn; true") == "0")

        let second = try await machine.configuration.propel(json: machine.name)
        #expect(second.status == 0, "\(second)")
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")

        let master = try await machine.ssh("systemctl show --property=MainPID nginx")
        try await expectAnInvalidSiteIsRejected(machine, names)
        try await expectDriftIsRepaired(machine, names)
        try await expectForwardedHeadersAreTrue(machine)
        try await expectSitesAreTriedTogether(machine, names)
        try await expectAForeignServerNameIsRejected(machine, names)
        try await expectOtherNamesCauseAReload(machine)
        #expect(try await machine.ssh("systemctl show --property=MainPID nginx") == master)
        try await expectARevertRemovesTheSite(machine)
    }

    private func fetch(_ machine: TestMachine, _ url: String, _ options: String = "") async throws -> String {
        let host = url.split(separator: "/")[1]
        return try await machine.ssh(
            "curl -sS -k --resolve \(host):443:127.0.0.1 --resolve \(host):80:127.0.0.1 \(options) \(url)")
    }

    private func expectTheSiteAnswers(_ machine: TestMachine) async throws {
        // busybox begins to listen a moment after systemd has started it.
        try await eventually("the page answers") {
            try await fetch(machine, "https://hello.example.com/") == "Hello from \(machine.name)."
        }
        let status = "-o /dev/null -w '%{http_code} %{http_version} %{redirect_url}'"
        #expect(try await fetch(machine, "https://any.hello.example.com/", status) == "200 2 ")
        #expect(
            try await fetch(machine, "http://hello.example.com/a?b", status) == "308 1.1 https://hello.example.com/a?b")
    }

    private func expectTheCertificate(_ machine: TestMachine, _ names: String) async throws {
        let path = "/etc/ssl/private/nginx-hello.pem"
        #expect(try await machine.ssh("stat -c '%a %U %G' \(path)") == "600 root root")
        // As it is served, and not as it is on the disk.
        let served = "openssl s_client -connect 127.0.0.1:443 -servername hello.example.com < /dev/null 2> /dev/null"
        #expect(
            try await machine.ssh("\(served) | openssl x509 -noout -ext subjectAltName | tail -1 | sed 's/^ *//'")
                == names)
    }

    private func expectAnInvalidSiteIsRejected(_ machine: TestMachine, _ names: String) async throws {
        let before = try await machine.ssh("sha256sum /etc/nginx/sites-available/hello")
        try machine.describe(role: "web", keys: names + "\ndirectives = \"nonsense on;\"")
        let run = try await machine.configuration.propel(machine.name)
        #expect(run.status == 1, "\(run)")
        #expect(
            (run.output + run.errors).contains("unknown directive \"nonsense\" in /etc/nginx/sites-available/hello:"),
            "\(run)")
        #expect(try await machine.ssh("sha256sum /etc/nginx/sites-available/hello") == before)
        #expect(
            try await machine.ssh(
                "ls -A /etc/nginx | grep --count propel; ls -d /run/propel-scratch 2> /dev/null; true") == "0")
        try await expectTheSiteAnswers(machine)
    }

    private func expectDriftIsRepaired(_ machine: TestMachine, _ names: String) async throws {
        try machine.describe(role: "web", keys: names)
        let certificate = try await machine.ssh("sha256sum /etc/ssl/private/nginx-hello.pem")
        _ = try await machine.ssh(
            "echo '# drift' >> /etc/nginx/sites-available/hello; rm /etc/nginx/sites-enabled/hello; chmod 644 "
                + "/etc/ssl/private/nginx-hello.pem"
        )
        let run = try await machine.configuration.propel(machine.name)
        #expect(run.status == 0, "\(run)")
        // Who may read it was wrong, and nothing else.
        #expect(try await machine.ssh("sha256sum /etc/ssl/private/nginx-hello.pem") == certificate)
        try await expectTheSiteAnswers(machine)
        try await expectTheCertificate(machine, "DNS:hello.example.com, DNS:*.hello.example.com")
    }

    private func expectForwardedHeadersAreTrue(_ machine: TestMachine) async throws {
        try await machine.ssh(
            "mkdir /srv/hello/cgi-bin; printf '%s\\n' '#!/bin/sh' 'echo Content-Type: text/plain; echo; env | grep "
                + "^HTTP_ | sort' > /srv/hello/cgi-bin/told; chmod 755 /srv/hello/cgi-bin /srv/hello/cgi-bin/told"
        )
        func told(_ options: String) async throws -> Set<String> {
            Set(
                try await fetch(machine, "https://hello.example.com/cgi-bin/told", "--http1.1 \(options)").split(
                    separator: "\n"
                ).map(String.init))
        }
        let plain = try await told("-H 'Upgrade: h2c' -H 'Connection: Upgrade'")
        #expect(
            plain.isSuperset(of: [
                "HTTP_HOST=hello.example.com", "HTTP_X_FORWARDED_PROTO=https",
                "HTTP_X_FORWARDED_HOST=hello.example.com",
            ]), "\(plain)")
        #expect(!plain.contains { $0.hasPrefix("HTTP_UPGRADE") || $0.hasPrefix("HTTP_CONNECTION=U") }, "\(plain)")
        let port = try await told("-H 'Host: Hello.example.com:8443'")
        #expect(
            port.isSuperset(of: ["HTTP_HOST=hello.example.com:8443", "HTTP_X_FORWARDED_HOST=hello.example.com:8443"]),
            "\(port)")
        let websocket = try await told("-H 'Upgrade: WebSocket' -H 'Connection: Upgrade'")
        #expect(websocket.isSuperset(of: ["HTTP_UPGRADE=websocket", "HTTP_CONNECTION=upgrade"]), "\(websocket)")
        try await machine.ssh("rm -r /srv/hello/cgi-bin")
    }

    /// Two broken sites are both repaired, and of two changed sites the valid one is used.
    private func expectSitesAreTriedTogether(_ machine: TestMachine, _ names: String) async throws {
        let isUsed =
            "curl -sS -D - -o /dev/null --resolve other.example.com:80:127.0.0.1 http://other.example.com/ | grep "
            + "--count 'X-Site: other'; true"
        try machine.describe(role: "web", keys: names + "\nother = \"add_header X-Site other;\"")
        let first = try await machine.configuration.propel(machine.name)
        #expect(first.status == 0, "\(first)")
        // At once, since a reload has only succeeded when nginx uses what is new.
        #expect(try await machine.ssh(isUsed) == "1")

        try await machine.ssh(
            "for site in hello other; do echo 'nonsense on;' >> /etc/nginx/sites-available/$site; done; ! nginx -t "
                + "-q 2> /dev/null"
        )
        let mended = try await machine.configuration.propel(machine.name)
        #expect(mended.status == 0, "\(mended)")
        try await machine.ssh("nginx -t -q")

        try machine.describe(
            role: "web", keys: names + "\ndirectives = \"nonsense on;\"\nother = \"add_header X-Site another;\"")
        let half = try await machine.configuration.propel(json: machine.name)
        #expect(half.status == 1, "\(half)")
        #expect(try half.paths(.failed) == ["site hello/nginx: site hello"], "\(half)")
        #expect(try half.paths(.changed).contains("reload nginx"), "\(half)")
        #expect(try await machine.ssh(isUsed.replacingOccurrences(of: "X-Site: other", with: "X-Site: another")) == "1")
        try machine.describe(role: "web", keys: names)
        #expect(try await machine.configuration.propel(machine.name).status == 0)
        try await machine.ssh("rm /etc/nginx/sites-enabled/other && nginx -s reload")
    }

    private func expectAForeignServerNameIsRejected(_ machine: TestMachine, _ names: String) async throws {
        try await machine.ssh(
            "echo 'server { listen 80; server_name a.example.com taken.example.com; }' > /etc/nginx/conf.d/mine.conf")
        try machine.describe(role: "web", keys: names.replacingOccurrences(of: "[", with: "[\"taken.example.com\", "))
        let run = try await machine.configuration.propel(machine.name)
        #expect(run.status == 1, "\(run)")
        let words = run.output + run.errors
        #expect(
            words.contains(
                "the site hello and /etc/nginx/conf.d/mine.conf both answer to taken.example.com"),
            "\(run)")
        #expect(words.contains("conflicting server name \"taken.example.com\" on 0.0.0.0:80, ignored"), "\(run)")
        #expect(try await machine.ssh("grep --count taken /etc/nginx/sites-available/hello; true") == "0")
        try machine.describe(role: "web", keys: names)
        try await machine.ssh("rm /etc/nginx/conf.d/mine.conf")
        #expect(try await machine.configuration.propel(machine.name).status == 0)
    }

    private func expectOtherNamesCauseAReload(_ machine: TestMachine) async throws {
        try machine.describe(
            role: "web",
            keys:
                "names = [\"hello.example.com\", \"any.hello.example.com\", \"10.1.2.3\"]\ndirectives = "
                + "\"add_header X-Site hello;\""
        )
        let run = try await machine.configuration.propel(machine.name)
        #expect(run.status == 0, "\(run)")
        #expect(try await fetch(machine, "https://hello.example.com/", "-D - -o /dev/null").contains("x-site: hello"))
        try await expectTheSiteAnswers(machine)
        try await expectTheCertificate(machine, "DNS:hello.example.com, DNS:any.hello.example.com, IP Address:10.1.2.3")
    }

    private func expectARevertRemovesTheSite(_ machine: TestMachine) async throws {
        try machine.describe(role: "web", keys: "site = false")
        let run = try await machine.configuration.propel(machine.name)
        #expect(run.status == 0, "\(run)")
        #expect(
            try await machine.ssh(
                "ls /etc/nginx/sites-enabled; ls /etc/ssl/private | grep --count nginx; nginx -t -q; true") == "0")
        let second = try await machine.configuration.propel(json: machine.name)
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")
    }
}
