import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct FileVersionsTests {
    private let fake = FakeMachine()
    private let directory: FilePath = "/var/backups/propel/etc/app.conf"

    private func versions() throws -> [String] {
        try fake.files.list(directory).map { fake.files.text(at: directory.appending($0)) ?? "none" }
    }

    @Test func `what was there is copied before each change`() async throws {
        fake.files.put("/etc/app.conf", "0\n", mode: 0o640, owner: Owner(user: 1000, group: 27))
        let change = try await fake.obeysLaw(File("/etc/app.conf", "1\n").keepingVersions())
        #expect(
            change.reason == "other content, after a copy to \(directory); mode 0640 → 0644; owner pi → root; "
                + "group sudo → root")
        let copy = try #require(try fake.files.list(directory).first)
        #expect(copy == fake.machine.now.compact)
        #expect(fake.files[directory.appending(copy)]?.status.mode == 0o640)
        #expect(fake.files[directory.appending(copy)]?.status.owner == Owner(user: 1000, group: 27))
        #expect(fake.files[directory]?.status.mode == 0o700)
        fake.pass(.days(1))
        try await fake.obeysLaw(File("/etc/app.conf", "2\n").keepingVersions())
        #expect(try versions() == ["0\n", "1\n"])
    }

    @Test func `what was there is copied before an edit of a part`() async throws {
        fake.files.put("/etc/app.conf", "0\n", mode: 0o640)
        try await fake.obeysLaw(Block("/etc/app.conf", "limits", "limit = 3").keepingVersions())
        #expect(try versions() == ["0\n"])
    }

    @Test func `the oldest ones are removed`() async throws {
        fake.files.put("/etc/app.conf", "0\n")
        for number in 1...5 {
            // Two of them in one second.
            if number != 3 { fake.pass(.seconds(1)) }
            try await fake.obeysLaw(File("/etc/app.conf", "\(number)\n").keepingVersions(3))
        }
        #expect(try versions() == ["2\n", "3\n", "4\n"])
    }

    @Test func `a version whose clock was ahead does not cost the present one`() async throws {
        fake.files.put("/etc/app.conf", "1\n")
        fake.files.put(directory.appending("20990101T000000Z"), "0\n")
        try await fake.obeysLaw(File("/etc/app.conf", "2\n").keepingVersions(1))
        #expect(try versions() == ["1\n"])
    }

    @Test func `nothing is copied for a new file, a mode or a file without it`() async throws {
        try await fake.obeysLaw(File("/etc/app.conf", "1\n").keepingVersions())
        try await fake.obeysLaw(File("/etc/app.conf", "1\n", mode: 0o600).keepingVersions())
        try await fake.obeysLaw(File("/etc/app.conf", "2\n"))
        #expect(fake.files[directory] == nil)
    }

    @Test func `a revert restores the first original, and leaves the copies`() async throws {
        fake.files.put("/etc/app.conf", "0\n")
        try await fake.obeysLaw(File("/etc/app.conf", "1\n"))
        let file = File("/etc/app.conf", "2\n").keepingVersions()
        try await fake.obeysLaw(file)
        try await fake.obeysLaw(file.reverted())
        #expect(fake.files.text(at: "/etc/app.conf") == "0\n")
        #expect(try versions() == ["1\n"])
    }

    @Test func `a file that its program refuses is not copied`() async throws {
        fake.files.put("/etc/app.conf", "0\n")
        fake.commands.program("checker", status: 1)
        let file = File("/etc/app.conf", "1\n") { Invocation("checker", [$0.string]) }.keepingVersions()
        await #expect(throws: CommandFailure.self) { try await file.apply(on: fake.machine) }
        #expect(fake.files[directory] == nil)
    }

    @Test(arguments: [0, -1, 1001]) func `an invalid number is a problem`(_ count: Int) {
        #expect(File("/etc/app.conf", "1\n").keepingVersions(count).problems.count == 1)
    }

    @Test(arguments: Fault.allCases)
    func `a run that was cut makes one copy`(_ fault: Fault) async throws {
        try await FakeMachine.verify(File("/etc/app.conf", "1\n").keepingVersions(), survives: fault) {
            let fake = FakeMachine()
            fake.files.put("/etc/app.conf", "0\n")
            return fake
        }
    }
}
