import Foundation
import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Certificates of a lego that gets them all.
@Suite(.recorded) struct LegoTests {
    private let nginx = FakeNginx()
    private var fake: FakeMachine { nginx.fake }

    private static let program = "/etc/lego/all/lego"
    private static let certificate: FilePath = "/var/lib/lego/all/certificates/_.example.com.crt"

    init() {
        Self.plant(on: nginx)
    }

    private static func plant(on nginx: FakeNginx) {
        let fake = nginx.fake
        _ = FakeOpenSSL(fake)
        fake.hasInstalled("lego", "nginx", "openssl")
        nginx.systemd["lego-all.timer"] = FakeSystemd.Unit()
        nginx.systemd["postfix.service"] = FakeSystemd.Unit(active: "active", file: "enabled")
        fake.commands.program(program) { command in
            fake.files.put(certificate, "certificate\n", mode: 0o600)
            fake.files.put("/var/lib/lego/all/certificates/_.example.com.key", "key\n", mode: 0o600)
            return .printing()
        }
    }

    private func acme(
        _ names: [String] = ["*.example.com", "example.com"], email: String? = "anna@example.com",
        provider: String = "hetzner", _ variables: [String: Content] = ["HETZNER_API_KEY": "\(Secret("token"))"],
        server: TLS.ACME.Server = .letsEncrypt, reloads: [String] = ["postfix"]
    ) -> TLS.ACME {
        TLS.ACME(
            "all", names: names, email: email, challenge: .lego(provider, variables: variables), server: server,
            reloads: reloads, hook: "cp \"$LEGO_CERT_PATH\" /srv/\n")
    }

    private var orders: [String] { fake.commands.log.filter { $0.hasPrefix(Self.program) } }

    @Test func `lego gets a certificate, with its secret in a file alone`() async throws {
        let host = nginx.host { acme() }
        #expect(host.problems.isEmpty)
        let run = await nginx.enforce(host, ["token": "s3cret"])
        #expect(run[.failed] == 0 && run[.skipped] == 0)
        #expect(orders == ["/etc/lego/all/lego run --run-hook /etc/lego/all/hook"])
        #expect(fake.files.text(at: "/etc/lego/all/HETZNER_API_KEY") == "s3cret")
        #expect(fake.files["/etc/lego/all/HETZNER_API_KEY"]?.status.mode == 0o600)
        #expect(
            fake.files.text(at: "/etc/lego/all/lego") == """
                #!/bin/sh
                # lego with the options of the certificate all, kept by Propel: /etc/lego/all/lego list
                export HETZNER_API_KEY_FILE=/etc/lego/all/HETZNER_API_KEY
                exec /usr/bin/lego --accept-tos --email anna@example.com --server \
                https://acme-v02.api.letsencrypt.org/directory --path /var/lib/lego/all --dns hetzner --domains \
                '*.example.com' --domains example.com "$@"

                """)
        #expect(
            fake.files.text(at: "/etc/lego/all/hook") == """
                #!/bin/sh
                # lego runs this when there is another certificate.
                set -e
                cp "$LEGO_CERT_PATH" /srv/
                systemctl try-reload-or-restart postfix.service

                """)
        for path: FilePath in ["/etc/lego/all", "/var/lib/lego/all", "/etc/lego/all/lego", "/etc/lego/all/hook"] {
            #expect(fake.files[path]?.status.mode == 0o700)
        }
        let service = fake.files.text(at: "/etc/systemd/system/lego-all.service") ?? ""
        #expect(service.contains("ExecStart=/etc/lego/all/lego renew --days 30 --renew-hook /etc/lego/all/hook\n"))
        #expect(nginx.systemd["lego-all.timer"]?.active == "active")
        #expect(fake.commands.log.contains("systemctl try-reload-or-restart -- postfix.service"))
        #expect(!fake.commands.log.joined().contains("s3cret"))
        let second = await nginx.enforce(host, ["token": "s3cret"])
        #expect(second[.changed] == 0 && second[.failed] == 0 && orders.count == 1)
    }

    @Test func `the script runs in a shell as it is meant`() throws {
        let lego = try #require(acme().lego)
        let host = nginx.host { acme() }
        let text = try #require(
            host.steps.compactMap { $0.property as? File }.first { $0.path == lego.program }?.content.bytes)
        // dash reads it, and says what it would execute.
        let script = String(decoding: text, as: UTF8.self).replacing("exec /usr/bin/lego", with: "printf '%s\\n'")
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-euc", script, "lego", "renew", "--days", "30"]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        shell.waitUntilExit()
        #expect(
            String(decoding: printed, as: UTF8.self).split(separator: "\n").suffix(7) == [
                "--domains", "*.example.com", "--domains", "example.com", "renew", "--days", "30",
            ])
    }

    private func certificate(_ acme: TLS.ACME) throws -> LegoCertificate {
        LegoCertificate(acme: acme, lego: try #require(acme.lego))
    }

    @Test func `other names or another authority get another certificate, and another provider does not`()
        async throws
    {
        try await fake.obeysLaw(certificate(acme()))
        #expect(try await fake.check(certificate(acme(provider: "gandiv5", [:]))) == .satisfied)
        for other in [acme(["*.example.com"]), acme(["*.example.com"], server: .letsEncryptStaging)] {
            let change = try await fake.obeysLaw(certificate(other))
            #expect(change.reason == "other names, or another authority: get it for *.example.com")
        }
        #expect(orders.count == 3)
    }

    @Test func `a certificate that was not renewed is asked for, and a young one starts no program`() async throws {
        try await fake.obeysLaw(certificate(acme()))
        let commands = fake.commands.log.count
        #expect(try await fake.check(certificate(acme())) == .satisfied && fake.commands.log.count == commands)
        fake.pass(.days(85))
        fake.commands.program("openssl") { _ in .failing(1) }
        #expect(try await fake.check(certificate(acme())) == .unmet("it ends within a week and was not renewed"))
        try await fake.obeysLaw(certificate(acme()))
    }

    @Test func `a refusal shows what lego says, and the next run tries again`() async throws {
        fake.commands.program(Self.program) { _ in .failing(1, "hetzner: 401\n") }
        let failure = await #expect(throws: Failure.self) { try await certificate(acme()).apply(on: fake.machine) }
        #expect(failure?.message == "lego did not get the certificate all" && failure?.output == ["hetzner: 401"])
        #expect(try await fake.check(certificate(acme())).reason == "get it for *.example.com, example.com")
    }

    @Test func `a site of nginx uses the certificate of lego`() async throws {
        let site = Nginx.Site(
            "all", names: ["*.example.com"], proxyTo: 8080,
            tls: .acme(email: "a@b.c", challenge: .lego("hetzner", variables: [:])))
        let run = await nginx.enforce(nginx.host { site })
        #expect(run[.failed] == 0 && run[.skipped] == 0)
        #expect(nginx.text("all").contains("    ssl_certificate \(Self.certificate);\n"))
        #expect(await nginx.enforce(nginx.host { site })[.changed] == 0)
    }

    @Test func `invalid declarations are problems`() {
        let flawed = [
            acme(provider: "x y"), acme(provider: ""), acme(["lower": "a"]), acme(["A_FILE": "a"]),
            acme(["A\nB": "a"]), acme(email: nil), acme(["10.0.0.1"]),
        ]
        for acme in flawed {
            let host = nginx.host { acme }
            #expect(!host.problems.isEmpty, "\(acme)")
        }
    }

    private func acme(_ variables: [String: Content]) -> TLS.ACME {
        TLS.ACME("all", names: ["example.com"], email: "a@b.c", challenge: .lego("hetzner", variables: variables))
    }
}
