import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct PrivateKeyTests {
    let fake = FakeMachine()
    let openssl: FakeOpenSSL
    private let path: FilePath = "/etc/ssl/propel/app.key"
    private var key: TLS.PrivateKey { TLS.PrivateKey(path, .ed25519, owner: "pi") }

    init() { openssl = FakeOpenSSL(fake) }

    @Test func `is made once, for its owner alone, and is gone after a revert`() async throws {
        let before = fake.files.snapshot
        let change = try await fake.obeysLaw(key)
        #expect(change.reason == "create with mode 0600, owner pi")
        #expect(fake.files[path]?.status.mode == 0o600)
        #expect(fake.files[path]?.status.owner == Owner(user: 1000, group: 1000))
        #expect(fake.commands.log == ["openssl genpkey -algorithm ED25519"])
        try await fake.obeysLaw(key.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `a present key keeps its content and gets mode and owner`() async throws {
        let present = "-----BEGIN RSA PRIVATE KEY-----\nmine\n-----END RSA PRIVATE KEY-----\n"
        fake.files.put(path, present, mode: 0o644)
        #expect(try await fake.obeysLaw(key).reason == "mode 0644 → 0600; owner root → pi; group root → pi")
        #expect(fake.files.text(at: path) == present)
        #expect(openssl.made == 0)
    }

    @Test(arguments: ["", "key\n", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n", "# PRIVATE KEY-----\n"])
    func `a file without a private key is refused and stays`(_ text: String) async throws {
        fake.files.put(path, text, mode: 0o600)
        let failure = await #expect(throws: Failure.self) { try await fake.check(key) }
        #expect(failure?.message == "\(path) has no private key in it")
        await #expect(throws: Failure.self) { try await key.apply(on: fake.machine) }
        #expect(fake.files.text(at: path) == text)
    }

    @Test func `a link in its place is refused`() async throws {
        fake.files.put(path, linkTo: "/etc/passwd")
        await #expect(throws: (any Error).self) { try await fake.check(key) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test(arguments: [
        TLS.PrivateKey("app.key"), TLS.PrivateKey("/a.key", .rsa(1024)), TLS.PrivateKey("/a.key", mode: 0o644),
    ])
    func `an invalid key is a problem`(_ key: TLS.PrivateKey) async throws {
        #expect(key.problems.count == 1)
        await #expect(throws: Failure.self) { try await fake.check(key) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `no error shows a key`() async throws {
        fake.commands.program("openssl") { _ in
            CommandResult(ending: .exited(1), output: Array("SECRET".utf8), errors: Array("no entropy\n".utf8))
        }
        let failure = await #expect(throws: CommandFailure.self) { try await key.apply(on: fake.machine) }
        #expect(failure?.lastLines == ["no entropy"])
    }

    @Test func `Diffie-Hellman parameters are those of the RFC`() async throws {
        let parameters = TLS.DHParameters("/etc/ssl/propel/dh.pem", .ffdhe3072)
        try await fake.obeysLaw(parameters)
        let text = fake.files.text(at: "/etc/ssl/propel/dh.pem") ?? ""
        #expect(
            text.hasPrefix("-----BEGIN DH PARAMETERS-----\nMIIB") && text.hasSuffix("\n-----END DH PARAMETERS-----\n"))
        #expect(openssl.made == 0)
        try await fake.obeysLaw(parameters.reverted())
        #expect(fake.files["/etc/ssl/propel/dh.pem"] == nil)
    }
}
