import Foundation
import Propel
import Testing

/// Files, directories and templates of the repository, on a booted machine.
@Suite struct RepositoryFilesTests {
    private static let enforcer = GitConfiguration.enforcer

    private func write(_ text: String, _ name: String, in machine: TestMachine, executable: Bool = false) throws {
        let place = machine.configuration.folder.appending(path: "files/\(name)")
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: place, atomically: true, encoding: .utf8)
        if executable { chmod(place.path, 0o755) }
    }

    private func place(_ name: String, in machine: TestMachine) -> String {
        machine.configuration.folder.appending(path: "files/\(name)").path
    }

    private func writeAll(in machine: TestMachine) async throws {
        try write("#!/bin/sh\necho tool\n", "tool", in: machine, executable: true)
        try write("one\n", "app/a.conf", in: machine)
        try write("two\n", "app/conf.d/b.conf", in: machine)
        try write("#!/bin/sh\necho hook\n", "app/hooks/run", in: machine, executable: true)
        try write("release = @@release@@\nhome = ${HOME} {{ x }} @{y}\nhost = @@host@@\n", "release.conf", in: machine)
        _ = try await Configuration.run(
            "sh", ["-c", "head -c 100000000 /dev/urandom > '\(place("large", in: machine))'"])
    }

    private func diff(_ path: String, _ answer: Answer) throws -> String? {
        try answer.properties.first { $0.path == path }?.diff
    }

    @Test(.machine(role: "files"))
    func `files of the repository are sent, planned, edited without a build, and purged`() async throws {
        let machine = try TestMachine.current, configuration = machine.configuration
        try await writeAll(in: machine)
        let program = try FileManager.default.attributesOfItem(atPath: Self.enforcer.path)[.modificationDate] as? Date

        let plan = try await configuration.propel(json: "plan", machine.name)
        #expect(plan.status == 2, "\(plan)")
        #expect(
            try diff("file /etc/release.conf", plan)?.contains("+release = bookworm\n+home = ${HOME} {{ x }} @{y}")
                == true)
        #expect(try await machine.ssh("ls -d /var/lib/propel/contents 2>/dev/null; true") == "", "a plan keeps nothing")

        let first = try await configuration.propel(json: machine.name)
        #expect(first.status == 0, "\(first)")
        #expect(try first.paths(.changed) == plan.paths(.wouldChange))
        let memory = try #require(try first.lines.first { $0["kind"] == "host" }?["peak-memory"]?.integer)
        #expect(memory < 50_000_000, "\(memory) bytes for a file of 100 MB")
        try await expectSameBytes(machine)
        #expect(try await machine.ssh("tool && /etc/app/hooks/run") == "tool\nhook")
        #expect(
            try await machine.ssh(
                "stat -c '%a %U' /usr/local/bin/tool /etc/app /etc/app/conf.d /etc/app/a.conf /srv/large")
                == "755 root\n755 root\n755 root\n644 root\n600 root")
        #expect(try await machine.ssh("ls -A /var/lib/propel/contents") == "")

        let second = try await configuration.propel(json: machine.name)
        #expect(second.status == 0)
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")

        try await expectEdits(machine)
        let now = try FileManager.default.attributesOfItem(atPath: Self.enforcer.path)[.modificationDate] as? Date
        #expect(now == program, "nothing was built")
        #expect(try await machine.ssh("ls /var/lib/propel/enforcers | wc -l") == "1", "nothing was uploaded")
        try await expectRefusals(machine)
    }

    private func expectSameBytes(_ machine: TestMachine) async throws {
        let here = try await Configuration.run("sha256sum", [place("large", in: machine)]).prefix(64)
        #expect(try await machine.ssh("sha256sum /srv/large").prefix(64) == here)
    }

    /// An edit, a removal and a new file in the repository, and a stray and an edit on the machine.
    private func expectEdits(_ machine: TestMachine) async throws {
        try write("uno\n", "app/a.conf", in: machine)
        try FileManager.default.removeItem(atPath: place("app/conf.d/b.conf", in: machine))
        try write("three\n", "app/conf.d/c.conf", in: machine)
        _ = try await Configuration.run("sh", ["-c", "printf x >> '\(place("large", in: machine))'"])
        try await machine.ssh("mkdir /etc/app/old && touch /etc/app/old/stray && ln -s /srv /etc/app/link")

        let plan = try await machine.configuration.propel(json: "plan", machine.name)
        #expect(plan.status == 2, "\(plan)")
        #expect(try plan.paths(.wouldChange) == ["directory /etc/app", "file /srv/large"])
        let tree = try #require(try plan.properties.first { $0.path == "directory /etc/app" })
        for words in ["old/stray: remove", "link: remove", "conf.d/b.conf: remove", "a.conf: other content"] {
            #expect(tree.detail.contains(words), "\(tree.detail)")
        }
        #expect(tree.diff?.contains("-one\n+uno") == true && tree.diff?.contains("+three") == true, "\(tree)")
        #expect(!tree.isDrift, "the repository was edited")
        let large = try #require(try plan.properties.first { $0.path == "file /srv/large" })
        #expect(large.detail == "other content: 100000000 bytes → 100000001 bytes")

        let run = try await machine.configuration.propel(json: machine.name)
        #expect(run.status == 0, "\(run)")
        #expect(try run.paths(.changed) == plan.paths(.wouldChange))
        #expect(
            try await machine.ssh("cd /etc/app && find . -type f -o -type l | sort")
                == "./a.conf\n./conf.d/c.conf\n./hooks/run\n./name.conf")
        #expect(try await machine.ssh("ls -d /srv/large") == "/srv/large", "no link was followed")
        try await expectSameBytes(machine)
    }

    /// What is wrong with a file of the repository ends before the machine is touched.
    private func expectRefusals(_ machine: TestMachine) async throws {
        try write("release = @@release@@\nport = @@port@@\nhost = @@host@@\n", "release.conf", in: machine)
        let unfilled = try await machine.configuration.propel("plan", machine.name)
        #expect(unfilled.status == 64)
        #expect(unfilled.errors.contains("files/release.conf:2: no value for @@port@@"), "\(unfilled)")
        try write("release = @@release@@\n", "release.conf", in: machine)
        let unused = try await machine.configuration.propel("plan", machine.name)
        #expect(unused.status == 64 && unused.errors.contains("has no @@host@@"), "\(unused)")
        try FileManager.default.removeItem(atPath: place("tool", in: machine))
        try FileManager.default.createSymbolicLink(
            atPath: place("tool", in: machine), withDestinationPath: "/etc/passwd")
        let link = try await machine.configuration.propel("plan", machine.name)
        #expect(link.status == 64 && link.errors.contains("files/tool is a symbolic link"), "\(link)")
    }

    /// The host refuses connections: what is committed is decided before.
    @Test func `the files of a host are committed with its deployment, and ignored ones are refused`() async throws {
        try await GitConfiguration.with { fleet in
            let conf = try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8)
                .replacing("role = \"demo\"", with: "role = \"files\"").replacing("swap = \"1 MiB\"\n", with: "")
            try fleet.write(conf, to: "hosts.conf")
            for name in ["tool", "app/a.conf", "release.conf", "large", "unused"] {
                try FileManager.default.createDirectory(
                    at: fleet.file("files/app"), withIntermediateDirectories: true)
                let text = name == "release.conf" ? "@@release@@ @@host@@\n" : "\(name)\n"
                try fleet.write(text, to: "files/\(name)")
            }
            try fleet.write("files/large\n", to: ".gitignore")
            let refused = try await fleet.propel("a", "--yes")
            #expect(refused.status == 64 && refused.errors.contains("git ignores files/large"), "\(refused)")
            try fleet.write(".build\n", to: ".gitignore")
            let answer = try await fleet.propel("a", "--yes")
            #expect(answer.status == 3, "\(answer)")
            #expect(
                Set(
                    try await fleet.git("show", "--format=", "--name-only", "HEAD").split(separator: "\n").map(
                        String.init))
                    == ["hosts.conf", "files/tool", "files/app/a.conf", "files/release.conf", "files/large"])
            #expect(try await fleet.git("status", "--porcelain", "files") == "?? files/unused")
        }
    }
}
