import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct CopiedTests {
    private let fake = FakeMachine()
    private let copy = Copied(from: "/usr/share/app.conf", to: "/etc/app.conf")

    @Test func `a copy is made, follows its source, and is reverted`() async throws {
        fake.files.put("/usr/share/app.conf", "one\n", mode: 0o644)
        let before = fake.files.snapshot
        #expect(try await fake.obeysLaw(copy).reason == "create with mode 0644, owner root:root")
        #expect(fake.files.text(at: "/etc/app.conf") == "one\n")
        fake.files.put("/usr/share/app.conf", "two\n", mode: 0o644)
        #expect(try await fake.obeysLaw(copy).reason == "other content")
        #expect(fake.files.text(at: "/etc/app.conf") == "two\n")
        try await fake.obeysLaw(copy.reverted())
        fake.files.put("/usr/share/app.conf", "one\n", mode: 0o644)
        #expect(fake.files.snapshot == before)
    }

    @Test func `set-user-ID is not copied`() async throws {
        fake.files.put("/usr/share/app.conf", "x", mode: 0o4755)
        try await fake.obeysLaw(copy)
        #expect(fake.files["/etc/app.conf"]?.status.mode == 0o755)
    }

    @Test func `a source that is made later leaves the check undetermined`() async throws {
        #expect(try await fake.check(copy).isUnknown)
    }

    @Test func `links and directories are refused`() async throws {
        fake.files.put("/usr/share/app.conf", linkTo: "/etc/shadow")
        let failure = await #expect(throws: Failure.self) { try await fake.check(copy) }
        #expect(failure?.message == "/usr/share/app.conf is a link, and only files are copied")
        #expect(Copied(from: "/etc/a", to: "/etc/./a").problems.count == 1)
    }

    @Test func `a copy that is made once keeps what becomes of it`() async throws {
        fake.files.put("/usr/share/app.conf", "one\n", mode: 0o644)
        let once = Copied(from: "/usr/share/app.conf", to: "/etc/app.conf", mode: 0o600, seed: true)
        #expect(try await fake.obeysLaw(once).reason == "create with mode 0600, owner root:root")
        fake.files.put("/usr/share/app.conf", "two\n", mode: 0o644)
        fake.files.put("/etc/app.conf", "mine\n", mode: 0o644)
        #expect(try await fake.obeysLaw(once).reason == "mode 0644 → 0600")
        #expect(fake.files.text(at: "/etc/app.conf") == "mine\n")
        // What it was made from may be gone.
        try fake.files.remove("/usr/share/app.conf")
        #expect(try await fake.check(once) == .satisfied)
        #expect(Copied(from: "/a", to: "/b").claims != Copied(from: "/a", to: "/b", seed: true).claims)
    }

    @Test func `several files are joined, and followed`() async throws {
        fake.files.put("/etc/app.crt", "CERT\n", mode: 0o644)
        fake.files.put("/etc/app.key", "KEY\n", mode: 0o640)
        fake.files.put(directory: "/etc/haproxy")
        let joined = Copied(joining: ["/etc/app.crt", "/etc/app.key"], to: "/etc/haproxy/app.pem")
        #expect(try await fake.obeysLaw(joined).reason == "create with mode 0640, owner root:root")
        #expect(fake.files.text(at: "/etc/haproxy/app.pem") == "CERT\nKEY\n")
        fake.files.put("/etc/app.key", "NEW\n", mode: 0o640)
        #expect(try await fake.obeysLaw(joined).reason == "other content")
        #expect(fake.files.text(at: "/etc/haproxy/app.pem") == "CERT\nNEW\n")
        try await fake.obeysLaw(joined.reverted())
        #expect(fake.files["/etc/haproxy/app.pem"] == nil)
        try fake.files.remove("/etc/app.key")
        #expect(try await fake.check(joined).isUnknown)
        #expect(Copied(joining: [], to: "/etc/a").problems.count == 1)
        #expect(Copied(joining: ["/etc/b", "/etc/a"], to: "/etc/a").problems.count == 1)
    }

    @Test func `a copy that a program refuses is not put in place`() async throws {
        fake.files.put("/usr/share/app.conf", "one\n", mode: 0o644)
        let judged = Copied(from: "/usr/share/app.conf", to: "/etc/app.conf") { Invocation("judge", [$0.string]) }
        fake.commands.program("judge", status: 1, errors: "line 1: no\n")
        let before = fake.files.snapshot
        await #expect(throws: CommandFailure.self) { try await judged.apply(on: fake.machine) }
        #expect(fake.files.snapshot == before)
        fake.commands.program("judge")
        try await fake.obeysLaw(judged)
    }
}
