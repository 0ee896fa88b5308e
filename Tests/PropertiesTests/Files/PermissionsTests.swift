import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct PermissionsTests {
    private let fake = FakeMachine()

    @Test func `mode and owner of one file are changed`() async throws {
        fake.files.put("/etc/key", "x", mode: 0o644)
        let change = try await fake.obeysLaw(Permissions(of: "/etc/key", mode: 0o640, group: "pi"))
        #expect(change.reason == "mode 0644 → 0640; group 0 → pi")
        #expect(fake.files["/etc/key"]?.status.mode == 0o640)
        #expect(fake.files["/etc/key"]?.status.owner == Owner(user: 0, group: 1000))
    }

    @Test func `everything below a directory is changed, but no link`() async throws {
        fake.files.put("/etc/shadow", "x", mode: 0o600)
        fake.files.put("/srv/media/a/b.txt", "x", mode: 0o600)
        fake.files.put("/srv/media/run", "x", mode: 0o700)
        fake.files.put("/srv/media/link", linkTo: "/etc/shadow")
        let property = Permissions(
            of: "/srv/media", recursive: true, files: 0o664, directories: 0o2775, executables: 0o775, owner: "1234",
            group: "5678")
        let change = try await fake.obeysLaw(property)
        #expect(change.reason.hasPrefix("change 4 entries, the first /srv/media: mode 0755 → 2775; owner 0 → 1234"))
        #expect(fake.files["/srv/media/a/b.txt"]?.status.mode == 0o664)
        #expect(fake.files["/srv/media/run"]?.status.mode == 0o775)
        #expect(fake.files["/srv/media/a"]?.status.owner == Owner(user: 1234, group: 5678))
        #expect(fake.files["/etc/shadow"]?.status.owner == .root)
    }

    @Test func `a directory that is declared by itself keeps its own mode`() async throws {
        fake.files.put("/srv/media/a/b.txt", "x", mode: 0o600)
        let host = Host("x", runs: Debian.self) {
            Directory("/srv/media/a", mode: 0o700)
            Permissions(of: "/srv/media", recursive: true, files: 0o664, directories: 0o2775)
        }
        let property = try #require(host.steps.last?.property as? Permissions)
        #expect(try await fake.obeysLaw(property).reason.hasPrefix("change 2 entries, the first /srv/media: "))
        #expect(fake.files["/srv/media/a"]?.status.mode == 0o755)
        #expect(fake.files["/srv/media/a/b.txt"]?.status.mode == 0o664)
    }

    @Test func `two declarations of one file's mode are a problem`() {
        let host = Host("x", runs: Debian.self) {
            File("/etc/key", "x", mode: 0o644)
            Permissions(of: "/etc/key", mode: 0o600)
        }
        #expect(host.problems.count == 1, "\(host.problems)")
    }

    @Test func `what is made later leaves the check undetermined`() async throws {
        #expect(try await fake.check(Permissions(of: "/srv/none", mode: 0o600)).isUnknown)
    }

    /// It would count as done, and nothing would have its permissions.
    @Test func `a link is refused rather than passed over`() async throws {
        fake.files.put("/etc/shadow", "x", mode: 0o600)
        fake.files.put("/srv/link", linkTo: "/etc/shadow")
        for isRecursive in [false, true] {
            let failure = await #expect(throws: Failure.self) {
                try await fake.check(Permissions(of: "/srv/link", recursive: isRecursive, files: 0o644, owner: "pi"))
            }
            #expect(failure?.message == "/srv/link is a symbolic link, whose permissions stay")
        }
    }

    @Test func `a missing user is a failure`() async throws {
        fake.files.put("/etc/key", "x")
        await #expect(throws: Failure.self) { try await fake.check(Permissions(of: "/etc/key", owner: "none")) }
    }

    @Test func `nothing declared and whole directories of the system are problems`() {
        #expect(Permissions(of: "/etc/key").problems.count == 1)
        #expect(Permissions(of: "/etc", recursive: true, files: 0o600).problems.count == 1)
        #expect(Permissions(of: "/etc/key", mode: 644).problems.count == 1)
    }
}
