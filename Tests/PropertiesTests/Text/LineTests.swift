import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct LineTests {
    private let fake = FakeMachine()

    private func text(_ path: FilePath = "/etc/x") -> String? { fake.files.text(at: path) }

    @Test(arguments: [
        (Line.Position.end, "a\nb\nnew\n"), (.start, "new\na\nb\n"), (.after("a"), "a\nnew\nb\n"),
        (.before("b"), "a\nnew\nb\n"), (.after("none"), "a\nb\nnew\n"),
    ]) func `a line is added at its position`(_ position: Line.Position, _ expected: String) async throws {
        fake.files.put("/etc/x", "a\nb\n", mode: 0o600, owner: Owner(user: 1, group: 1))
        let line = Line("/etc/x", "new", position: position)
        try await fake.obeysLaw(line)
        #expect(text() == expected)
        #expect(fake.files["/etc/x"]?.status.mode == 0o600 && fake.files["/etc/x"]?.status.owner.user == 1)
        try await fake.obeysLaw(line.reverted())
        #expect(text() == "a\nb\n")
    }

    @Test(arguments: ["new\n", "  new\t\nb\n", "a\r\nnew\r\n"]) func `a line that is there stays`(
        _ present: String
    ) async throws {
        fake.files.put("/etc/x", present)
        #expect(try await fake.check(Line("/etc/x", "new")) == .satisfied)
        #expect(try await fake.checkReverted(Line("/etc/x", "new")) == .satisfied)
    }

    @Test func `duplicates are removed`() async throws {
        fake.files.put("/etc/x", "new\na\nnew\n")
        try await fake.obeysLaw(Line("/etc/x", "new"))
        #expect(text() == "new\na\n")
    }

    @Test func `concurrent changes of other programs are kept by a revert`() async throws {
        fake.files.put("/etc/x", "a\n")
        try await fake.obeysLaw(Line("/etc/x", "new"))
        fake.files.put("/etc/x", "a\nnew\nb\n")
        try await fake.obeysLaw(Line("/etc/x", "new").reverted())
        #expect(text() == "a\nb\n")
    }

    @Test func `a missing file is created on request only`() async throws {
        #expect(try await fake.check(Line("/etc/x", "new")).isUnknown)
        await #expect(throws: Failure.self) { try await Line("/etc/x", "new").apply(on: fake.machine) }
        let line = Line("/etc/x", "new", createsFile: true)
        try await fake.obeysLaw(line)
        #expect(text() == "new\n" && fake.files["/etc/x"]?.status.mode == 0o644)
        try await fake.obeysLaw(line.reverted())
        #expect(fake.files["/etc/x"] == nil)
    }

    @Test func `a line is removed everywhere and restored`() async throws {
        fake.files.put("/etc/x", "old\na\n old \n")
        try await fake.obeysLaw(Line.Absent("/etc/x", "old"))
        #expect(text() == "a\n")
        try await fake.obeysLaw(Line.Absent("/etc/x", "old").reverted())
        #expect(text() == "old\na\n old \n")
        #expect(try await fake.check(Line.Absent("/etc/none", "old")) == .satisfied)
    }

    @Test func `lines with a beginning are removed and restored`() async throws {
        fake.files.put("/etc/x", "lxc.cap.drop: a\nb\n  lxc.cap.drop: \nmy.lxc.cap.drop\n")
        let absent = Line.Absent("/etc/x", beginningWith: "lxc.cap.drop")
        try await fake.obeysLaw(absent)
        #expect(text() == "b\nmy.lxc.cap.drop\n")
        fake.files.put("/etc/x", "b\nmy.lxc.cap.drop\nnew\n")
        try await fake.obeysLaw(absent.reverted())
        #expect(text() == "b\nmy.lxc.cap.drop\nnew\nlxc.cap.drop: a\n  lxc.cap.drop: \n")
        #expect(try await fake.check(Line.Absent("/etc/none", beginningWith: "x")) == .satisfied)
        #expect(Line.Absent("/etc/x", beginningWith: " ").problems.count == 1)
    }

    @Test func `a rejected candidate is not installed`() async throws {
        fake.files.put("/etc/x", "a\n")
        fake.commands.program("checker", status: 1, errors: "line 2: bad\n")
        let line = Line("/etc/x", "new") { Invocation("checker", [$0.string]) }
        await #expect(throws: CommandFailure.self) { try await line.apply(on: fake.machine) }
        #expect(text() == "a\n")
        #expect(try fake.files.list("/etc").allSatisfy { !$0.hasSuffix(".propel") })
    }

    @Test func `present and absent conflict, and two lines are a problem`() {
        let host = Host("x", runs: Debian.self) {
            Line("/etc/x", "new")
            Line.Absent("/etc/x", "new")
        }
        #expect(host.conflicts.count == 1)
        #expect(Line("/etc/x", "a\nb").problems.count == 1 && Line("/etc/x", " ").problems.count == 1)
    }

    @Test(arguments: [
        ("a\nEDITOR=nano\nb\n", "a\nEDITOR=vim\nb\n"),
        ("EDITOR=nano\nb\n  EDITOR=ed\n", "EDITOR=vim\nb\n"),
        ("EDITOR=vim -u NONE\n", "EDITOR=vim\n"),
        ("#EDITOR=nano\nMYEDITOR=x\n", "#EDITOR=nano\nMYEDITOR=x\nEDITOR=vim\n"),
        ("EDITOR=nano\r\nb\r\n", "EDITOR=vim\r\nb\r\n"), ("a", "a\nEDITOR=vim\n"),
        ("EDITOR=ed\nEDITOR=vim\n", "EDITOR=vim\n"),
    ])
    func `a line is put in the place of those with its beginning, and they come back`(
        _ before: String, _ after: String
    ) async throws {
        fake.files.put("/etc/x", before)
        let line = Line("/etc/x", "EDITOR=vim", replacing: "EDITOR=")
        try await fake.obeysLaw(line)
        #expect(text() == after)
        try await fake.obeysLaw(line.reverted())
        #expect(text() == before)
    }

    @Test func `whitespace after the beginning counts`() async throws {
        fake.files.put("/etc/x", "PortMap 1\nPort 22\n")
        try await fake.obeysLaw(Line("/etc/x", "Port 2222", replacing: "Port "))
        #expect(text() == "PortMap 1\nPort 2222\n")
    }

    @Test func `a replaced line comes back among concurrent changes`() async throws {
        fake.files.put("/etc/x", "a\nEDITOR=nano\n")
        let line = Line("/etc/x", "EDITOR=vim", replacing: "EDITOR=")
        try await fake.obeysLaw(line)
        fake.files.put("/etc/x", "new\na\nEDITOR=vim\nb\n")
        try await fake.obeysLaw(line.reverted())
        #expect(text() == "new\na\nEDITOR=nano\nb\n")
    }

    @Test func `two lines with one beginning conflict, and one that would not be found again is a problem`() {
        let host = Host("x", runs: Debian.self) {
            Line("/etc/x", "EDITOR=vim", replacing: "EDITOR=")
            Line("/etc/x", "EDITOR=nano", replacing: "EDITOR=")
        }
        #expect(host.conflicts.count == 1)
        #expect(Line("/etc/x", "EDITOR=vim", replacing: "PAGER=").problems.count == 1)
        #expect(Line("/etc/x", "EDITOR=vim", replacing: " ").problems.count == 1)
        #expect(Line("/etc/x", "EDITOR=vim", replacing: "EDITOR=").problems.isEmpty)
    }

    @Test func `a file that is created has the declared mode and owner, and one that is there keeps its own`()
        async throws
    {
        let line = Line("/etc/x", "token", createsFile: true, mode: 0o640, owner: "pi", group: "sudo")
        let change = try await fake.obeysLaw(line)
        #expect(change.reason == "create with mode 0640, owner pi:sudo")
        #expect(change.diff?.text.contains("token") != true)
        #expect(fake.files["/etc/x"]?.status.mode == 0o640)
        #expect(fake.files["/etc/x"]?.status.owner == Owner(user: 1000, group: 27))
        try await fake.obeysLaw(Block("/etc/y", "mine", "a\n", createsFile: true, owner: "pi"))
        #expect(fake.files["/etc/y"]?.status.owner == Owner(user: 1000, group: 1000))
        try await fake.obeysLaw(Setting("/etc/z", "A", "1", syntax: .shell, createsFile: true, mode: 0o600))
        #expect(fake.files["/etc/z"]?.status.mode == 0o600)
        fake.files.put("/etc/x", "a\n", mode: 0o604)
        try await fake.obeysLaw(line)
        #expect(fake.files["/etc/x"]?.status.mode == 0o604)
        #expect(Line("/etc/x", "a", createsFile: true, mode: 644).problems.count == 1)
    }

    @Test func `what was there is copied before each edit`() async throws {
        let directory: FilePath = "/var/backups/propel/etc/x"
        fake.files.put("/etc/x", "a\n", mode: 0o640, owner: Owner(user: 1, group: 1))
        let change = try await fake.obeysLaw(Line("/etc/x", "b").keepingVersions())
        #expect(change.reason == "edit, after a copy to \(directory)")
        let copy = directory.appending(fake.machine.now.compact)
        #expect(fake.files.text(at: copy) == "a\n" && fake.files[copy]?.status.mode == 0o640)
        fake.pass(.seconds(1))
        try await fake.obeysLaw(Block("/etc/x", "c", "d\n").keepingVersions(2))
        fake.pass(.seconds(1))
        try await fake.obeysLaw(Setting("/etc/x", "e", "f", syntax: .shell).keepingVersions(2))
        let kept = try fake.files.list(directory).map { fake.files.text(at: directory.appending($0)) ?? "" }
        #expect(kept.count == 2 && kept.first == "a\nb\n")
        // Nothing is copied for a file that is created, or that is left as it is.
        try await fake.obeysLaw(Line("/etc/y", "b", createsFile: true).keepingVersions())
        #expect(try await fake.check(Line("/etc/y", "b").keepingVersions()) == .satisfied)
        #expect(fake.files["/var/backups/propel/etc/y"] == nil)
        #expect(Line("/etc/x", "b").keepingVersions(0).problems.count == 1)
    }
}
