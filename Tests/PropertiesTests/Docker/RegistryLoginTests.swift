import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct RegistryLoginTests {
    private let fake = FakeMachine()
    private let path: FilePath = "/root/.docker/config.json"
    private let login = Docker.RegistryLogin("ghcr.io", user: "anna", password: "\(Secret("ghcr-token"))")

    private func run(_ password: String = "hunter2", version: String = "1") -> FakeMachine {
        fake.run(
            with: Secrets(versions: ["ghcr-token": version]) { _ in
                ["ghcr-token": try SecretBytes(copying: Array(password.utf8))]
            })
    }

    @Test func `a login is added beside others`() async throws {
        fake.files.put(path, #"{"auths": {"other.example.com": {"auth": "eDp5"}}, "psFormat": "x"}"#, mode: 0o600)
        let change = try await run().obeysLaw(login)
        #expect(change.reason == "log in as anna" && change.secrets.map(\.name) == ["ghcr-token"])
        let json = try JSON(parsing: fake.files.read(path))
        // anna:hunter2
        #expect(json["auths"]?["ghcr.io"]?["auth"] == "YW5uYTpodW50ZXIy")
        #expect(json["auths"]?["other.example.com"]?["auth"] == "eDp5" && json["psFormat"] == "x")
        #expect(fake.files[path]?.status.mode == 0o600)
        // The next run needs no plaintext, and notices a new one.
        #expect(try await fake.run(with: Secrets(versions: ["ghcr-token": "1"])).check(login) == .satisfied)
        let next = run("other", version: "2")
        #expect(try await next.check(login).isUnknown)
        try await login.apply(on: next.machine)
        #expect(try await next.check(login) == .satisfied)
        #expect(try JSON(parsing: fake.files.read(path))["auths"]?["ghcr.io"]?["auth"] == "YW5uYTpvdGhlcg==")
    }

    @Test func `Docker Hub has a key of former times`() async throws {
        try await fake.obeysLaw(Docker.RegistryLogin("docker.io", user: "anna", password: "plain"))
        let json = try JSON(parsing: fake.files.read(path))
        #expect(json["auths"]?["https://index.docker.io/v1/"]?["auth"] == "YW5uYTpwbGFpbg==")
    }

    @Test func `another user and another mode are changed`() async throws {
        fake.files.put(path, #"{"auths": {"ghcr.io": {"auth": "YmVuOmh1bnRlcjI="}}}"#, mode: 0o644)
        #expect(try await run().obeysLaw(login).reason == "log in as anna instead")
        fake.files.put(path, try fake.files.text(path), mode: 0o644)
        #expect(try await run().obeysLaw(login).reason == "readable by root alone")
    }

    @Test(arguments: [#"{"credsStore": "pass"}"#, #"{"credHelpers": {"ghcr.io": "pass"}}"#, "nonsense", "[]"])
    func `a file that another program keeps is left alone`(_ text: String) async throws {
        fake.files.put(path, text, mode: 0o600)
        await #expect(throws: Failure.self) { try await run().check(login) }
        await #expect(throws: Failure.self) { try await login.apply(on: run().machine) }
        #expect(try fake.files.text(path) == text)
    }

    @Test(arguments: [("", "a"), ("ghcr.io/x", "a"), ("ghcr.io", ""), ("ghcr.io", "a:b"), ("a b", "a")])
    func `an invalid login is a problem`(_ registry: String, _ user: String) {
        #expect(Docker.RegistryLogin(registry, user: user, password: "x").problems.count == 1)
    }

    // MARK: Absent

    private let absent = Docker.RegistryLogin.Absent("ghcr.io")

    @Test(arguments: ["ghcr.io", "https://ghcr.io", "https://ghcr.io/v2/"]) func `a login is removed beside others`(
        _ key: String
    ) async throws {
        let others = #""ghcr.io.example.com": {"auth": "eDp5"}"#
        fake.files.put(path, "{\"auths\": {\"\(key)\": {\"auth\": \"YTpi\"}, \(others)}, \"psFormat\": \"x\"}")
        #expect(try await fake.obeysLaw(absent).reason == "log out")
        let json = try JSON(parsing: fake.files.read(path))
        #expect(json["auths"]?.object?.keys.sorted() == ["ghcr.io.example.com"] && json["psFormat"] == "x")
        #expect(fake.files[path]?.status.mode == 0o600)
    }

    @Test func `the login at Docker Hub is removed, and then nothing is left of logins`() async throws {
        try await fake.obeysLaw(Docker.RegistryLogin("docker.io", user: "anna", password: "plain"))
        try await fake.obeysLaw(Docker.RegistryLogin.Absent("docker.io"))
        #expect(try JSON(parsing: fake.files.read(path)) == .object([:]))
    }

    @Test func `a machine without the login has none`() async throws {
        #expect(try await fake.check(absent) == .satisfied)
        // Another program may keep those of other registries.
        fake.files.put(path, #"{"credsStore": "pass", "auths": {"other.example.com": {}}}"#, mode: 0o600)
        #expect(try await fake.check(absent) == .satisfied)
        fake.files.put(path, #"{"credsStore": "pass", "auths": {"ghcr.io": {}}}"#, mode: 0o600)
        let failure = await #expect(throws: Failure.self) { try await fake.check(absent) }
        #expect(failure?.message == "docker-credential-pass keeps the login at ghcr.io")
        #expect(Docker.RegistryLogin.Absent("a/b").problems.count == 1)
    }

    @Test func `a login that is there and not there is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            login
            absent
        }
        #expect(host.conflicts.count == 1)
    }
}
