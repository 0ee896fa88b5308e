import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct DirectoryTests {
    @Test func `missing directories above it are created on request, and removed by a revert`() async throws {
        let target = FakeMachine()
        target.files.put(directory: "/srv")
        let before = target.files.snapshot
        let directory = Directory("/srv/a/b/c", mode: 0o750, owner: "pi", parents: true)
        let change = try await target.obeysLaw(directory)
        #expect(change.reason == "create with mode 0750, owner pi, and what is missing above it from /srv/a on")
        #expect(target.files["/srv/a/b"]?.status.owner == .root && target.files["/srv/a/b"]?.status.mode == 0o755)
        try await target.obeysLaw(directory.reverted())
        #expect(target.files.snapshot == before)
        #expect(try await target.check(Directory("/srv/x/y")).isUnknown)
    }

    @Test func `owner and group may be numbers`() async throws {
        let target = FakeMachine()
        target.files.put(directory: "/srv")
        try await target.obeysLaw(Directory("/srv/data", owner: "1234", group: "5678"))
        #expect(target.files["/srv/data"]?.status.owner == Owner(user: 1234, group: 5678))
        try await target.obeysLaw(Directory("/srv/other", owner: "1234"))
        #expect(target.files["/srv/other"]?.status.owner == Owner(user: 1234, group: 1234))
    }

    let target = FakeMachine()

    @Test func `makes a directory and removes it again`() async throws {
        let before = target.files.snapshot
        let directory = Directory("/var/lib/app", mode: 0o750, owner: "pi")
        #expect(try await target.obeysLaw(directory).reason == "create with mode 0750, owner pi")
        #expect(target.files["/var/lib/app"]?.status.mode == 0o750)
        #expect(target.files["/var/lib/app"]?.status.owner == Owner(user: 1000, group: 1000))
        try await target.obeysLaw(directory.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `changes mode and owner and restores them`() async throws {
        target.files.put("/srv/data/file", "x")
        let before = target.files.snapshot
        let directory = Directory("/srv/data", mode: 0o700, owner: "pi")
        #expect(try await target.obeysLaw(directory).reason == "mode 0755 → 0700; owner root → pi; group root → pi")
        #expect(target.files.text(at: "/srv/data/file") == "x")
        try await target.obeysLaw(directory.reverted())
        #expect(target.files.snapshot == before)
    }

    @Test func `a directory with other files is not removed`() async throws {
        let directory = Directory("/srv")
        try await target.obeysLaw(directory)
        target.files.put("/srv/file", "x")
        await #expect(throws: Failure.self) { try await directory.revert(on: target.machine) }
        #expect(target.files.text(at: "/srv/file") == "x")
    }

    @Test func `files and links are refused`() async throws {
        target.files.put("/srv", "file")
        target.files.put("/var/run", linkTo: "/run")
        await #expect(throws: Failure.self) { try await target.check(Directory("/srv")) }
        await #expect(throws: Failure.self) { try await target.check(Directory("/var/run")) }
    }
}
