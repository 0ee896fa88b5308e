import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct CertificateTests {
    let fake = FakeMachine()
    let openssl: FakeOpenSSL
    private let office = TLS.Authority("office", commonName: "Example Office CA")
    private let pem = "-----BEGIN CERTIFICATE-----\nabc\ndef\n-----END CERTIFICATE-----\n"

    init() { openssl = FakeOpenSSL(fake) }

    private func certificate(_ signer: TLS.Signer, names: [String] = ["a.example.com"]) -> TLS.Certificate {
        TLS.Certificate("shop", names: names, signedBy: signer, owner: "pi")
    }

    private func text(_ path: FilePath) -> String { fake.files.text(at: path) ?? "" }

    // MARK: The authority

    @Test func `an authority is made once`() async throws {
        #expect(try await fake.obeysLaw(office).reason == "create “Example Office CA”")
        #expect(fake.files[office.keyPath]?.status.mode == 0o600)
        #expect(fake.files[office.certificatePath]?.status.mode == 0o644)
        #expect(!fake.commands.log.joined().contains("PRIVATE KEY"))
        let made = openssl.made
        #expect(try await fake.check(office) == .satisfied)
        #expect(openssl.made == made)
    }

    @Test func `its certificate ends and its key stays`() async throws {
        try await fake.obeysLaw(office)
        let key = text(office.keyPath), certificate = text(office.certificatePath)
        fake.pass(.seconds(3625 * 86400))
        #expect(try await fake.obeysLaw(office).reason.hasPrefix("it expires soon"))
        #expect(text(office.keyPath) == key && text(office.certificatePath) != certificate)
    }

    @Test func `a lost key or another name is nothing that a run can mend`() async throws {
        try await fake.obeysLaw(office)
        let other = TLS.Authority("office", commonName: "Other CA")
        await #expect(throws: Failure.self) { try await fake.check(other) }
        try fake.files.remove(office.keyPath)
        let failure = await #expect(throws: Failure.self) { try await fake.check(office) }
        #expect(failure?.message.contains("key of the certificate authority office is missing") == true)
    }

    @Test func `a run that was cut after the key keeps it`() async throws {
        fake.files.put(office.keyPath, "-----BEGIN PRIVATE KEY-----\nmine\n-----END PRIVATE KEY-----\n", mode: 0o600)
        #expect(try await fake.obeysLaw(office).reason == "create the certificate for the key that is there")
        #expect(text(office.keyPath).contains("mine"))
    }

    @Test(arguments: [(10, 3), (60, 20), (89, 29), (90, 30), (365, 30), (3650, 30)])
    func `a certificate is due in its last month, or in the last third of a shorter validity`(_ days: Int, _ last: Int)
    {
        let now = fake.machine.now.seconds, day = 86400
        let isDue = { (left: Int) in
            CertificateRecord(form: "", files: "", end: now + left).expiresSoon(after: days, on: fake.machine)
        }
        #expect(isDue(last * day - 1) && !isDue((last + 1) * day))
    }

    // MARK: Certificates

    @Test func `a certificate of an authority has its names and its signer`() async throws {
        try await fake.obeysLaw(office)
        let shop = certificate(.authority(office), names: ["a.example.com", "*.b.example.com", "10.0.0.5", "fd00::5"])
        try await fake.obeysLaw(shop)
        let names = "subjectAltName = DNS:a.example.com,DNS:*.b.example.com,IP:10.0.0.5,IP:fd00::5"
        #expect(text(shop.certificatePath).contains(names))
        #expect(text(shop.certificatePath).hasSuffix(text(office.certificatePath)))
        #expect(fake.files[shop.keyPath]?.status.owner == Owner(user: 1000, group: 1000))
        #expect(fake.files[shop.keyPath]?.status.mode == 0o600)
        #expect(fake.files["/run/propel-scratch"] == nil)
        let made = openssl.made
        #expect(try await fake.check(shop) == .satisfied)
        #expect(openssl.made == made)
    }

    @Test func `the key of an authority that is a secret is not left on the machine`() async throws {
        let signer = TLS.Signer.secrets(certificate: pem, key: Secret("office"))
        let run = fake.run(
            with: Secrets(versions: ["office": "1"]) { _ in ["office": try SecretBytes(copying: Array("CA-KEY\n".utf8))]
            })
        #expect(try await run.obeysLaw(certificate(signer)).secrets == [Secret("office")])
        // The fake certificate has in it what it was signed with.
        #expect(text(certificate(signer).certificatePath).contains("CA-KEY"))
        try fake.files.remove(certificate(signer).certificatePath)
        #expect(fake.filesWith("CA-KEY").isEmpty)
    }

    @Test func `what replaces a certificate`() async throws {
        try await fake.obeysLaw(office)
        let shop = certificate(.authority(office))
        try await fake.obeysLaw(shop)
        func reason(_ change: () throws -> Void) async throws -> String? {
            try change()
            return try await fake.obeysLaw(shop).reason
        }
        #expect(try await reason { fake.files.put(shop.certificatePath, pem) } == "another certificate or key")
        #expect(try await reason { fake.pass(.seconds(370 * 86400)) } == "it expires soon")
        #expect(try await reason { try fake.files.remove(shop.keyPath) } == "create for a.example.com")
        #expect(
            try await reason { fake.files.put(office.certificatePath, pem) } == "another certificate or key")
        let other = certificate(.authority(office), names: ["b.example.com"])
        #expect(try await fake.obeysLaw(other).reason == "other names, validity or signer")
        #expect(try await fake.obeysLaw(certificate(.itself)).reason == "other names, validity or signer")
    }

    @Test func `a revert restores what was there`() async throws {
        let shop = certificate(.itself)
        fake.files.put(shop.certificatePath, "mine")
        let before = fake.files.snapshot
        #expect(try await fake.obeysLaw(shop).reason == "create for a.example.com")
        try await fake.obeysLaw(shop.reverted())
        #expect(
            fake.files.snapshot.filter { $0.key.starts(with: "/etc") } == before.filter { $0.key.starts(with: "/etc") })
    }

    @Test func `invalid certificates are problems`() {
        for names in [[], ["a b"], ["A.com"], ["a", "a"], ["a\nkeyUsage = x"], ["DNS:a"]] {
            #expect(TLS.Certificate("shop", names: names, signedBy: .itself).problems.count == 1, "\(names)")
        }
        #expect(TLS.Certificate("../shop", names: ["a"], signedBy: .itself).problems.count == 1)
        #expect(TLS.Certificate("office", names: ["a"], signedBy: .authority(office)).problems.count == 1)
        #expect(
            TLS.Certificate("a", names: ["a"], signedBy: .secrets(certificate: "x", key: Secret("k"))).problems.count
                == 1)
        #expect(TLS.Authority("a", commonName: "a\nb = c").problems.count == 1)
        #expect(TLS.Authority("a", commonName: "a", days: 0).problems.count == 1)
    }

    // MARK: The trust store

    private let store: FilePath = "/etc/ssl/certs/ca-certificates.crt"

    @Test func `an authority is trusted, replaced and distrusted`() async throws {
        FakeOpenSSL.plantStore(on: fake)
        let trusted = TLS.TrustedCA("office", certificate: "\n" + pem)
        #expect(try await fake.obeysLaw(trusted).reason == "trust it")
        #expect(text(store).hasSuffix(pem))
        let other = TLS.TrustedCA("office", certificate: pem.replacing("def", with: "xyz"))
        #expect(try await fake.obeysLaw(other).reason == "another certificate")
        #expect(fake.commands.log == ["update-ca-certificates", "update-ca-certificates --fresh"])
        try await fake.obeysLaw(other.reverted())
        #expect(!text(store).contains("xyz"))
        #expect(fake.files["/etc/ssl/certs/office.pem"] == nil)
    }

    @Test func `an authority that is in the directory and not in the store is not trusted`() async throws {
        FakeOpenSSL.plantStore(on: fake)
        let trusted = TLS.TrustedCA("office", certificate: pem)
        for near in ["", "abc\n", pem.replacing("def", with: "deg"), pem.replacing("\ndef", with: "")] {
            fake.files.put("/usr/local/share/ca-certificates/office.crt", pem)
            fake.files.put("/etc/ssl/certs/office.pem", linkTo: "/usr/local/share/ca-certificates/office.crt")
            fake.files.put(store, near)
            #expect(try await fake.obeysLaw(trusted).reason == "it is not in the store", "\(near)")
        }
    }

    @Test func `the authority of the machine is trusted once it is there`() async throws {
        FakeOpenSSL.plantStore(on: fake)
        let trusted = TLS.TrustedCA(office)
        #expect(try await fake.check(trusted).isUnknown)
        try await fake.obeysLaw(office)
        try await fake.obeysLaw(trusted)
        #expect(text(store).hasSuffix(text(office.certificatePath)))
    }

    @Test func `what is not one certificate is a problem`() {
        for text in ["", "abc", pem + pem, pem.replacing("CERTIFICATE", with: "PRIVATE KEY")] {
            #expect(TLS.TrustedCA("office", certificate: text).problems.count == 1)
        }
        #expect(TLS.TrustedCA("../office", certificate: pem).problems.count == 1)
    }

    @Test func `an authority that somebody has added is no longer trusted, and then is again`() async throws {
        FakeOpenSSL.plantStore(on: fake)
        let path: FilePath = "/usr/local/share/ca-certificates/old.crt", absent = TLS.TrustedCA.Absent("old")
        #expect(try await fake.check(absent) == .satisfied)
        let pem = "-----BEGIN CERTIFICATE-----\nold\n-----END CERTIFICATE-----\n"
        fake.files.put(path, pem)
        fake.files.put("/etc/ssl/certs/old.pem", linkTo: path.string)
        #expect(try await fake.obeysLaw(absent).reason == "remove a file of \(pem.utf8.count) bytes")
        #expect(fake.files[path] == nil && fake.files["/etc/ssl/certs/old.pem"] == nil)
        // What a run has left that was cut.
        fake.files.put("/etc/ssl/certs/old.pem", linkTo: path.string)
        #expect(try await fake.obeysLaw(absent).reason == "remove it from the store")
        try await fake.obeysLaw(absent.reverted())
        #expect(fake.files.text(at: path) == pem && fake.files["/etc/ssl/certs/old.pem"] != nil)
        try fake.files.remove("/etc/ssl/certs/old.pem")
        #expect(try await fake.obeysLaw(absent.reverted()).reason == "trust it again")
        #expect(TLS.TrustedCA.Absent("../old").problems.count == 1)
        let host = Host("x", runs: Debian.self) {
            TLS.TrustedCA("old", certificate: pem)
            absent
        }
        #expect(host.conflicts.map(\.subject) == ["the path \(path)"])
    }
}
