import PlainText
import Foundation
import Testing

@testable import Git

@Suite struct CommittingTests {
    @Test func `only the given paths are committed`() async throws {
        try await Playground.run { playground in
            for file in ["secrets/a", "secrets/b", "readme", "notes"] {
                try playground.write("1\n", to: "work/\(file)")
            }
            let first = try await playground.commit()
            try playground.write("2\n", to: "work/hosts.conf")
            try playground.write("2\n", to: "work/secrets/a")
            try await playground.git("add", "secrets/a")
            try playground.write("3\n", to: "work/secrets/a")
            try FileManager.default.removeItem(atPath: "\(playground.work)/secrets/b")
            try playground.write("new\n", to: "work/secrets/c d")
            // Not of the configuration: staged, staged and changed again, changed, untracked.
            try playground.write("2\n", to: "work/readme")
            try await playground.git("add", "readme")
            try playground.write("3\n", to: "work/readme")
            try playground.write("2\n", to: "work/notes")
            try playground.write("x\n", to: "work/staged new")
            try await playground.git("add", "staged new")
            try playground.write("x\n", to: "work/scratch")
            let readme = try await playground.git("ls-files", "--stage", "readme", "staged new")

            let repository = try await playground.repository()
            let commit = try await repository.commit(
                paths: ["hosts.conf", "secrets", "absent"], message: "Change the hosts")
            #expect(commit == (try await repository.head()))
            #expect(try await playground.git("rev-parse", "HEAD^") == first.id)
            #expect(try await playground.git("log", "-1", "--format=%B") == "Change the hosts\n")
            #expect(
                try await playground.git("diff", "--name-status", "HEAD^", "HEAD").split(separator: "\n")
                    == ["M\thosts.conf", "M\tsecrets/a", "D\tsecrets/b", "A\tsecrets/c d"])
            #expect(try await playground.git("show", "HEAD:secrets/a") == "3")
            #expect(try await playground.git("ls-files", "--stage", "readme", "staged new") == readme)
            #expect(
                try await repository.status().changes.map(\.description)
                    == ["modified notes", "modified readme", "added staged new", "untracked scratch"])
        }
    }

    @Test func `without a change there is no commit`() async throws {
        try await Playground.run { playground in
            let first = try await playground.commit()
            let repository = try await playground.repository()
            try playground.write("elsewhere", to: "work/other")
            #expect(try await repository.commit(paths: ["hosts.conf"], message: "m") == nil)
            #expect(try await repository.commit(paths: [], message: "m") == nil)
            #expect(try await repository.commit(paths: ["absent"], message: "m") == nil)
            #expect(try await repository.head() == first)
        }
    }

    @Test func `a staged change that was reverted is not committed`() async throws {
        try await Playground.run { playground in
            let first = try await playground.commit()
            try playground.write("two\n", to: "work/hosts.conf")
            try playground.write("two\n", to: "work/new")
            try await playground.git("add", "--all")
            try playground.write("one\n", to: "work/hosts.conf")
            try FileManager.default.removeItem(atPath: "\(playground.work)/new")
            let repository = try await playground.repository()
            #expect(try await repository.commit(paths: ["hosts.conf", "new"], message: "m") == nil)
            #expect(try await repository.head() == first)
        }
    }

    @Test func `the first commit of a branch is made`() async throws {
        try await Playground.run { playground in
            try playground.write("x", to: "work/hosts.conf")
            try playground.write("x", to: "work/other")
            let repository = try await playground.repository()
            #expect(try await repository.commit(paths: ["hosts.conf"], message: "First") != nil)
            #expect(try await playground.git("ls-tree", "--name-only", "HEAD") == "hosts.conf")
        }
    }

    @Test func `a detached head is committed to`() async throws {
        try await Playground.run { playground in
            let first = try await playground.commit()
            try await playground.git("checkout", "--quiet", "--detach")
            try playground.write("2", to: "work/hosts.conf")
            let commit = try await playground.repository().commit(paths: ["hosts.conf"], message: "m")
            #expect(try await playground.git("rev-parse", "HEAD") == commit?.id)
            #expect(try await playground.git("rev-parse", "main") == first.id)
        }
    }

    @Test func `names and messages may be unusual`() async throws {
        try await Playground.run { playground in
            let names = ["-rf", "--all", "new\nline", " space ", "*", ":(exclude)x", "\"quoted\"", "ünï"]
            for name in names + ["x"] { try playground.write("1", to: "work/\(name)") }
            let repository = try await playground.repository()
            _ = try await repository.commit(paths: names, message: "--amend é\n\n# not a comment")
            #expect(
                try await playground.git("ls-tree", "-z", "--name-only", "HEAD").split(separator: "\0").map(String.init)
                    .sorted() == names.sorted())
            #expect(try await playground.git("log", "-1", "--format=%B") == "--amend é\n\n# not a comment\n")
            try await expect(.emptyMessage) { try await repository.commit(paths: ["x"], message: " \n") }
        }
    }

    @Test func `a path need not be UTF-8`() async throws {
        try await Playground.run { playground in
            try await playground.tool("sh", ["-c", #"cd work && mkdir secrets && : > "$(printf 'secrets/\351')""#])
            let repository = try await playground.repository()
            #expect(try await repository.commit(paths: ["secrets"], message: "m") != nil)
            #expect(try await repository.isClean())
        }
    }

    @Test func `more files are committed than a command line holds`() async throws {
        try await Playground.run { playground in
            let folder = "secrets" + String(repeating: "/" + String(repeating: "n", count: 250), count: 8)
            for number in 0..<1200 { try playground.write("", to: "work/\(folder)/\(number)") }
            #expect(try await playground.repository().commit(paths: ["secrets"], message: "Many") != nil)
            #expect(try await playground.repository().isClean())
        }
    }

    @Test(arguments: ["pre-commit", "commit-msg", "prepare-commit-msg"])
    func `a hook that refuses loses nothing`(_ hook: String) async throws {
        try await Playground.run { playground in
            try playground.write("s\n", to: "work/staged")
            try await playground.commit()
            try playground.write(
                "#!/bin/sh\necho 'no secrets in clear, please' >&2\nexit 1\n", to: "work/.git/hooks/\(hook)",
                executable: true)
            try playground.write("s2\n", to: "work/staged")
            try await playground.git("add", "staged")
            try playground.write("two\n", to: "work/hosts.conf")
            try playground.write("new\n", to: "work/secrets/new")
            let before = try await playground.state()
            let repository = try await playground.repository()
            let error = try await gitError {
                try await repository.commit(paths: ["hosts.conf", "secrets"], message: "m")
            }
            #expect(error == .commitRefused(words: "no secrets in clear, please"))
            #expect(try await playground.state() == before)
        }
    }

    @Test func `a hook may change the message`() async throws {
        try await Playground.run { playground in
            try playground.write(
                "#!/bin/sh\necho 'Reviewed-by: hook' >> \"$1\"\n", to: "work/.git/hooks/commit-msg", executable: true)
            try playground.write("x", to: "work/hosts.conf")
            try await playground.repository().commit(paths: ["hosts.conf"], message: "Add")
            #expect(try await playground.git("log", "-1", "--format=%B").contains("Reviewed-by: hook"))
        }
    }

    @Test func `a background process of a hook is not waited for`() async throws {
        try await Playground.run { playground in
            try playground.write(
                "#!/bin/sh\nsleep 1000 &\necho $! > '\(playground.directory)/pid'\n", to: "work/.git/hooks/post-commit",
                executable: true)
            try playground.write("x", to: "work/hosts.conf")
            #expect(try await playground.repository().commit(paths: ["hosts.conf"], message: "Add") != nil)
            try await playground.tool("kill", [try playground.read("pid").trimmed])
        }
    }

    @Test func `a failure to sign loses nothing`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try await playground.git("config", "commit.gpgSign", "true")
            try await playground.git("config", "gpg.program", "false")
            try playground.write("two\n", to: "work/hosts.conf")
            try playground.write("new\n", to: "work/secrets/new")
            let before = try await playground.state()
            let repository = try await playground.repository()
            let error = try await gitError {
                try await repository.commit(paths: ["hosts.conf", "secrets"], message: "m")
            }
            guard case .signingFailed(let words) = error else { Issue.record("\(error)"); return }
            #expect(words.contains("failed to sign"))
            #expect(try await playground.state() == before)
        }
    }

    @Test func `a missing identity is an error`() async throws {
        try await Playground.run { playground in
            try playground.write("[user]\nuseConfigOnly = true\n", to: "home/.gitconfig")
            try playground.write("x\n", to: "work/hosts.conf")
            let before = try await playground.state()
            let repository = try await playground.repository()
            let error = try await gitError { try await repository.commit(paths: ["hosts.conf"], message: "m") }
            guard case .identityMissing = error else { Issue.record("\(error)"); return }
            #expect(error.description.contains("git config --global user.email"))
            #expect(try await playground.state() == before)
        }
    }

    @Test func `a lock of a crashed git is an error that names it`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try playground.write("", to: "work/.git/index.lock")
            try playground.write("two", to: "work/hosts.conf")
            let repository = try await playground.repository()
            // Reading goes on.
            #expect(try await repository.status().changes.count == 1)
            let error = try await gitError { try await repository.commit(paths: ["hosts.conf"], message: "m") }
            guard case .locked(let lock) = error else { Issue.record("\(error)"); return }
            #expect(lock.path == "\(playground.work)/.git/index.lock")
            #expect(lock.since != nil)
            #expect(lock.processes.isEmpty)
            #expect(error.description.contains("rm -- \(lock.path)"))
        }
    }

    @Test func `a lock of a running git is an error that names its process`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            // A git that waits for its editor holds the lock; the editor waits for the file to go.
            try playground.write(
                "#!/bin/sh\n: > '\(playground.directory)/editing'\nwhile [ -e '\(playground.directory)/editing' ]; "
                    + "do sleep 0.02; done\necho done > \"$1\"\n",
                to: "editor", executable: true)
            try playground.write("staged", to: "work/other")
            try await playground.git("add", "other")
            var slow = playground
            slow.environment["GIT_EDITOR"] = "\(playground.directory)/editor"
            async let other: String = slow.git("commit", "--all", "--quiet")
            while !FileManager.default.fileExists(atPath: "\(playground.directory)/editing") {
                try await Task.sleep(for: .milliseconds(10))
            }
            try playground.write("two", to: "work/hosts.conf")
            let repository = try await playground.repository()
            let error = try await gitError { try await repository.commit(paths: ["hosts.conf"], message: "m") }
            try FileManager.default.removeItem(atPath: "\(playground.directory)/editing")
            guard case .locked(let lock) = error else { Issue.record("\(error)"); return }
            #expect(lock.processes.contains { $0.contains("git commit --all (process ") }, "\(lock)")
            #expect(error.description.contains("Run again when it has ended."))
            _ = try await other
            #expect(try await repository.commit(paths: ["hosts.conf"], message: "m") != nil)
        }
    }

    @Test(arguments: UnfinishedOperation.allCases)
    func `an operation in progress is an error`(_ operation: UnfinishedOperation) async throws {
        try await Playground.run { playground in
            try playground.write("base\n", to: "work/hosts.conf")
            try await playground.commit("file", "base\n")
            try await playground.git("branch", "other")
            try await playground.commit("file", "ours\n")
            try await playground.git("switch", "--quiet", "other")
            let theirs = try await playground.commit("file", "theirs\n")
            try await playground.git("format-patch", "--quiet", "-1", "--output-directory", "..")
            try await playground.git("switch", "--quiet", "main")
            switch operation {
            case .merge: try await playground.tryGit("merge", "other")
            case .rebase: try await playground.tryGit("rebase", "other")
            case .cherryPick: try await playground.tryGit("cherry-pick", theirs.id)
            case .revert: try await playground.tryGit("revert", "--no-edit", theirs.id)
            case .am: try await playground.tryGit("am", "--3way", "../0001-file-theirs.patch")
            }
            try playground.write("changed\n", to: "work/hosts.conf")
            let before = try await playground.state()
            let repository = try await playground.repository()
            let error = try await gitError { try await repository.commit(paths: ["hosts.conf"], message: "m") }
            #expect(error == .operationInProgress(operation))
            #expect(error.description.contains("git \(operation.rawValue) --abort"))
            #expect(try await playground.state() == before)
        }
    }

    @Test func `a conflict is an error`() async throws {
        try await Playground.run { playground in
            try await playground.commit("hosts.conf", "base\n")
            try playground.write("mine\n", to: "work/hosts.conf")
            try await playground.git("stash")
            try await playground.commit("hosts.conf", "theirs\n")
            try await playground.tryGit("stash", "pop")
            let repository = try await playground.repository()
            try await expect(.conflicts(["hosts.conf"])) {
                try await repository.commit(paths: ["hosts.conf"], message: "m")
            }
        }
    }

    @Test func `a nested repository is an error`() async throws {
        try await Playground.run { playground in
            try await playground.tool("git", ["init", "--quiet", "\(playground.work)/secrets/inner"])
            try await playground.commit("secrets/inner/file", at: "work/secrets/inner")
            let repository = try await playground.repository()
            try await expect(.nestedRepository("secrets/inner/")) {
                try await repository.commit(paths: ["secrets"], message: "m")
            }
        }
    }

    @Test func `a linked work tree and a submodule are committed to`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try await playground.git("worktree", "add", "--quiet", "-b", "second", "../tree")
            try await playground.git("submodule", "--quiet", "add", "\(playground.work)", "module")
            for path in ["tree", "work/module"] {
                try playground.write("two\n", to: "\(path)/hosts.conf")
                let repository = try await playground.repository(path)
                #expect(repository.root == "\(playground.directory)/\(path)")
                let commit = try await repository.commit(paths: ["hosts.conf"], message: "In \(path)")
                #expect(
                    try await playground.git("log", "-1", "--format=%H %s", at: path)
                        == "\(commit?.id ?? "") In \(path)")
            }
        }
    }
}
