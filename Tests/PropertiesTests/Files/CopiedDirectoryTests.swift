import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct CopiedDirectoryTests {
    private let fake: FakeMachine

    init() { fake = Self.machine() }

    private static func machine() -> FakeMachine {
        let fake = FakeMachine()
        fake.files.put("/usr/share/app/a.conf", "a\n", mode: 0o640)
        fake.files.put("/usr/share/app/bin/run", "#!/bin/sh\n", mode: 0o4755)
        fake.files.put("/usr/share/app/current", linkTo: "bin/run")
        fake.files.put(directory: "/srv")
        return fake
    }

    private func app(purge: Bool = false) -> CopiedDirectory {
        CopiedDirectory(from: "/usr/share/app", to: "/srv/app", owner: "pi", purge: purge)
    }

    @Test func `a directory is copied with modes and links, and follows its source`() async throws {
        #expect(try await fake.obeysLaw(app()).reason == "5 changes, the first /srv/app: create")
        #expect(fake.files.text(at: "/srv/app/a.conf") == "a\n")
        let run = try #require(fake.files["/srv/app/bin/run"]?.status)
        #expect(run.mode == 0o755, "no set-user-ID for another owner")
        #expect(run.owner == Owner(user: 1000, group: 1000))
        #expect(try fake.files.destination(ofLink: "/srv/app/current") == "bin/run")
        fake.pass(.seconds(1))
        fake.files.put("/usr/share/app/a.conf", "b\n", mode: 0o600)
        fake.files.put("/usr/share/app/current", linkTo: "a.conf")
        let change = try await fake.obeysLaw(app())
        #expect(change.reason == "2 changes, the first a.conf: other content; mode 0640 → 0600")
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `drift of a copy is repaired, and what is its own stays`() async throws {
        try await fake.obeysLaw(app())
        fake.files.put("/srv/app/data/x", "mine")
        fake.pass(.seconds(1))
        fake.files.put("/srv/app/a.conf", "x\n", mode: 0o640, owner: Owner(user: 1000, group: 1000))
        #expect(try await fake.obeysLaw(app()).reason == "a.conf: other content")
        #expect(fake.files.text(at: "/srv/app/data/x") == "mine")
        #expect(try await fake.obeysLaw(app(purge: true)).reason == "data: remove")
        #expect(fake.files["/srv/app/data"] == nil && fake.files.text(at: "/srv/app/a.conf") == "a\n")
    }

    @Test func `files that were not touched are not read again`() async throws {
        try await fake.obeysLaw(app())
        // The size and the time are the same: only who reads it sees the difference.
        fake.files.put("/usr/share/app/a.conf", "z\n", mode: 0o640)
        #expect(try await fake.check(app()) == .satisfied)
        fake.pass(.seconds(1))
        fake.files.put("/usr/share/app/a.conf", "z\n", mode: 0o640)
        #expect(try await fake.check(app()) == .unmet("a.conf: other content"))
    }

    @Test func `something of another kind is refused`() async throws {
        fake.files.put("/etc/shadow", "x", mode: 0o600)
        fake.files.put("/srv/app/a.conf", linkTo: "/etc/shadow")
        await #expect(throws: Failure.self) { try await fake.check(app()) }
        await #expect(throws: Failure.self) { try await app().apply(on: fake.machine) }
        #expect(fake.files.text(at: "/etc/shadow") == "x")
        #expect(try await fake.check(CopiedDirectory(from: "/none", to: "/srv/app")).isUnknown)
        await #expect(throws: Failure.self) {
            try await fake.check(CopiedDirectory(from: "/usr/share/app/a.conf", to: "/srv/x"))
        }
    }

    @Test(arguments: Fault.allCases) func `a copy that was cut is finished`(_ fault: Fault) async throws {
        try await FakeMachine.verify(app(purge: true), survives: fault) {
            let fake = Self.machine()
            fake.files.put("/srv/app/old/x", "x")
            return fake
        }
    }

    @Test(arguments: [
        CopiedDirectory(from: "/srv/a", to: "/srv/a/b"), CopiedDirectory(from: "/srv/a/b", to: "/srv/a"),
        CopiedDirectory(from: "/srv/a", to: "/srv/a"), CopiedDirectory(from: "/srv/a", to: "/usr"),
        CopiedDirectory(from: "a", to: "/srv/b"),
    ]) func `a copy into itself is a problem`(_ copy: CopiedDirectory) { #expect(copy.problems.count == 1) }
}
