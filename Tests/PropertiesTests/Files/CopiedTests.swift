import PropelTesting
import Properties
import Testing

@Suite struct CopiedTests {
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
}
