import Foundation
import Propel
import Subprocess
import SystemPackage
import Testing

/// The record of a deployment in git: the commit that was deployed, and the notes on it.
@Suite struct RecordTests {
    /// A host that refuses the connection is noted too, and needs no machine.
    @Test func `the change is committed, pushed and noted`() async throws {
        try await GitConfiguration.with(pushed: true) { fleet in
            let first = try await fleet.git("rev-parse", "HEAD")
            try fleet.write(swap: 2)
            try fleet.write("a draft\n", to: "notes.txt")
            try await fleet.git("add", "notes.txt")
            let begin = Date()
            let answer = try await fleet.propel("a", "--yes")
            #expect(answer.status == 3, "\(answer)")
            #expect(answer.errors.contains("modified hosts.conf"), "\(answer)")

            let head = try await fleet.git("rev-parse", "HEAD")
            #expect(head != first)
            #expect(try await fleet.git("log", "-1", "--format=%s") == "Deploy a")
            #expect(try await fleet.git("show", "--format=", "--name-only", "HEAD") == "hosts.conf")
            #expect(try await fleet.git("status", "--porcelain") == "A  notes.txt", "what else is staged stays so")
            #expect(try await fleet.git("ls-remote", "origin", "refs/heads/main").hasPrefix(head))

            let notes = try await fleet.notes()
            #expect(notes.count == 1)
            let note = try #require(notes.first)
            #expect(note["host"] == "a")
            #expect(note["result"] == "unreachable")
            let binary = GitConfiguration.enforcer.path
            #expect(note["enforcer"]?.string == String(try await fleet.run("sha256sum", "--", binary).prefix(64)))
            let time = try #require(try note["time"]?.string.map { try Date($0, strategy: .iso8601) })
            // The note has whole seconds.
            #expect((begin.addingTimeInterval(-1)...Date()).contains(time))
            let ref = "refs/notes/propel"
            #expect(try await fleet.git("ls-remote", "origin", ref).hasPrefix(try await fleet.git("rev-parse", ref)))

            // Once more: nothing to commit, nothing to ask, another note on the same commit.
            let second = try await fleet.propel("a")
            #expect(second.status == 3, "\(second)")
            #expect(try await fleet.git("rev-parse", "HEAD") == head)
            #expect(try await fleet.notes().count == 2)
        }
    }

    /// As in `propel a | head -1`, with a reader that is gone before the first line.
    @Test func `a run whose reader is gone is recorded, with its own exit status`() async throws {
        try await GitConfiguration.with { fleet in
            let status = try await fleet.propelWithoutReader("a", "--yes")
            #expect(status == 3, "not 141, which is SIGPIPE")
            #expect(try await fleet.notes().count == 1)
        }
    }

    @Test func `the commit is pushed before a machine is touched`() async throws {
        let server = try ClosingServer()
        try await GitConfiguration.with(pushed: true, hosts: ["a": server.port]) { fleet in
            try fleet.write(swap: 2)
            async let seen = server.serveOne {
                (
                    try await fleet.git("rev-parse", "HEAD"),
                    try await fleet.git("ls-remote", "origin", "refs/heads/main")
                )
            }
            let answer = try await fleet.propel("a", "--yes")
            let (head, remote) = try await seen
            #expect(head == (try await fleet.git("rev-parse", "HEAD")), "\(answer)")
            #expect(try await fleet.git("log", "-1", "--format=%s") == "Deploy a")
            #expect(remote.hasPrefix(head))
        }
    }

    /// A fast host is not noted with the time of the slowest.
    @Test func `each host is noted with its own time`() async throws {
        let slow = try ClosingServer()
        try await GitConfiguration.with(hosts: ["a": nil, "b": slow.port]) { fleet in
            async let served: Void = slow.serveOne { try await Task.sleep(for: .seconds(3)) }
            _ = try await fleet.propel("a", "b")
            try await served
            var times: [String: Date] = [:]
            for note in try await fleet.notes() {
                times[try #require(note["host"]?.string)] = try note["time"]?.string.map {
                    try Date($0, strategy: .iso8601)
                }
            }
            #expect(try #require(times["a"]) < #require(times["b"]), "\(times)")
        }
    }

    @Test func `without a terminal nothing is committed or deployed`() async throws {
        try await GitConfiguration.with { fleet in
            let head = try await fleet.git("rev-parse", "HEAD")
            try fleet.write(swap: 2)
            let answer = try await fleet.propel("a")
            #expect(answer.status == 64)
            #expect(answer.errors.contains("--yes") && answer.errors.contains("--no-commit"), "\(answer)")
            #expect(answer.output == "")
            #expect(try await fleet.git("rev-parse", "HEAD") == head)
            #expect(try await fleet.git("status", "--porcelain") == " M hosts.conf")
            #expect(try await fleet.notes().isEmpty)
        }
    }

    @Test func `--no-commit leaves git alone`() async throws {
        try await GitConfiguration.with(pushed: true) { fleet in
            try await fleet.git("commit", "--quiet", "--allow-empty", "--message", "Not pushed")
            let refs = try await fleet.git("show-ref")
            let remote = try await fleet.git("ls-remote", "origin")
            try fleet.write(swap: 2)
            let answer = try await fleet.propel("a", "--no-commit")
            #expect(answer.status == 3, "\(answer)")
            #expect(try await fleet.git("show-ref") == refs)
            #expect(try await fleet.git("ls-remote", "origin") == remote)
            #expect(try await fleet.git("status", "--porcelain") == " M hosts.conf")
        }
    }

    @Test func `a manual commit is pushed`() async throws {
        try await GitConfiguration.with(pushed: true) { fleet in
            // The notes are pushed without hooks: this one counts the pushes of the branch.
            try fleet.hook("pre-push", "echo pushed >> \(fleet.home.path)/pushes")
            try fleet.write(swap: 2)
            try await fleet.git("commit", "--quiet", "--all", "--message", "More swap")
            let answer = try await fleet.propel("a")
            #expect(answer.status == 3, "\(answer)")
            let head = try await fleet.git("rev-parse", "HEAD")
            #expect(try await fleet.git("ls-remote", "origin", "refs/heads/main").hasPrefix(head), "\(answer)")

            // Where the remote has everything it is not asked.
            _ = try await fleet.propel("a")
            #expect(try String(contentsOf: fleet.home.appending(path: "pushes"), encoding: .utf8) == "pushed\n")
        }
    }

    /// The clone of an empty repository tracks a branch that does not exist.
    @Test func `the first commit of a clone is pushed`() async throws {
        try await GitConfiguration.with { fleet in
            try await fleet.addRemote()
            try await fleet.git("config", "branch.main.remote", "origin")
            try await fleet.git("config", "branch.main.merge", "refs/heads/main")
            let answer = try await fleet.propel("a")
            #expect(answer.status == 3, "\(answer)")
            let head = try await fleet.git("rev-parse", "HEAD")
            #expect(try await fleet.git("ls-remote", "origin", "refs/heads/main").hasPrefix(head), "\(answer)")
        }
    }

    @Test func `a rejected push stops every deployment`() async throws {
        try await GitConfiguration.with(pushed: true) { fleet in
            let other = fleet.home.appending(path: "other").path
            try await fleet.run("git", "clone", "--quiet", fleet.remote.path, other)
            try await fleet.git("-C", other, "commit", "--quiet", "--allow-empty", "--message", "Somebody else's")
            try await fleet.git("-C", other, "push", "--quiet")

            try fleet.write(swap: 2)
            let first = try await fleet.propel("a", "--yes")
            #expect(first.status == 1)
            #expect(first.errors.contains("git pull --rebase origin main"), "\(first)")
            #expect(first.output == "")
            // The commit is there now. Without its push it is not deployed either.
            #expect(try await fleet.git("status", "--porcelain") == "")
            let second = try await fleet.propel("a")
            #expect(second.status == 1)
            #expect(second.errors.contains("git pull --rebase origin main"), "\(second)")
            #expect(second.output == "")
            #expect(try await fleet.notes().isEmpty)

            try await fleet.git("pull", "--quiet", "--rebase", "origin", "main")
            let third = try await fleet.propel("a")
            #expect(third.status == 3, "\(third)")
            let head = try await fleet.git("rev-parse", "HEAD")
            #expect(try await fleet.git("ls-remote", "origin", "refs/heads/main").hasPrefix(head))
            #expect(try await fleet.notes().count == 1)
        }
    }

    @Test func `an edit during the question is not committed`() async throws {
        try await GitConfiguration.with { fleet in
            let head = try await fleet.git("rev-parse", "HEAD")
            try fleet.write(swap: 2)
            let edit = "sed -i 's/^swap = .*/swap = \"3 MiB\"/' hosts.conf"
            let answer = try await fleet.propelAtTerminal(
                "a", answering: "Commit it and deploy?", with: "\(edit); echo yes")
            #expect(answer.status == 64)
            #expect(answer.output.contains("the configuration changed while propel was running"), "\(answer)")
            #expect(try await fleet.git("rev-parse", "HEAD") == head)
            #expect(try await fleet.git("status", "--porcelain") == " M hosts.conf")

            let refused = try await fleet.propelAtTerminal("a", answering: "Commit it and deploy?", with: "echo no")
            #expect(refused.status == 64, "\(refused)")
            #expect(try await fleet.git("rev-parse", "HEAD") == head)

            let agreed = try await fleet.propelAtTerminal("a", answering: "Commit it and deploy?", with: "echo yes")
            #expect(agreed.status == 3, "\(agreed)")
            #expect(try await fleet.git("show", "HEAD:hosts.conf").contains("3 MiB"))
        }
    }

    @Test func `an edit during the commit is not deployed`() async throws {
        try await GitConfiguration.with(pushed: true) { fleet in
            let remote = try await fleet.git("ls-remote", "origin")
            try fleet.hook("post-commit", "printf '# later\\n' >> hosts.conf")
            try fleet.write(swap: 2)
            let answer = try await fleet.propel("a", "--yes")
            #expect(answer.status == 64)
            #expect(answer.errors.contains("the configuration changed while propel was running"), "\(answer)")
            #expect(answer.output == "")
            #expect(try await fleet.git("ls-remote", "origin") == remote)
            #expect(try await fleet.notes().isEmpty)
        }
    }

    @Test func `a configuration in a subfolder of its repository is committed`() async throws {
        try await GitConfiguration.with(folder: "machines") { fleet in
            try fleet.write(swap: 2)
            try fleet.write("a draft\n", to: "notes.txt")
            let answer = try await fleet.propel("a", "--yes")
            #expect(answer.status == 3, "\(answer)")
            #expect(try await fleet.git("show", "--format=", "--name-only", "HEAD") == "machines/hosts.conf")
            #expect(try await fleet.notes().count == 1)
        }
    }

    @Test func `outside of git the error names --no-commit`() async throws {
        try await GitConfiguration.with { fleet in
            try FileManager.default.removeItem(at: fleet.folder.appending(path: ".git"))
            let answer = try await fleet.propel("a", "--yes")
            #expect(answer.status == 1)
            #expect(answer.errors.contains("not in a git repository"), "\(answer)")
            #expect(answer.errors.contains("--no-commit"), "\(answer)")
            #expect(answer.output == "")
        }
    }
}
