import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct AbsenceTests {
    private let fake = FakeMachine()

    @Test func `a file is removed and restored`() async throws {
        fake.files.put("/etc/old.conf", "old\n", mode: 0o640, owner: Owner(user: 1, group: 2))
        let before = fake.files.snapshot
        let change = try await fake.obeysLaw(File.Absent("/etc/old.conf"))
        #expect(change.reason == "remove a file of 4 bytes")
        #expect(fake.files["/etc/old.conf"] == nil)
        try await fake.obeysLaw(File.Absent("/etc/old.conf").reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `a link is removed and what it points to is kept`() async throws {
        fake.files.put("/etc/target", "x")
        fake.files.put("/etc/link", linkTo: "/etc/target")
        #expect(try await fake.obeysLaw(File.Absent("/etc/link")).reason == "remove the link")
        #expect(fake.files.text(at: "/etc/target") == "x")
        try await fake.obeysLaw(File.Absent("/etc/link").reverted())
        #expect(fake.files["/etc/link"]?.destination == "/etc/target")
    }

    @Test func `nothing there is satisfied`() async throws {
        #expect(try await fake.check(File.Absent("/etc/none")) == .satisfied)
        #expect(try await fake.check(Directory.Absent("/etc/none")) == .satisfied)
    }

    @Test func `a directory is no file, and a file no directory`() async throws {
        fake.files.put("/etc/dir/file", "x")
        let directory = await #expect(throws: Failure.self) { try await fake.check(File.Absent("/etc/dir")) }
        #expect(directory?.advice == "Use Directory.Absent(\"/etc/dir\").")
        let file = await #expect(throws: Failure.self) { try await fake.check(Directory.Absent("/etc/dir/file")) }
        #expect(file?.advice == "Use File.Absent(\"/etc/dir/file\") to remove a file or a link.")
    }

    @Test func `a directory with files is removed only on request`() async throws {
        fake.files.put("/opt/app/bin/tool", "x")
        fake.files.put("/opt/app/link", linkTo: "/etc")
        let refused = await #expect(throws: Failure.self) { try await fake.check(Directory.Absent("/opt/app")) }
        #expect(refused?.message == "/opt/app is not empty: it has bin, link")
        let change = try await fake.obeysLaw(Directory.Absent("/opt/app", recursive: true))
        #expect(change.reason == "remove it with 2 entries")
        #expect(fake.files["/opt/app"] == nil && fake.files["/etc"] != nil)
        try await fake.obeysLaw(Directory.Absent("/opt/app", recursive: true).reverted())
        #expect(try fake.files.list("/opt/app") == [])
    }

    @Test(arguments: ["/mnt/disk", "/mnt/disk/deep/down"]) func `a mounted file system is refused`(
        _ point: String
    ) async throws {
        fake.files.put("/mnt/disk/data", "x")
        fake.files.put("/proc/self/mountinfo", "36 35 98:0 / \(point) rw,noatime - ext4 /dev/sdb1 rw\n")
        // By the apply too: it may have been mounted since the check.
        let refused = await fake.refusal(of: Directory.Absent("/mnt/disk", recursive: true))
        #expect(refused?.message == "a file system is mounted at \(point)")
        #expect(fake.files.text(at: "/mnt/disk/data") == "x")
    }

    @Test(arguments: ["/etc", "/usr/../etc", "relative", "/"]) func `a directory of every system is a problem`(
        _ path: String
    ) {
        #expect(Directory.Absent(FilePath(path), recursive: true).problems.count == 1)
    }
}
