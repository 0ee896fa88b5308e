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
}
