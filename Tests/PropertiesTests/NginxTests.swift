import PropelTesting
import Properties
import Testing

@Suite struct NginxTests {
    let fake = FakeMachine()
    let site = Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080)

    init() {
        fake.files.put(directory: "/run")
        for directory: FilePath in ["/etc/nginx/sites-available", "/etc/nginx/sites-enabled"] { fake.files.put(directory: directory) }
        fake.files.put("/etc/nginx/nginx.conf", "events {}\nhttp {\n\tinclude /etc/nginx/conf.d/*.conf;\n\tinclude /etc/nginx/sites-enabled/*;\n}\n")
        fake.files.put("/etc/nginx/sites-available/blog", "server { listen 80; }\n")
        fake.files.put("/etc/nginx/sites-enabled/blog", linkTo: "/etc/nginx/sites-available/blog")
        fake.files.put(directory: "/etc/ssl/private", mode: 0o710)
        fake.files.put("/var/lib/dpkg/status", Self.installed)
        fake.commands.program("systemctl") { _ in
            .printing("Id=nginx.service\nNames=nginx.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no\n")
        }
        fake.commands.program("nginx") { [fake] _ in
            let candidate = fake.files.text(at: "/run/propel-scratch/nginx/shop") ?? ""
            guard candidate.contains("nonsense") else { return .printing() }
            return .failing(1, "nginx: [emerg] unknown directive \"nonsense\" in /run/propel-scratch/nginx/shop:7\n")
        }
    }

    private static let installed = ["nginx", "openssl"].map { "Package: \($0)\nStatus: install ok installed\nVersion: 1.22.1-9\n\n" }.joined()

    private func host(@PropertyBuilder<Debian> _ properties: () -> [Declaration]) -> Host { Host("test", runs: Debian.self, properties) }

    private func enforce(_ host: Host) async -> RunEnding {
        fake.machine.forgetFacts()
        return await Engine(host: host, machine: fake.machine) { _ in }.enforce()
    }

    private var reloads: Int { fake.commands.log.filter { $0 == "systemctl reload-or-restart -- nginx.service" }.count }

    @Test func aSiteIsWrittenLinkedAndReloadedOnce() async throws {
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

    @Test func itIsTriedAmongTheOthersAndNothingIsLeftOfTheTrial() async throws {
        let seen = Reports()
        fake.commands.program("nginx") { [fake] command in
            seen.add(fake.files.text(at: FilePath(command.arguments.last ?? "")) ?? "")
            return fake.files["/etc/nginx/sites-available/shop"] == nil ? .printing() : .failing(1, "it is there already")
        }
        #expect(await enforce(host { site })[.failed] == 0)
        #expect(fake.commands.log.contains("nginx -t -q -c /etc/nginx/.propel-trial.conf"))
        #expect(
            seen.lines == [
                "events {}\nhttp {\n\tinclude /etc/nginx/conf.d/*.conf;\ninclude \"/etc/nginx/sites-enabled/blog\"; include \"/run/propel-scratch/nginx/shop\";\n}\n"
            ])
        #expect(fake.files["/etc/nginx/.propel-trial.conf"] == nil)
        #expect(fake.files["/run/propel-scratch"] == nil)
    }

    @Test func whatNginxRefusesIsNotPutInPlace() async throws {
        #expect(await enforce(host { site })[.failed] == 0)
        let before = fake.files.text(at: "/etc/nginx/sites-available/shop")
        let bad = Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, directives: "nonsense;")
        let step = try #require(host { bad }.steps.last { $0.path.contains("nginx: site") })
        let failure = await #expect(throws: Failure.self) { try await step.property.apply(on: fake.machine) }
        #expect(failure?.output == ["nginx: [emerg] unknown directive \"nonsense\" in /etc/nginx/sites-available/shop:7"])
        #expect(await enforce(host { bad })[.failed] == 1)
        #expect(fake.files.text(at: "/etc/nginx/sites-available/shop") == before)
        #expect(fake.files["/etc/nginx/.propel-trial.conf"] == nil)
        #expect(reloads == 1)
    }

    @Test func aConfigurationThatReadsNoSitesIsRefused() async throws {
        fake.files.put("/etc/nginx/nginx.conf", "http {\n# include /etc/nginx/sites-enabled/*;\n}\n")
        #expect(await enforce(host { site })[.failed] == 1)
        #expect(fake.files["/etc/nginx/sites-enabled/shop"] == nil)
    }

    @Test func driftIsRepairedAndARelativeLinkServes() async throws {
        #expect(await enforce(host { site })[.changed] == 2)
        fake.files.put("/etc/nginx/sites-enabled/shop", linkTo: "../sites-available/shop")
        #expect(await enforce(host { site })[.changed] == 0)
        try fake.files.remove("/etc/nginx/sites-enabled/shop")
        #expect(await enforce(host { site })[.changed] == 2)
        #expect(fake.files["/etc/nginx/sites-enabled/shop"] != nil)
    }

    @Test func revertedWhatWasThereBeforeIsBack() async throws {
        fake.files.put("/etc/nginx/sites-available/shop", "# mine\n", mode: 0o600)
        let before = fake.files.snapshot.filter { !$0.key.starts(with: "/var/lib/propel") }
        #expect(await enforce(host { site })[.failed] == 0)
        #expect(await enforce(host { site.reverted() })[.failed] == 0)
        #expect(fake.files.snapshot.filter { !$0.key.starts(with: "/var/lib/propel") } == before)
        #expect(reloads == 2)
    }

    @Test func http2IsSpelledAsTheVersionTakesIt() async throws {
        let site = Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: .files(certificate: "/etc/a.pem", key: "/etc/b.pem"))
        #expect(await enforce(host { site })[.failed] == 0)
        let text = fake.files.text(at: "/etc/nginx/sites-available/shop") ?? ""
        #expect(text.contains("listen 443 ssl http2;") && !text.contains("http2 on"))
        #expect(text.contains("return 308 https://$host$request_uri;"))
        #expect(text.contains("ssl_certificate /etc/a.pem;\n    ssl_certificate_key /etc/b.pem;"))
        fake.files.put("/var/lib/dpkg/status", Self.installed.replacing("1.22.1-9", with: "1.26.3-3+deb13u1"))
        #expect(await enforce(host { site })[.failed] == 0)
        let later = fake.files.text(at: "/etc/nginx/sites-available/shop") ?? ""
        #expect(later.contains("listen 443 ssl;") && later.contains("http2 on;"))
    }

    // MARK: Certificates

    private let secretSite = Nginx.Site(
        "shop", names: ["shop.example.com"], proxyTo: 8080, tls: .secrets(certificate: Secret("certificate"), key: Secret("key")))

    @Test func aSecretKeyIsRootsAloneAndANewOneIsAReload() async throws {
        fake.commands.program("openssl")
        let host = host { secretSite }
        let run = await run(host, ["certificate": "CERT", "key": "KEY-ONE"], version: "1")
        #expect(run[.failed] == 0)
        #expect(fake.files.text(at: "/etc/ssl/private/nginx-shop.pem") == "CERT\nKEY-ONE\n")
        #expect(fake.files["/etc/ssl/private/nginx-shop.pem"]?.status.mode == 0o600)
        #expect(fake.files.text(at: "/etc/nginx/sites-available/shop")?.contains("KEY") == false)
        #expect(!fake.commands.log.joined().contains("KEY"))
        let second = await self.run(host, ["certificate": "CERT", "key": "KEY-TWO"], version: "2")
        #expect(second[.changed] == 2)
        #expect(reloads == 2)
    }

    private func run(_ host: Host, _ plaintexts: [String: String], version: String) async -> RunEnding {
        let secrets = Secrets(versions: plaintexts.mapValues { _ in version }) { names in
            try names.reduce(into: [:]) { $0[$1] = try SecretBytes(copying: Array((plaintexts[$1] ?? "").utf8)) }
        }
        return await Engine(host: host, machine: fake.run(with: secrets).machine) { _ in }.enforce()
    }

    @Test func aKeyThatDoesNotBelongToItsCertificateIsRefusedWithoutItsText() async throws {
        fake.commands.program("openssl", status: 1, errors: "No cert in -in file matches KEY-ONE\n")
        let told = Reports()
        let secrets = Secrets(versions: ["certificate": "1", "key": "1"]) { names in
            try names.reduce(into: [:]) { $0[$1] = try SecretBytes(copying: Array("KEY-ONE".utf8)) }
        }
        let engine = Engine(host: host { secretSite }, machine: fake.run(with: secrets).machine) { told.add("\($0)") }
        let run = await engine.enforce()
        #expect(run[.failed] == 1)
        #expect(run[.skipped] >= 1)
        #expect(told.lines.contains { $0.contains("is not valid") })
        #expect(!told.lines.joined().contains("KEY-ONE"))
        #expect(fake.files["/etc/ssl/private/nginx-shop.pem"] == nil)
        #expect(fake.files["/etc/nginx/sites-enabled/shop"] == nil)
    }

    private func selfSigned(_ names: String...) -> Host {
        host { Nginx.Site("shop", names: names, proxyTo: 8080, tls: .selfSigned) }
    }

    /// openssl, whose certificates are their request.
    private func plantOpenssl(isEnding: Bool = false) {
        fake.commands.program("openssl") { [fake] command in
            if command.arguments.first == "req" {
                return .printing("-----BEGIN PRIVATE KEY-----\n" + String(decoding: command.input, as: UTF8.self))
            }
            let text = fake.files.text(at: FilePath(command.arguments[2])) ?? ""
            guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("subjectAltName") }) else { return .failing() }
            let names = line.split(separator: "=")[1].replacing("IP:", with: "IP Address:").replacing(",", with: ", ")
            let output = "X509v3 Subject Alternative Name: \n   \(names)\n"
            return CommandResult(ending: .exited(isEnding ? 1 : 0), output: Array(output.utf8))
        }
    }

    @Test func aCertificateIsMadeForAllNamesAndAnewForOthers() async throws {
        plantOpenssl()
        #expect(await enforce(selfSigned("shop.example.com", "10.0.0.1"))[.failed] == 0)
        let path: FilePath = "/etc/ssl/private/nginx-shop.pem"
        #expect(fake.files.text(at: path)?.contains("subjectAltName = DNS:shop.example.com,IP:10.0.0.1\n") == true)
        #expect(fake.files[path]?.status.mode == 0o600)
        #expect(await enforce(selfSigned("shop.example.com", "10.0.0.1"))[.changed] == 0)
        #expect(await enforce(selfSigned("shop.example.com"))[.changed] == 3)
        #expect(fake.files.text(at: path)?.contains("10.0.0.1") == false)
    }

    @Test func aCertificateThatEndsSoonIsMadeAnew() async throws {
        plantOpenssl()
        #expect(await enforce(selfSigned("shop.example.com"))[.failed] == 0)
        plantOpenssl(isEnding: true)
        let step = try #require(selfSigned("shop.example.com").steps.first { $0.property.name.hasPrefix("self-signed") })
        #expect(try await fake.machine.check(step) == .unmet("it ends in less than 30 days"))
        plantOpenssl()
        fake.files.put("/etc/ssl/private/nginx-shop.pem", "subjectAltName = DNS:shop.example.com\n", mode: 0o600)
        #expect(try await fake.machine.check(step) == .unmet("no certificate with its key"))
    }

    @Test func whatOpensslPrintsOfAKeyIsInNoFailure() async throws {
        fake.commands.program("openssl") { command in
            command.arguments.first == "req" ? CommandResult(ending: .exited(1), output: Array("PRIVATE".utf8)) : .failing()
        }
        let step = try #require(selfSigned("shop.example.com").steps.first { $0.property.name.hasPrefix("self-signed") })
        let failure = await #expect(throws: CommandFailure.self) { try await step.property.apply(on: fake.machine) }
        #expect(failure?.lastLines == [])
    }

    // MARK: What is found before any machine is touched

    @Test func sitesShareTheirPortsAndNotTheirNames() {
        let two = host {
            Nginx.Engine(isDefaultSiteEnabled: false)
            Nginx.Site("a", names: ["a.example.com"], proxyTo: 1)
            Nginx.Site("b", names: ["b.example.com"], proxyTo: 2, tls: .selfSigned)
        }
        #expect(two.contradictions.isEmpty)
        let same = host {
            Nginx.Site("a", names: ["a.example.com"], proxyTo: 1)
            Nginx.Site("b", names: ["a.example.com"], proxyTo: 2)
        }
        #expect(same.contradictions.map(\.subject) == ["the site that answers to a.example.com"])
        let renamed = host {
            Nginx.Site("a", names: ["a.example.com"], proxyTo: 1).reverted()
            Nginx.Site("b", names: ["a.example.com"], proxyTo: 2)
        }
        #expect(renamed.contradictions.isEmpty)
        let taken = host {
            site
            Service("apache2", ports: [80])
        }
        #expect(taken.contradictions.map(\.subject) == ["the port 80/tcp"])
    }

    @Test(arguments: [
        Nginx.Site("../shop", names: ["a.example.com"], proxyTo: 1), Nginx.Site("shop", names: [], proxyTo: 1),
        Nginx.Site("shop", names: ["a b"], proxyTo: 1), Nginx.Site("shop", names: ["a;b"], proxyTo: 1), Nginx.Site("shop", names: ["A.com"], proxyTo: 1),
        Nginx.Site("shop", names: ["a", "a"], proxyTo: 1), Nginx.Site("shop", names: ["a"], proxyTo: 0),
        Nginx.Site("shop", names: ["a"], proxyTo: "localhost:80"), Nginx.Site("shop", names: ["a"], proxyTo: "http://a; }"),
        Nginx.Site("shop", names: ["a"], proxyTo: .container("app", port: 80)),
        Nginx.Site("shop", names: ["a"], proxyTo: 1, tls: .files(certificate: "a.pem", key: "/b.pem")),
        Nginx.Site("shop", names: ["a"], proxyTo: 1, bodyLimit: .mebibytes(0)),
    ])
    func whatIsNoSiteIsAMistake(_ site: Nginx.Site) async {
        let host = host { site }
        #expect(host.mistakes.count == 1)
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

    @Test func theHostsNginxReachesAContainerByItsPort() async throws {
        let host = host {
            stack
            Nginx.Site(for: stack, container: "app", port: 80, names: ["shop.example.com"])
        }
        #expect(host.mistakes.isEmpty)
        #expect(Nginx.Site(for: stack, container: "app", port: 80, names: []).siteName == "shop")
        #expect(await enforce(self.host { Nginx.Site(for: stack, container: "app", port: 90, names: ["shop.example.com"]) })[.failed] == 0)
        #expect(fake.files.text(at: "/etc/nginx/sites-available/shop")?.contains("proxy_pass http://[::1]:9090;") == true)
    }

    @Test func aContainerThatNginxCannotReachIsAMistake() {
        func mistakes(_ container: String, _ port: UInt16? = nil) -> [String] {
            host { Nginx.Site(for: stack, container: container, port: port, names: ["shop.example.com"]) }.mistakes
        }
        #expect(mistakes("ap").first?.contains("the stack shop has no container ap") == true)
        #expect(mistakes("db").first?.contains("the container db publishes no port") == true)
        #expect(mistakes("app").first?.contains("say which with `port:`, one of 80, 90") == true)
        #expect(mistakes("app", 81).first?.contains("does not publish its port 81") == true)
        #expect(mistakes("app", 80).isEmpty)
    }

    @Test func aContainerOfNginxGetsItsSites() {
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
        #expect(host.mistakes.isEmpty)
        #expect(Set(host.steps.flatMap(\.property.secrets)) == [Secret("certificate"), Secret("key")])
    }

    @Test func whatNoContainerOfNginxCanDoIsAMistake() {
        let host = host {
            Stack("shop") {
                Container("front", image: "nginx") {
                    NginxSites(Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: .selfSigned))
                }
            }
        }
        #expect(host.mistakes.count == 2)
    }
}

extension Machine {
    fileprivate func check(_ step: Step) async throws -> Check {
        forgetFacts()
        return try await step.property.check(on: self)
    }
}
