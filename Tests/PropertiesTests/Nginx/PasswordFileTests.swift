import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct PasswordFileTests {
    let fake: FakeMachine
    private let path: FilePath = "/etc/nginx/staff.htpasswd"

    init() {
        fake = FakeMachine()
        fake.files.put("/etc/group", "root:x:0:\nwww-data:x:33:\n")
        fake.files.put(directory: "/etc/nginx")
        fake.commands.program("openssl") { command in
            .printing("$6$salt$\(String(decoding: command.input, as: UTF8.self).uppercased().dropLast())\n")
        }
    }

    private func run(_ plaintexts: [String: String]) -> FakeMachine {
        fake.run(
            with: Secrets(versions: plaintexts) { names in
                try names.reduce(into: [:]) { $0[$1] = try SecretBytes(copying: Array((plaintexts[$1] ?? "").utf8)) }
            })
    }

    private func file(_ users: [String: Nginx.PasswordFile.Password]) -> Nginx.PasswordFile {
        Nginx.PasswordFile("staff", users: users)
    }

    @Test func `obeys the law and restores the file`() async throws {
        fake.files.put(path, "old:$apr1$a$b\n", mode: 0o600)
        let before = fake.files.snapshot
        let staff = file(["anna": .hash("$apr1$x$y"), "ben": .hash("{SHA}abc=")])
        let change = try await fake.obeysLaw(staff)
        #expect(change.reason.hasPrefix("add anna; add ben; remove old; mode 0600 → 0640"))
        #expect(fake.files.text(at: path) == "anna:$apr1$x$y\nben:{SHA}abc=\n")
        #expect(fake.files[path]?.status.owner == Owner(user: 0, group: 33))
        try await fake.obeysLaw(staff.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `a password counts as set once it is in the file`() async throws {
        fake.inject(.kill, afterFirst: "replace /var/lib/propel/secrets/")
        let staff = file(["anna": .secret(Secret("anna"))])
        try? await staff.apply(on: run(["anna": "tulip"]).machine)
        #expect(fake.operations.isDown)
        fake.restart(seed: 0)
        #expect(fake.files.text(at: path) == "anna:$6$salt$TULIP\n")
    }

    @Test func `a password is hashed once, passed on standard input, and asked for when it changes`() async throws {
        let staff = file(["anna": .secret(Secret("anna")), "ben": .hashedSecret(Secret("ben"))])
        let machine = run(["anna": "tulip\n", "ben": "$6$a$b\n"])
        #expect(try await machine.obeysLaw(staff).secrets == [Secret("anna"), Secret("ben")])
        #expect(fake.files.text(at: path) == "anna:$6$salt$TULIP\nben:$6$a$b\n")
        #expect(fake.commands.log == ["openssl passwd -6 -stdin"])
        // The next run has the same versions and no plaintexts.
        let later = fake.run(with: Secrets(versions: ["anna": "tulip\n", "ben": "$6$a$b\n"]))
        #expect(try await later.check(staff) == .satisfied)
        let other = fake.run(with: Secrets(versions: ["anna": "rose", "ben": "$6$a$b\n"]))
        #expect(
            try await other.check(staff)
                == .unmet("set the password of anna from the secret anna", secrets: [Secret("anna")]))
        try await run(["anna": "rose", "ben": "$6$a$b\n"]).obeysLaw(staff)
        #expect(fake.files.text(at: path) == "anna:$6$salt$ROSE\nben:$6$a$b\n")
        #expect(!fake.commands.log.joined().contains("rose"))
    }

    @Test(arguments: [
        "anna:$apr1$x$z\n", "annab:$apr1$x$y\n", "#anna:$apr1$x$y\n", " anna:$apr1$x$y\n", "anna\n", "",
        "anna:$apr1$x$z\nanna:$apr1$x$y\n", "anna:$apr1$x$y\nben:$apr1$x$y\n", "Anna:$apr1$x$y\n",
    ])
    func `a near miss is replaced`(_ text: String) async throws {
        fake.files.put(path, text, mode: 0o640, owner: Owner(user: 0, group: 33))
        try await fake.obeysLaw(file(["anna": .hash("$apr1$x$y")]))
        #expect(fake.files.text(at: path) == "anna:$apr1$x$y\n")
    }

    @Test(arguments: ["anna:$apr1$x$y\n", "# staff\nanna:$apr1$x$y\n", "anna:$apr1$x$y:of Anna\r\n", "anna:$apr1$x$y"])
    func `an equivalent file is kept`(_ text: String) async throws {
        fake.files.put(path, text, mode: 0o640, owner: Owner(user: 0, group: 33))
        #expect(try await fake.check(file(["anna": .hash("$apr1$x$y")])) == .satisfied)
    }

    @Test func `a name whose last character joins the next one is found again`() async throws {
        fake.files.put(path, "a\u{600}:$apr1$x$y\n", mode: 0o640, owner: Owner(user: 0, group: 33))
        #expect(try await fake.check(file(["a\u{600}": .hash("$apr1$x$y")])) == .satisfied)
    }

    @Test(arguments: [
        Nginx.PasswordFile("../staff", users: ["anna": .hash("$apr1$x$y")]), Nginx.PasswordFile("staff", users: [:]),
        Nginx.PasswordFile("staff", users: ["a:b": .hash("$apr1$x$y")]),
        Nginx.PasswordFile("staff", users: ["a:\u{301}b": .hash("$apr1$x$y")]),
        Nginx.PasswordFile("staff", users: ["#\u{301}a": .hash("$apr1$x$y")]),
        Nginx.PasswordFile("staff", users: ["a\nb": .hash("$apr1$x$y")]),
        Nginx.PasswordFile("staff", users: ["anna": .hash("plaintext")]),
        Nginx.PasswordFile("staff", users: ["anna": .hash("$apr1$x\nben:y")]),
    ])
    func `an invalid file is refused and writes nothing`(_ file: Nginx.PasswordFile) async throws {
        #expect(file.problems.count == 1)
        #expect(!file.problems[0].contains("plaintext"))
        await #expect(throws: Failure.self) { try await fake.check(file) }
        await #expect(throws: Failure.self) { try await file.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test(arguments: ["", "two\nlines", String(repeating: "x", count: 257)])
    func `a secret that is no password is refused`(_ password: String) async throws {
        let staff = file(["anna": .secret(Secret("anna"))])
        let failure = await #expect(throws: Failure.self) { try await staff.apply(on: run(["anna": password]).machine) }
        #expect(failure?.message.contains("secret anna") == true)
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `a secret that is no hash is refused and not shown`() async throws {
        let staff = file(["anna": .hashedSecret(Secret("anna"))])
        let failure = await #expect(throws: Failure.self) { try await staff.apply(on: run(["anna": "tulip"]).machine) }
        #expect(failure?.message.contains("tulip") == false)
        #expect(fake.files.writes.isEmpty)
    }
}
