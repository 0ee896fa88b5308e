import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct NginxReloadTests {
    let nginx = FakeNginx()

    private var fake: FakeMachine { nginx.fake }
    private let taken = """
        2026/11/21 10:00:01 [notice] 100#100: reconfiguring
        2026/11/21 10:00:01 [emerg] 100#100: bind() to 0.0.0.0:443 failed (98: Address already in use)
        2026/11/21 10:00:02 [emerg] 100#100: bind() to 0.0.0.0:443 failed (98: Address already in use)
        2026/11/21 10:00:03 [emerg] 100#100: still could not bind()

        """

    private func host(_ tls: Nginx.TLS = .none, directives: String = "") -> Host {
        nginx.host { Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: tls, directives: directives) }
    }

    private func failures(_ run: (@escaping @Sendable (Event) -> Void) async -> RunSummary) async -> [String] {
        let failed = Reports()
        _ = await run { event in
            if case .property(let report) = event, let failure = report.failure {
                failed.add("\(report.path): \(failure.message): \(failure.output): \(failure.isRolledBack)")
            }
        }
        return failed.lines
    }

    private let refused =
        "reload nginx: nginx refuses its new configuration and keeps the previous one: "
        + "[\"[emerg] bind() to 0.0.0.0:443 failed (98: Address already in use)\", \"[emerg] still could not "
        + "bind()\"]: true"

    @Test func `a rejected reload fails with its message and is rolled back`() async {
        #expect(await nginx.enforce(host())[.failed] == 0)
        let before = nginx.configuration
        nginx.refuseReloads(taken)
        let changed = host(directives: "gzip on;")
        #expect(await failures { await nginx.enforce(changed, emit: $0) } == [refused])
        #expect(nginx.configuration == before)
        // It stays to be done, and is done once the port is free.
        nginx.refuseReloads()
        #expect(await nginx.enforce(changed)[.failed] == 0)
        #expect(nginx.text("shop").contains("gzip on;"))
        #expect(nginx.generation == 3)
        #expect(await nginx.enforce(changed)[.changed] == 0)
    }

    @Test func `a first site that is refused is gone again`() async {
        let before = nginx.configuration
        nginx.refuseReloads(taken)
        #expect(await failures { await nginx.enforce(host(), emit: $0) } == [refused])
        #expect(nginx.configuration == before)
    }

    @Test func `a removed site is restored if nginx rejects the removal`() async {
        let site = Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080)
        #expect(await nginx.enforce(nginx.host { site })[.failed] == 0)
        let before = nginx.configuration
        nginx.refuseReloads(taken)
        let gone = nginx.host { site.reverted() }
        #expect(await failures { await nginx.enforce(gone, emit: $0) } == [refused])
        #expect(nginx.configuration == before)
        nginx.refuseReloads()
        #expect(await nginx.enforce(gone)[.failed] == 0)
        #expect(!nginx.isEnabled("shop"))
    }

    @Test func `a rejected reload restores all sites`() async {
        func host(_ directives: String) -> Host {
            nginx.host {
                for name in ["a", "b"] {
                    Nginx.Site(name, names: ["\(name).example.com"], proxyTo: 8080, directives: directives)
                }
                Nginx.Engine(isDefaultSiteEnabled: directives.isEmpty)
            }
        }
        nginx.plant(site: "default", "server { listen 80; }\n")
        #expect(await nginx.enforce(host(""))[.failed] == 0)
        let before = nginx.configuration
        nginx.refuseReloads(taken)
        #expect(await nginx.enforce(host("gzip on;"))[.failed] == 1)
        #expect(nginx.configuration == before)
    }

    @Test func `a port that is taken is waited for as long as nginx tries`() async throws {
        let transient =
            "2026/11/21 10:00:01 [emerg] 100#100: bind() to 0.0.0.0:443 failed (98: Address already in use)\n"
        nginx.refuseReloads(transient)
        let failure = await #expect(throws: Failure.self) {
            try await Nginx.Reload(timeout: .zero).perform(on: fake.machine)
        }
        #expect(failure?.output == ["[emerg] bind() to 0.0.0.0:443 failed (98: Address already in use)"])
        #expect(failure?.advice == "`ss -ltnp` on the machine shows which program has the port.")
        // There was nothing to put back.
        #expect(failure?.isRolledBack == false)
        #expect(!NginxErrorLog.isFinal(["[emerg] bind() to 0.0.0.0:443 failed (98: Address already in use)"]))
        #expect(NginxErrorLog.isFinal(["[emerg] bind() to 10.9.9.9:80 failed (99: Cannot assign requested address)"]))
    }

    /// The log also has requests of clients.
    @Test func `errors caused by clients are no rejection`() async throws {
        nginx.refuseReloads(
            "2026/11/21 10:00:01 [error] 101#101: *1 connect() failed, client: 10.0.0.9, referrer: \"[emerg] "
                + "100#100: gone\"\n"
        )
        let failure = await #expect(throws: Failure.self) {
            try await Nginx.Reload(timeout: .zero).perform(on: fake.machine)
        }
        #expect(failure?.output == [])
    }

    @Test func `a master that neither reloads nor logs is reported`() async throws {
        nginx.refuseReloads("")
        let failure = await #expect(throws: Failure.self) {
            try await Nginx.Reload(timeout: .zero).perform(on: fake.machine)
        }
        #expect(failure?.advice?.contains("/var/log/nginx/error.log") == true)
        fake.files.put(
            "/etc/nginx/nginx.conf", "http { error_log /var/log/no.log; } error_log syslog:server=unix:/dev/log;")
        let other = await #expect(throws: Failure.self) {
            try await Nginx.Reload(timeout: .zero).perform(on: fake.machine)
        }
        #expect(other?.advice?.contains("syslog:server=unix:/dev/log") == true)
    }

    @Test func `the log is the one that the configuration names`() async {
        fake.files.put(
            "/etc/nginx/nginx.conf",
            "error_log /srv/log/nginx.log warn;\n" + (fake.files.text(at: "/etc/nginx/nginx.conf") ?? ""))
        fake.files.put("/srv/log/nginx.log", "")
        fake.commands.program("tail", prints: taken)
        let unit =
            "Id=nginx.service\nNames=nginx.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no\n"
        fake.commands.program("systemctl") { [fake] command in
            if command.arguments.first == "reload" { fake.files.put("/srv/log/nginx.log", "something") }
            return .printing(command.arguments.contains("--property=MainPID") ? "100\n" : unit)
        }
        #expect(await failures { await nginx.enforce(host(), emit: $0) } == [refused])
        #expect(fake.commands.log.contains("tail --bytes=+1 -- /srv/log/nginx.log"))
    }

    @Test func `a configuration that nginx refuses to reload is rolled back`() async {
        #expect(await nginx.enforce(host())[.failed] == 0)
        let before = nginx.text("shop")
        fake.commands.program("journalctl", prints: "nginx: [emerg] open() \"/var/log/x\" failed\n")
        fake.commands.program("systemctl") { command in
            if command.arguments.first == "reload" { return .failing(1, "Job for nginx.service failed.") }
            return .printing(
                command.arguments.contains("--property=MainPID")
                    ? "100\n"
                    : "Id=nginx.service\nNames=nginx.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no\n"
            )
        }
        let failed = await failures { await nginx.enforce(host(directives: "gzip on;"), emit: $0) }
        #expect(
            failed == [
                "reload nginx: cannot reload nginx.service: [\"nginx: [emerg] open() \\\"/var/log/x\\\" failed\"]: true"
            ])
        #expect(nginx.text("shop") == before)
    }

    @Test func `an nginx that does not run is not started by a reload`() async throws {
        let text: FilePath = "/etc/nginx/sites-available/blog"
        try fake.machine.formerSites.keep(text)
        fake.files.put(text, "server { listen 81; }\n")
        nginx.stop()
        try await Nginx.Reload().perform(on: fake.machine)
        #expect(!nginx.isRunning && nginx.reloads == 0)
        #expect(fake.files.text(at: text) == "server { listen 81; }\n")
        #expect(try fake.machine.formerSites.paths.isEmpty)
        // Neither is one that has failed, where no site has changed.
        nginx.stop("failed")
        try await Nginx.Reload().perform(on: fake.machine)
        #expect(!nginx.isRunning && nginx.reloads == 0)
    }

    @Test func `a failed nginx is started with the previous configuration`() async {
        #expect(await nginx.enforce(host())[.failed] == 0)
        let before = nginx.configuration
        fake.commands.program("journalctl", prints: "nginx: [emerg] no\n")
        nginx.refuseStarts(with: "gzip on;")
        nginx.stop("failed")
        let failed = await failures { await nginx.enforce(host(directives: "gzip on;"), emit: $0) }
        #expect(
            failed.last
                == "reload nginx: nginx has failed and does not run with its new configuration: [\"nginx: [emerg] "
                + "no\"]: true"
        )
        #expect(nginx.configuration == before)
        #expect(nginx.isRunning)
    }

    @Test func `nothing is rolled back if nginx does not start with the previous configuration`() async throws {
        fake.commands.program("journalctl", prints: "nginx: [emerg] no\n")
        try fake.machine.formerSites.keep("/etc/nginx/sites-available/blog")
        nginx.refuseStarts(with: "listen 80")
        nginx.stop("failed")
        let failure = await #expect(throws: Failure.self) { try await Nginx.Reload().perform(on: fake.machine) }
        #expect(failure?.isRolledBack == false)
        #expect(!nginx.isRunning)
    }

    @Test func `an error of another process is not a refusal`() async throws {
        nginx.refuseReloads("2026/11/21 10:00:01 [emerg] 1001#1001: unknown directive \"x\" in /tmp/x:1\n")
        let failure = await #expect(throws: Failure.self) {
            try await Nginx.Reload(timeout: .zero).perform(on: fake.machine)
        }
        #expect(failure?.output == [])
        #expect(failure?.advice?.contains("logged no reason") == true)
    }

    @Test func `a silent failure names the restored files`() async throws {
        let text: FilePath = "/etc/nginx/sites-available/blog"
        try fake.machine.formerSites.keep(text)
        fake.files.put(text, "server { listen 81; }\n")
        nginx.refuseReloads("")
        let failure = await #expect(throws: Failure.self) {
            try await Nginx.Reload(timeout: .zero).perform(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true)
        #expect(fake.files.text(at: text) == "server { listen 80; }\n")
        #expect(nginx.reloads == 2)
    }

    @Test func `the former key of an interrupted run is removed`() async throws {
        fake.files.put(directory: "/var/lib/propel/nginx", mode: 0o700)
        for name in ["%2Fa.pem.content", ".%2Fb.pem.content.propel"] {
            fake.files.put(FilePath("/var/lib/propel/nginx").appending(name), "KEY-OLD")
        }
        try await Nginx.Reload().perform(on: fake.machine)
        #expect(try fake.machine.files.list("/var/lib/propel/nginx").isEmpty)
    }

    @Test func `other files of nginxs can be reloaded in the same way`() async {
        fake.files.put(directory: "/etc/nginx/conf.d")
        let host = nginx.host {
            File("/etc/nginx/conf.d/gzip.conf", "gzip on;\n").requires(Nginx.Engine()).onChange(Nginx.Reload())
        }
        nginx.refuseReloads(taken)
        #expect(
            await failures { await nginx.enforce(host, emit: $0) } == [refused.replacing(": true", with: ": false")])
        // No site has changed: there is nothing to put back.
        #expect(fake.files.text(at: "/etc/nginx/conf.d/gzip.conf") == "gzip on;\n")
        nginx.refuseReloads()
        #expect(await nginx.enforce(host)[.failed] == 0)
        #expect(nginx.generation == 2)
    }

    // MARK: Keys

    private let secrets = Nginx.TLS.secrets(certificate: Secret("certificate"), key: Secret("key"))

    @Test func `a key that no site uses is nowhere on the disk`() async {
        let plaintexts = ["certificate": "CERT\n", "key": "KEY-ONE\n"]
        #expect(await nginx.enforce(host(secrets), plaintexts)[.failed] == 0)
        #expect(nginx.certificate("shop") != nil)
        for tls in [Nginx.TLS.none, .files(certificate: "/etc/a.pem", key: "/etc/b.pem")] {
            #expect(await nginx.enforce(host(tls))[.failed] == 0)
            #expect(fake.filesWith("KEY-ONE").isEmpty)
            #expect(nginx.certificate("shop") == nil)
            #expect(await nginx.enforce(host(tls))[.changed] == 0)
            #expect(await nginx.enforce(host(secrets), plaintexts)[.failed] == 0)
        }
        #expect(await nginx.enforce(host(secrets), ["certificate": "CERT\n", "key": "KEY-TWO\n"])[.failed] == 0)
        #expect(fake.filesWith("KEY-ONE").isEmpty)
        let gone = nginx.host {
            Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: secrets).reverted()
        }
        #expect(await nginx.enforce(gone)[.failed] == 0)
        #expect(fake.filesWith("KEY-TWO").isEmpty)
    }

    @Test func `a key is kept while the former configuration is used`() async {
        let plaintexts = ["certificate": "CERT\n", "key": "KEY-ONE\n"]
        #expect(await nginx.enforce(host(secrets), plaintexts)[.failed] == 0)
        let before = nginx.configuration
        nginx.refuseReloads(taken)
        #expect(await nginx.enforce(host())[.failed] == 1)
        #expect(nginx.configuration == before)
        #expect(await nginx.enforce(host(secrets), ["certificate": "CERT\n", "key": "KEY-TWO\n"])[.failed] == 1)
        #expect(nginx.certificate("shop") == "CERT\n\nKEY-ONE\n\n")
        nginx.refuseReloads()
        #expect(await nginx.enforce(host())[.failed] == 0)
        #expect(fake.filesWith("KEY-").isEmpty)
    }

    @Test func `the file that the key replaced is restored`() async {
        fake.files.put("/etc/ssl/private/nginx-shop.pem", "mine", mode: 0o640)
        #expect(await nginx.enforce(host(secrets), ["certificate": "CERT", "key": "KEY"])[.failed] == 0)
        #expect(await nginx.enforce(host())[.failed] == 0)
        #expect(nginx.certificate("shop") == "mine")
        #expect(fake.files["/etc/ssl/private/nginx-shop.pem"]?.status.mode == 0o640)
    }
}
