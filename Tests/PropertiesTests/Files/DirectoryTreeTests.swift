import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct DirectoryTreeTests {
    private static let files = [
        "files/app/app.conf": "a\n", "files/app/conf.d/x.conf": "x\n", "files/app/bin/tool": "#!/bin/sh\n",
        "files/application": "not a part of it",
    ]
    private static let tree = Directory("/etc/app", from: "files/app", purge: true)

    private let fake = FakeMachine()

    private func machine(_ files: [String: String] = files, links: [String: String] = [:]) -> FakeMachine {
        fake.run(withRepository: files, executables: ["files/app/bin/tool"], links: links)
    }

    @Test func `a tree is made with the modes of files and directories, and taken back`() async throws {
        let before = fake.files.snapshot
        let tree = Directory(
            "/etc/app", from: "files/app", mode: 0o750, fileMode: 0o640, owner: "pi", group: "daemon")
        let target = machine(links: ["files/app/current": "conf.d/x.conf"])
        let change = try await target.obeysLaw(tree)
        #expect(
            change.reason
                == "create with mode 0750, owner pi:daemon; bin: create; conf.d: create; app.conf: create; 2 bytes; "
                + "bin/tool: create; 10 bytes; conf.d/x.conf: create; 2 bytes; "
                + "current: create, pointing to conf.d/x.conf")
        let owner = Owner(user: 1000, group: 1)
        for (path, mode) in [
            ("/etc/app", 0o750), ("/etc/app/conf.d", 0o750), ("/etc/app/bin", 0o750), ("/etc/app/app.conf", 0o640),
            ("/etc/app/conf.d/x.conf", 0o640), ("/etc/app/bin/tool", 0o750),
        ] as [(FilePath, ModeBits)] {
            #expect(fake.files[path]?.status.mode == mode, "\(path)")
            #expect(fake.files[path]?.status.owner == owner, "\(path)")
        }
        #expect(fake.files["/etc/app/current"]?.destination == "conf.d/x.conf")
        #expect(fake.files["/etc/application"] == nil && fake.files["/etc/app/lication"] == nil)
        try await target.obeysLaw(tree.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `a plan names what changes and shows the diffs`() async throws {
        try await machine().obeysLaw(Self.tree)
        fake.files.put("/etc/app/new.conf", "n\n")
        fake.files.put("/etc/app/conf.d/x.conf", "edited\n", mode: 0o600)
        var files = Self.files
        files["files/app/app.conf"] = "b\n"
        files["files/app/more/y.conf"] = "y\n"
        let change = try await machine(files).obeysLaw(Self.tree)
        #expect(
            change.reason
                == "new.conf: remove; more: create; app.conf: other content; "
                + "conf.d/x.conf: other content: 7 bytes → 2 bytes; mode 0600 → 0644; more/y.conf: create")
        #expect(change.diff?.text == "@@ app.conf @@\n@@ -1 +1 @@\n-a\n+b\n@@ more/y.conf @@\n@@ -1 +1 @@\n+y")
        #expect(Set(change.contents.map(\.size)) == [2])
        #expect(fake.files["/etc/app/new.conf"] == nil)
        #expect(fake.files.text(at: "/etc/app/more/y.conf") == "y\n")
    }

    @Test func `a purge removes everything else, keeps what it was, and follows no link`() async throws {
        fake.files.put("/srv/precious", "x")
        fake.files.put("/etc/app/old/deep/z.conf", "z\n", mode: 0o600, owner: Owner(user: 1, group: 1))
        fake.files.put("/etc/app/link", linkTo: "/srv")
        fake.files.put("/etc/app/.app.conf.propel", "left by a killed run")
        let before = fake.files.snapshot
        let change = try await machine().obeysLaw(Self.tree)
        #expect(
            change.reason.hasPrefix(
                ".app.conf.propel: remove; link: remove; old/deep/z.conf: remove; old/deep: remove; old: remove; "))
        #expect(try fake.files.list("/etc/app") == ["app.conf", "bin", "conf.d"])
        #expect(fake.files.text(at: "/srv/precious") == "x")
        // The staged file is back too, so that the law about what stays does not hold here.
        try await machine().converge(Self.tree.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `without a purge nothing is removed`() async throws {
        fake.files.put("/etc/app/mine.conf", "m\n")
        let tree = Directory("/etc/app", from: "files/app")
        try await machine().obeysLaw(tree)
        var files = Self.files
        files["files/app/app.conf"] = nil
        #expect(try await machine(files).check(tree) == .satisfied)
        #expect(fake.files.text(at: "/etc/app/mine.conf") == "m\n" && fake.files["/etc/app/app.conf"] != nil)
    }

    @Test func `a file that the repository no longer has is listed by the run`() async throws {
        let host = Host("test", runs: Debian.self) { Directory("/etc/app", from: "files/app") }
        let first = await Engine(host: host, machine: machine().machine) { _ in }.enforce()
        #expect(first[.changed] == 1 && first.forgotten.isEmpty)
        var files = Self.files
        files["files/app/app.conf"] = nil
        let second = await Engine(host: host, machine: machine(files).machine) { _ in }.enforce()
        #expect(second[.ok] == 1)
        #expect(second.forgotten.map(\.name) == ["/etc/app/app.conf"])
    }

    @Test func `a file that becomes a directory, and the other way round`() async throws {
        try await machine(["files/app/a": "a", "files/app/b/c": "c"]).obeysLaw(Self.tree)
        let turned = machine(["files/app/a/d": "d", "files/app/b": "b"])
        try await turned.obeysLaw(Self.tree)
        #expect(fake.files.text(at: "/etc/app/a/d") == "d" && fake.files.text(at: "/etc/app/b") == "b")
        let kept = Directory("/etc/app", from: "files/app")
        await #expect(throws: Failure.self) {
            try await machine(["files/app/a": "a"]).check(kept)
        }
    }

    @Test func `a purge spares what other properties declare`() async throws {
        fake.files.put("/etc/app/data/of/app.db", "x")
        fake.files.put("/etc/app/stray", "x")
        let host = Host("test", runs: Debian.self) {
            Self.tree
            File("/etc/app/conf.d/secret.conf", "s\n", mode: 0o600)
            Directory("/etc/app/data")
            SymbolicLink("/etc/app/extra/current", to: "x")
        }
        fake.files.put("/etc/app/extra/other", "x")
        let target = machine()
        var described = host
        described.repository = target.machine.repository.manifest
        #expect(described.problems.isEmpty && described.conflicts.isEmpty)
        let first = await Engine(host: described, machine: target.machine) { _ in }.enforce()
        #expect(first[.failed] == 0 && first[.changed] == 3)
        #expect(fake.files.text(at: "/etc/app/data/of/app.db") == "x")
        #expect(fake.files["/etc/app/stray"] == nil && fake.files["/etc/app/extra/other"] == nil)
        let second = await Engine(host: described, machine: target.machine) { _ in }.enforce()
        #expect(second[.ok] == 4)
    }

    @Test func `a file that is also declared alone is a conflict`() {
        var host = Host("test", runs: Debian.self) {
            Directory("/etc/app", from: "files/app")
            File("/etc/app/conf.d/x.conf", "other\n")
        }
        #expect(host.conflicts.isEmpty, "nobody has looked into the repository yet")
        host.repository = machine().machine.repository.manifest
        #expect(host.conflicts.map(\.subject) == ["the path /etc/app/conf.d/x.conf"])
    }

    @Test func `special files and mounted file systems are refused`() async throws {
        fake.files.put("/etc/app/x", "x")
        fake.files.put("/proc/self/mountinfo", "36 35 98:0 / /etc/app/mounted rw - ext4 /dev/sda1 rw\n")
        await #expect(throws: Failure.self) { try await machine().check(Self.tree) }
        #expect(fake.files["/etc/app/x"] != nil)
    }

    @Test(arguments: ["/etc", "/", "etc"]) func `a directory of the system is not purged`(_ path: FilePath) {
        #expect(Directory(path, from: "files/app", purge: true).problems.count == 1)
    }
}
