import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct NginxTests {
    let nginx = FakeNginx()
    let site = Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080)

    private var fake: FakeMachine { nginx.fake }
    private var reloads: Int { nginx.reloads }
    private func host(@PropertyBuilder<Debian> _ properties: () -> [Declaration]) -> Host { nginx.host(properties) }
    private func enforce(_ host: Host) async -> RunSummary { await nginx.enforce(host) }

    @Test func `a site is written linked and reloaded once`() async throws {
        let host = host { site }
        let run = await enforce(host)
        #expect(run[.failed] == 0)
        #expect(run[.changed] == 2)
        #expect(fake.files["/etc/nginx/sites-enabled/shop"]?.destination == "/etc/nginx/sites-available/shop")
        #expect(fake.files["/etc/nginx/sites-available/shop"]?.status.mode == 0o644)
        let text = fake.files.text(at: "/etc/nginx/sites-available/shop") ?? ""
        #expect(text.contains("    listen 80;\n    listen [::]:80;\n    server_name shop.example.com;\n"))
        #expect(text.contains("\n        proxy_pass http://127.0.0.1:8080;\n"))
        #expect(!text.contains("ssl"))
        #expect(reloads == 1)
        let second = await enforce(host)
        #expect(second[.changed] == 0)
        #expect(reloads == 1)
    }

    @Test func `drift is repaired and a relative link serves`() async throws {
        #expect(await enforce(host { site })[.changed] == 2)
        fake.files.put("/etc/nginx/sites-enabled/shop", linkTo: "../sites-available/shop")
        #expect(await enforce(host { site })[.changed] == 0)
        try fake.files.remove("/etc/nginx/sites-enabled/shop")
        #expect(await enforce(host { site })[.changed] == 2)
        #expect(fake.files["/etc/nginx/sites-enabled/shop"] != nil)
    }

    @Test func `a revert restores the packages from before`() async throws {
        fake.files.put("/etc/nginx/sites-available/shop", "# mine\n", mode: 0o600)
        let before = nginx.configuration
        #expect(await enforce(host { site })[.failed] == 0)
        #expect(await enforce(host { site.reverted() })[.failed] == 0)
        #expect(nginx.configuration == before)
        #expect(reloads == 2)
    }

    // MARK: What the service is told

    @Test(arguments: [
        ("http://10.0.0.5/wiki/", "http://10.0.0.5/wiki/"), ("http://10.0.0.5/wiki", "http://10.0.0.5/wiki/"),
        ("https://10.0.0.5:8443/a/b", "https://10.0.0.5:8443/a/b/"), ("http://10.0.0.5/", "http://10.0.0.5/"),
        ("http://10.0.0.5:3000", "http://10.0.0.5:3000"),
    ])
    func `the path of a request is kept below the prefix`(_ url: String, _ address: String) async {
        #expect(
            await enforce(host { Nginx.Site("shop", names: ["shop.example.com"], proxyTo: .url(url)) })[.failed] == 0)
        #expect(nginx.text("shop").contains("\n        proxy_pass \(address);\n"))
    }

    @Test func `only valid host names and websocket upgrades pass`() async {
        #expect(await enforce(host { site })[.failed] == 0)
        let text = nginx.text("shop")
        #expect(
            text.contains("proxy_set_header Host $propel_host;")
                && text.contains("proxy_set_header X-Forwarded-Host $propel_host;"))
        #expect(
            text.contains(
                "set $propel_host $host;\n    if ($http_host ~ \":([0-9]+)$\") { set $propel_host $host:$1; }\n"))
        #expect(text.contains("if ($http_upgrade ~* \"^websocket$\") {\n"))
        #expect(
            text.contains("proxy_set_header Upgrade $propel_upgrade;")
                && text.contains("proxy_set_header Connection $propel_connection;"))
        #expect(!text.contains("$http_host;") && !text.contains("$http_upgrade;"))
    }

    @Test func `http2 is spelled as the version takes it`() async throws {
        let site = Nginx.Site(
            "shop", names: ["shop.example.com"], proxyTo: 8080,
            tls: .files(certificate: "/etc/a.pem", key: "/etc/b.pem"))
        #expect(await enforce(host { site })[.failed] == 0)
        let text = fake.files.text(at: "/etc/nginx/sites-available/shop") ?? ""
        #expect(text.contains("listen 443 ssl http2;") && !text.contains("http2 on"))
        #expect(text.contains("return 308 https://$host$request_uri;"))
        #expect(text.contains("ssl_certificate /etc/a.pem;\n    ssl_certificate_key /etc/b.pem;"))
        fake.files.put("/var/lib/dpkg/status", FakeNginx.installed.replacing("1.22.1-9", with: "1.26.3-3+deb13u1"))
        #expect(await enforce(host { site })[.failed] == 0)
        let later = fake.files.text(at: "/etc/nginx/sites-available/shop") ?? ""
        #expect(later.contains("listen 443 ssl;") && later.contains("http2 on;"))
    }

    // MARK: What is found before any machine is touched

    @Test func `sites share their ports and not their names`() {
        let two = host {
            Nginx.Engine(isDefaultSiteEnabled: false)
            Nginx.Site("a", names: ["a.example.com"], proxyTo: 1)
            Nginx.Site("b", names: ["b.example.com"], proxyTo: 2, tls: .selfSigned)
        }
        #expect(two.conflicts.isEmpty)
        let same = host {
            Nginx.Site("a", names: ["a.example.com"], proxyTo: 1)
            Nginx.Site("b", names: ["a.example.com"], proxyTo: 2)
        }
        #expect(same.conflicts.map(\.subject) == ["the site that answers to a.example.com"])
        let renamed = host {
            Nginx.Site("a", names: ["a.example.com"], proxyTo: 1).reverted()
            Nginx.Site("b", names: ["a.example.com"], proxyTo: 2)
        }
        #expect(renamed.conflicts.isEmpty)
        let taken = host {
            site
            Service("apache2", ports: [80])
        }
        #expect(taken.conflicts.map(\.subject) == ["the port 80/tcp"])
    }

    @Test(arguments: [
        Nginx.Site("../shop", names: ["a.example.com"], proxyTo: 1), Nginx.Site("shop", names: [], proxyTo: 1),
        Nginx.Site("shop", names: ["a b"], proxyTo: 1), Nginx.Site("shop", names: ["a;b"], proxyTo: 1),
        Nginx.Site("shop", names: ["A.com"], proxyTo: 1),
        Nginx.Site("shop", names: ["a", "a"], proxyTo: 1), Nginx.Site("shop", names: ["a"], proxyTo: 0),
        Nginx.Site("shop", names: ["a"], proxyTo: "localhost:80"),
        Nginx.Site("shop", names: ["a"], proxyTo: "http://a; }"),
        Nginx.Site("shop", names: ["a"], proxyTo: .container("app", port: 80)),
        Nginx.Site("shop", names: ["a"], proxyTo: "http://a/b?c"),
        Nginx.Site("shop", names: ["a"], proxyTo: 1, tls: .files(certificate: "a.pem", key: "/b.pem")),
        Nginx.Site(
            "shop", names: ["a"], proxyTo: 1,
            tls: .files(certificate: "/a.pem", key: "/etc/ssl/private/./nginx-shop.pem")),
        Nginx.Site("shop", names: ["a"], proxyTo: 1, bodyLimit: .mebibytes(0)),
    ])
    func `an invalid site is a problem`(_ site: Nginx.Site) async {
        let host = host { site }
        #expect(host.problems.count == 1)
        let run = await enforce(host)
        #expect(run[.failed] >= 1)
        #expect(fake.files["/etc/nginx/sites-enabled/shop"] == nil)
    }

    // MARK: Stacks

    private let stack = Stack("shop") {
        Container("app", image: "shop/app") {
            Publish(8080, to: 80, on: "127.0.0.1")
            Publish(9090, to: 90, on: "::1")
        }
        Container("db", image: "shop/db")
    }

    @Test func `the hosts nginx reaches a container by its port`() async throws {
        let host = host {
            stack
            Nginx.Site(for: stack, container: "app", port: 80, names: ["shop.example.com"])
        }
        #expect(host.problems.isEmpty)
        #expect(Nginx.Site(for: stack, container: "app", port: 80, names: []).siteName == "shop")
        #expect(
            await enforce(
                self.host { Nginx.Site(for: stack, container: "app", port: 90, names: ["shop.example.com"]) })[.failed]
                == 0)
        #expect(
            fake.files.text(at: "/etc/nginx/sites-available/shop")?.contains("proxy_pass http://[::1]:9090;") == true)
    }

    @Test func `the hosts nginx finds a container on one of several ports`() async throws {
        let stack = Stack("shop") {
            Container("app", image: "shop/app") { Publish(oneOf: 8080...8082, to: 80) }
        }
        let host = host { Nginx.Site(for: stack, container: "app", names: ["shop.example.com"]) }
        #expect(host.problems.isEmpty)
        #expect(await enforce(host)[.failed] == 0)
        let text = fake.files.text(at: "/etc/nginx/sites-available/shop") ?? ""
        #expect(text.contains("upstream propel_shop_1 {\n    include /etc/nginx/propel/shop.app;\n}\n"))
        #expect(text.contains("proxy_pass http://propel_shop_1;"))
        let path: FilePath = "/etc/nginx/propel/shop.app"
        #expect(
            fake.files.text(at: path)?.split(separator: "\n").dropFirst() == [
                "server 127.0.0.1:8080 max_fails=0;", "server 127.0.0.1:8081 max_fails=0 backup;",
                "server 127.0.0.1:8082 max_fails=0 backup;",
            ])
        // A deployment may have made another one the first.
        let ports = try #require(ContainerPorts(of: stack.containers[0], in: stack))
        try ports.write(first: 8082, on: fake.machine)
        #expect(await enforce(host)[.changed] == 0)
        #expect(try ports.first(on: fake.machine) == 8082)
        fake.files.put(path, "server 127.0.0.1:9999;\n")
        // With the reload.
        #expect(await enforce(host)[.changed] == 2)
        #expect(try ports.first(on: fake.machine) == 8080)
    }

    @Test func `a container that nginx cannot reach is a problem`() {
        func problems(_ container: String, _ port: UInt16? = nil) -> [String] {
            host { Nginx.Site(for: stack, container: container, port: port, names: ["shop.example.com"]) }.problems
        }
        #expect(problems("ap").first?.contains("the stack shop has no container ap") == true)
        #expect(problems("db").first?.contains("the container db publishes no port") == true)
        #expect(problems("app").first?.contains("say which with `port:`, one of 80, 90") == true)
        #expect(problems("app", 81).first?.contains("does not publish its port 81") == true)
        #expect(problems("app", 80).isEmpty)
    }

    @Test func `a container of nginx gets its sites`() {
        let stack = Stack("shop") {
            Container("app", image: "shop/app")
            Container("front", image: "nginx", tag: "1.28") {
                Publish(443)
                NginxSites(
                    Nginx.Site(
                        "shop", names: ["shop.example.com"], proxyTo: .container("app", port: 80),
                        tls: .secrets(certificate: Secret("certificate"), key: Secret("key"))))
            }
        }
        let text = stack.composeText
        #expect(text.contains("/etc/nginx/conf.d/shop.conf") && text.contains("/etc/nginx/tls/shop.pem"))
        #expect(text.contains("depends_on"))
        let host = host { stack }
        #expect(host.problems.isEmpty)
        #expect(Set(host.steps.flatMap(\.property.secrets)) == [Secret("certificate"), Secret("key")])
    }

    @Test func `settings that an nginx container cannot have are a problem`() {
        let host = host {
            Stack("shop") {
                Container("front", image: "nginx") {
                    NginxSites(Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: .selfSigned))
                }
            }
        }
        #expect(host.problems.count == 2)
    }
}
