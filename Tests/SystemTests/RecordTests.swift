import Foundation
import Propel
import Subprocess
import SystemPackage
import Testing

/// What git knows of a deployment: the commit that was deployed, and the notes on it.
@Suite struct RecordTests {
    /// A host that refuses the connection is noted as well, and needs no machine.
    @Test func theChangeIsCommittedPushedAndNoted() async throws {
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

    @Test func theCommitIsAtTheRemoteBeforeAMachineIsTouched() async throws {
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

    /// A fast host is not noted as done when the last one is.
    @Test func eachHostIsNotedWithItsOwnTime() async throws {
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

    @Test func nobodyToAskMeansNoCommitAndNoDeployment() async throws {
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

    @Test func noCommitLeavesGitAlone() async throws {
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

    @Test func aCommitByHandIsPushed() async throws {
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

    /// The clone of an empty repository tracks a branch that is not there.
    @Test func theFirstCommitOfACloneIsPushed() async throws {
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

    @Test func aRejectedPushStopsTheDeploymentEachTime() async throws {
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

    @Test func whatIsEditedDuringTheQuestionIsNotCommitted() async throws {
        try await GitConfiguration.with { fleet in
            let head = try await fleet.git("rev-parse", "HEAD")
            try fleet.write(swap: 2)
            let edit = "sed -i 's/^swap = .*/swap = \"3 MiB\"/' hosts.conf"
            let answer = try await fleet.propelAtTerminal(
                "a", answering: "Commit it and deploy?", with: "\(edit); echo yes")
            #expect(answer.status == 64)
            #expect(answer.output.contains("the configuration changed while propel was at work"), "\(answer)")
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

    @Test func whatIsEditedDuringTheCommitIsNotDeployed() async throws {
        try await GitConfiguration.with(pushed: true) { fleet in
            let remote = try await fleet.git("ls-remote", "origin")
            try fleet.hook("post-commit", "printf '# later\\n' >> hosts.conf")
            try fleet.write(swap: 2)
            let answer = try await fleet.propel("a", "--yes")
            #expect(answer.status == 64)
            #expect(answer.errors.contains("the configuration changed while propel was at work"), "\(answer)")
            #expect(answer.output == "")
            #expect(try await fleet.git("ls-remote", "origin") == remote)
            #expect(try await fleet.notes().isEmpty)
        }
    }

    @Test func aConfigurationInAFolderOfItsRepositoryIsCommitted() async throws {
        try await GitConfiguration.with(folder: "machines") { fleet in
            try fleet.write(swap: 2)
            try fleet.write("a draft\n", to: "notes.txt")
            let answer = try await fleet.propel("a", "--yes")
            #expect(answer.status == 3, "\(answer)")
            #expect(try await fleet.git("show", "--format=", "--name-only", "HEAD") == "machines/hosts.conf")
            #expect(try await fleet.notes().count == 1)
        }
    }

    @Test func outsideOfGitTheErrorNamesNoCommit() async throws {
        try await GitConfiguration.with { fleet in
            try FileManager.default.removeItem(at: fleet.folder.appending(path: ".git"))
            let answer = try await fleet.propel("a", "--yes")
            #expect(answer.status == 1)
            #expect(answer.errors.contains("not in a git repository"), "\(answer)")
            #expect(answer.errors.contains("--no-commit"), "\(answer)")
            #expect(answer.output == "")
        }
    }

    // MARK: What [fleet] demands

    @Test func aDirtyTreeIsRefusedWhereThePolicySaysSo() async throws {
        try await GitConfiguration.with(policy: "require-clean = [\"a\"]") { fleet in
            try fleet.write("a draft\n", to: "notes.txt")
            for option in ["--yes", "--no-commit"] {
                let answer = try await fleet.propel("a", option)
                #expect(answer.status == 64, "\(answer)")
                #expect(answer.errors.contains("a is only deployed from a clean work tree"), "\(answer)")
                #expect(answer.output == "")
            }
            #expect(try await fleet.notes().isEmpty)
            #expect(try await fleet.propel("b").status == 3, "the policy is for another host")
            try await fleet.git("add", "notes.txt")
            try await fleet.git("commit", "--quiet", "--message", "Draft")
            #expect(try await fleet.propel("a").status == 3)
            #expect(try await fleet.propel("a", "--no-commit").status == 3)
        }
    }

    @Test func onlyASignedCommitIsDeployedWhereThePolicySaysSo() async throws {
        try await GitConfiguration.with(policy: "require-signed = \"*\"") { fleet in
            for option in ["--yes", "--no-commit"] {
                let unsigned = try await fleet.propel("a", option)
                #expect(unsigned.status == 64)
                #expect(unsigned.errors.contains("a is only deployed from a signed commit"), "\(unsigned)")
                #expect(unsigned.errors.contains("not signed"), "\(unsigned)")
                #expect(unsigned.output == "")
            }

            let key = try await fleet.makeSigningKey("key"), stranger = try await fleet.makeSigningKey("stranger")
            try await fleet.git("config", "gpg.format", "ssh")
            let allowed = fleet.home.appending(path: "allowed")
            try "tester@example.com \(String(contentsOfFile: key + ".pub", encoding: .utf8))"
                .write(to: allowed, atomically: true, encoding: .utf8)
            try await fleet.git("config", "gpg.ssh.allowedSignersFile", allowed.path)

            try await fleet.git("config", "user.signingKey", stranger + ".pub")
            try await fleet.git("commit", "--quiet", "--amend", "--no-edit", "--gpg-sign")
            let foreign = try await fleet.propel("a")
            #expect(foreign.status == 64)
            #expect(foreign.errors.contains("signed by an unknown key"), "\(foreign)")

            try await fleet.git("config", "user.signingKey", key + ".pub")
            try await fleet.git("commit", "--quiet", "--amend", "--no-edit", "--gpg-sign")
            #expect(try await fleet.propel("a").status == 3)
            #expect(try await fleet.propel("a", "--no-commit").status == 3)
        }
    }

    @Test func theCommitIsSignedWhereGitIsSetUpToSign() async throws {
        try await GitConfiguration.with { fleet in
            let key = try await fleet.makeSigningKey("key")
            for (name, value) in [("gpg.format", "ssh"), ("user.signingKey", key + ".pub"), ("commit.gpgSign", "true")]
            {
                try await fleet.git("config", name, value)
            }
            try fleet.write(swap: 2)
            #expect(try await fleet.propel("a", "--yes").status == 3)
            #expect(try await fleet.git("cat-file", "commit", "HEAD").contains("gpgsig -----BEGIN SSH SIGNATURE"))
        }
    }

    // MARK: On a machine

    @Test func aSandboxLeavesNoTraceAndAMachineIsNoted() async throws {
        try await TestMachine.with { machine in
            let policy = "[fleet]\nrequire-clean = [\"*\"]\nrequire-signed = [\"*\"]\n"
            let fleet = try GitConfiguration(machine.configuration)
            // Outside of git, with a policy for all: neither is for sandboxes.
            let entry = try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8)
            try fleet.write(entry + policy, to: "hosts.conf")
            for option in ["--no-commit", "--yes"] {
                let answer = try await fleet.propel(machine.name, "--only", "hello", option)
                #expect(answer.status == 0, "\(answer)")
            }

            try await fleet.makeRepository()
            let head = try await fleet.git("rev-parse", "HEAD")
            try fleet.write(entry + "welcome = false\n" + policy, to: "hosts.conf")
            let answer = try await fleet.propel(machine.name, "--only", "hello")
            #expect(answer.status == 0, "\(answer)")
            #expect(try await fleet.git("rev-parse", "HEAD") == head)
            #expect(try await fleet.git("status", "--porcelain") == " M hosts.conf")
            #expect(try await fleet.notes().isEmpty)

            // The same machine, reached like any other.
            try fleet.write(
                """
                [\(machine.name)]
                role = "demo"
                address = "\(machine.sandbox.address)"
                user = "root"
                identity = "\(machine.sandbox.identityFile)"
                host-keys = ["\(machine.sandbox.hostKey)"]
                """, to: "hosts.conf")
            let recorded = try await fleet.propel(machine.name, "--only", "hello", "--yes")
            #expect(recorded.status == 0, "\(recorded)")
            #expect(try await fleet.git("log", "-1", "--format=%s") == "Deploy \(machine.name)")
            #expect(try await fleet.git("status", "--porcelain") == "")
            let notes = try await fleet.notes()
            #expect(notes.map { $0["result"] } == ["converged"])
            #expect(notes.first?["host"] == .string(machine.name))
        }
    }
}
