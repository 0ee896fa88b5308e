import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct NginxCertificateTests {
    let nginx = FakeNginx()

    private var fake: FakeMachine { nginx.fake }
    private let path: FilePath = "/etc/ssl/private/nginx-shop.pem"

    private func host(_ tls: Nginx.TLS, names: [String] = ["shop.example.com"]) -> Host {
        nginx.host { Nginx.Site("shop", names: names, proxyTo: 8080, tls: tls) }
    }

    // MARK: From secrets

    private let secrets = Nginx.TLS.secrets(certificate: Secret("certificate"), key: Secret("key"))

    @Test func `a key from a secret has mode 0600, and a new one causes a reload`() async {
        #expect(await nginx.enforce(host(secrets), ["certificate": "CERT", "key": "KEY-ONE"])[.failed] == 0)
        #expect(nginx.certificate("shop") == "CERT\nKEY-ONE\n")
        #expect(fake.files[path]?.status.mode == 0o600)
        #expect(!nginx.text("shop").contains("KEY"))
        #expect(!fake.commands.log.joined().contains("KEY"))
        let second = await nginx.enforce(host(secrets), ["certificate": "CERT", "key": "KEY-TWO"])
        #expect(second[.changed] == 2)
        #expect(nginx.certificate("shop") == "CERT\nKEY-TWO\n")
        #expect(nginx.reloads == 2)
        #expect(await nginx.enforce(host(secrets), ["certificate": "CERT", "key": "KEY-TWO"])[.changed] == 0)
    }

    @Test func `nginx judges a certificate before it replaces anything`() async throws {
        #expect(await nginx.enforce(host(secrets), ["certificate": "CERT", "key": "KEY-ONE"])[.failed] == 0)
        let before = fake.files.snapshot
        let told = Reports()
        let run = await nginx.enforce(host(secrets), ["certificate": "bad", "key": "KEY-TWO"]) { told.add("\($0)") }
        #expect(run[.failed] == 1)
        #expect(told.lines.contains { $0.contains("cannot load certificate \\\"/etc/ssl/private/nginx-shop.pem\\\"") })
        #expect(told.lines.contains { $0.contains("The declared certificate or key is the reason.") })
        #expect(!told.lines.joined().contains("KEY-TWO"))
        #expect(fake.files.snapshot == before)
        #expect(nginx.reloads == 1)
        #expect(fake.filesWith("KEY-TWO").isEmpty)
    }

    @Test func `a first certificate that is invalid leaves nothing`() async {
        let before = fake.files.snapshot
        #expect(await nginx.enforce(host(secrets), ["certificate": "bad", "key": "KEY-ONE"])[.failed] == 1)
        #expect(fake.files.snapshot == before)
    }

    @Test func `a bad certificate takes no other site down`() async {
        let run = await nginx.enforce(
            nginx.host {
                Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: secrets)
                Nginx.Site("wiki", names: ["wiki.example.com"], proxyTo: 8081)
            }, ["certificate": "bad", "key": "KEY"])
        #expect(run[.failed] == 1)
        #expect(!nginx.isEnabled("shop") && nginx.isEnabled("wiki"))
    }

    @Test func `another text takes no plaintext`() async {
        #expect(await nginx.enforce(host(secrets), ["certificate": "CERT", "key": "KEY"])[.failed] == 0)
        let versions = Secrets(versions: ["certificate": "CERT", "key": "KEY"]) { names in
            Issue.record("asked for \(names)")
            return [:]
        }
        let changed = host(secrets, names: ["shop.example.com", "www.example.com"])
        let run = await Engine(host: changed, machine: fake.run(with: versions).machine) { _ in }.enforce()
        #expect(run[.failed] == 0)
        #expect(nginx.text("shop").contains("www.example.com"))
    }

    // MARK: Self-signed

    /// openssl, whose certificates are their request.
    private func plantOpenssl(isEnding: Bool = false) {
        fake.commands.program("openssl") { [fake] command in
            if command.arguments.first == "req" {
                return .printing("-----BEGIN PRIVATE KEY-----\n" + String(decoding: command.input, as: UTF8.self))
            }
            let text = fake.files.text(at: FilePath(command.arguments[2])) ?? ""
            guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("subjectAltName") }) else {
                return .failing()
            }
            let names = line.split(separator: "=")[1].replacing("IP:", with: "IP Address:").replacing(",", with: ", ")
            let parties = text.split(separator: "\n").filter { $0.hasPrefix("subject=") || $0.hasPrefix("issuer=") }
                .joined(separator: "\n")
            let output = "\(parties)\nX509v3 Subject Alternative Name: \n   \(names)\n"
            return CommandResult(ending: .exited(isEnding ? 1 : 0), output: Array(output.utf8))
        }
    }

    private func selfSigned(_ names: String...) -> Host { host(.selfSigned, names: names) }

    private func check() async throws -> Check {
        let step = try #require(selfSigned("shop.example.com").steps.first { $0.path.contains("nginx: site") })
        fake.machine.forgetFacts()
        return try await step.property.check(on: fake.machine)
    }

    @Test func `a certificate covers all names and is renewed for other names`() async {
        plantOpenssl()
        #expect(await nginx.enforce(selfSigned("shop.example.com", "10.0.0.1"))[.failed] == 0)
        #expect(nginx.certificate("shop")?.contains("subjectAltName = DNS:shop.example.com,IP:10.0.0.1\n") == true)
        #expect(fake.files[path]?.status.mode == 0o600)
        #expect(await nginx.enforce(selfSigned("shop.example.com", "10.0.0.1"))[.changed] == 0)
        #expect(await nginx.enforce(selfSigned("shop.example.com"))[.changed] == 2)
        #expect(nginx.certificate("shop")?.contains("10.0.0.1") == false)
    }

    @Test func `a certificate that ends soon is made again`() async throws {
        plantOpenssl()
        #expect(await nginx.enforce(selfSigned("shop.example.com"))[.failed] == 0)
        plantOpenssl(isEnding: true)
        #expect(try await check() == .unmet("certificate: it expires in less than 30 days"))
        plantOpenssl()
        fake.files.put(path, "subjectAltName = DNS:shop.example.com\n", mode: 0o600)
        #expect(try await check() == .unmet("certificate: the file has no certificate with its key"))
    }

    @Test func `a certificate with another mode or owner is kept`() async throws {
        plantOpenssl()
        #expect(await nginx.enforce(selfSigned("shop.example.com"))[.failed] == 0)
        let before = fake.files[path]?.bytes
        fake.files.put(
            path, (nginx.certificate("shop") ?? "") + "# the same, and not recreated\n", mode: 0o644,
            owner: Owner(user: 1000, group: 1000))
        let bytes = fake.files[path]?.bytes
        #expect(bytes != before)
        #expect(try await check() == .unmet("certificate: mode 0644 → 0600; owner pi → root; group pi → root"))
        #expect(await nginx.enforce(selfSigned("shop.example.com"))[.failed] == 0)
        #expect(fake.files[path]?.bytes == bytes)
        #expect(fake.files[path]?.status.mode == 0o600 && fake.files[path]?.status.owner == .root)
        #expect(fake.commands.log.filter { $0.hasPrefix("openssl req") }.count == 1)
    }

    @Test func `no failure shows output of openssl about a key`() async throws {
        fake.commands.program("openssl") { command in
            command.arguments.first == "req"
                ? CommandResult(ending: .exited(1), output: Array("PRIVATE".utf8)) : .failing()
        }
        let step = try #require(selfSigned("shop.example.com").steps.first { $0.path.contains("nginx: site") })
        let failure = await #expect(throws: CommandFailure.self) { try await step.property.apply(on: fake.machine) }
        #expect(failure?.lastLines == [])
    }

    @Test func `a self signed one after one from secrets for the same names is made`() async {
        plantOpenssl()
        let plaintexts = [
            "certificate": "subjectAltName = DNS:shop.example.com", "key": "-----BEGIN PRIVATE KEY-----OLD",
        ]
        #expect(await nginx.enforce(host(secrets), plaintexts)[.failed] == 0)
        #expect(await nginx.enforce(selfSigned("shop.example.com"))[.failed] == 0)
        #expect(fake.commands.log.filter { $0.hasPrefix("openssl req") }.count == 1)
        #expect(fake.filesWith("-----OLD").isEmpty)
        #expect(await nginx.enforce(selfSigned("shop.example.com"))[.changed] == 0)
    }

    @Test func `a certificate from another issuer is not self-signed`() async throws {
        plantOpenssl()
        fake.files.put(
            path,
            "subject=CN = shop\nissuer=CN = CA\nsubjectAltName = DNS:shop.example.com\n-----BEGIN PRIVATE KEY-----\n",
            mode: 0o600)
        let step = try #require(selfSigned("shop.example.com").steps.first { $0.path.contains("nginx: site") })
        guard case .unmet(let change) = try await step.property.check(on: fake.machine) else {
            Issue.record("it is taken for self-signed")
            return
        }
        #expect(change.reason.contains("certificate: it is not self-signed"))
    }

    @Test func `one from secrets after a self signed one leaves nothing of it`() async {
        plantOpenssl()
        #expect(await nginx.enforce(selfSigned("shop.example.com"))[.failed] == 0)
        #expect(await nginx.enforce(host(secrets), ["certificate": "CERT", "key": "KEY"])[.failed] == 0)
        #expect(nginx.certificate("shop") == "CERT\nKEY\n")
        #expect(fake.filesWith("-----BEGIN PRIVATE KEY-----").isEmpty)
        #expect(await nginx.enforce(selfSigned("shop.example.com"))[.failed] == 0)
        #expect(fake.filesWith("CERT\nKEY").isEmpty)
    }
}
