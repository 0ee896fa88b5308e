import Foundation
import Testing

@testable import Git

@Suite struct RepositoryTests {
    @Test func `the root is found from a subfolder`() async throws {
        try await Playground.run { playground in
            try playground.write("x", to: "work/Sources/Hosts/a.swift")
            #expect(try await playground.repository("work/Sources/Hosts").root == playground.work)
        }
    }

    @Test(arguments: ["with space", "-dash", "line\nend", "ünï", "quo'te\"", "*"])
    func `the name of the root may be unusual`(_ name: String) async throws {
        try await Playground.run { playground in
            try await playground.tool("git", ["init", "--quiet", "\(playground.directory)/\(name)"])
            let repository = try await playground.repository(name)
            #expect(repository.root == "\(playground.directory)/\(name)")
            try playground.write("x", to: "\(name)/hosts.conf")
            #expect(try await repository.commit(paths: ["hosts.conf"], message: "Add") != nil)
        }
    }

    @Test func `a folder outside of a repository is an error`() async throws {
        try await Playground.run { playground in
            let home = "\(playground.directory)/home"
            try await expect(.notARepository(directory: home)) { _ = try await playground.repository("home") }
            let missing = "\(playground.directory)/missing"
            try await expect(.noSuchDirectory(missing)) { _ = try await playground.repository("missing") }
        }
    }

    @Test func `a repository without a work tree is an error`() async throws {
        try await Playground.run { playground in
            try await playground.remote()
            for path in ["origin.git", "work/.git"] {
                let error = try await gitError { _ = try await playground.repository(path) }
                #expect(error == .noWorkTree(directory: "\(playground.directory)/\(path)"))
            }
        }
    }

    @Test func `a repository of another user is an error`() async throws {
        try await Playground.run { playground in
            var playground = playground
            playground.environment["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"
            let error = try await gitError { _ = try await playground.repository() }
            guard case .dubiousOwnership(let words) = error else { Issue.record("\(error)"); return }
            #expect(words.contains("safe.directory"))
            #expect(error.description.contains("another user owns it"))
        }
    }

    @Test func `a branch without a commit has no head`() async throws {
        try await Playground.run { playground in
            let repository = try await playground.repository()
            #expect(try await repository.head() == nil)
            let commit = try await playground.commit()
            #expect(try await repository.head() == commit)
        }
    }

    @Test func `a missing git is an error`() async throws {
        try await Playground.run { playground in
            var playground = playground
            playground.environment["PATH"] = "\(playground.directory)/home"
            try await expect(.notInstalled) { _ = try await playground.repository() }
        }
    }

    @Test(arguments: [
        "", "HEAD", "-x", String(repeating: "a", count: 39), String(repeating: "G", count: 40),
        String(repeating: "A", count: 40),
    ])
    func `only whole ids are accepted`(_ text: String) { #expect(Commit(id: text) == nil) }
}

@Suite struct StatusTests {
    @Test func `every kind of change is found`() async throws {
        try await Playground.run { playground in
            for file in ["modified", "staged", "both", "gone", "removed", "link"] {
                try playground.write("1\n", to: "work/\(file)")
            }
            let commit = try await playground.commit("hosts.conf")
            for file in ["modified", "staged", "both"] { try playground.write("2\n", to: "work/\(file)") }
            try await playground.git("add", "staged", "both")
            try playground.write("3\n", to: "work/both")
            for file in ["gone", "link"] { try FileManager.default.removeItem(atPath: "\(playground.work)/\(file)") }
            try FileManager.default.createSymbolicLink(atPath: "\(playground.work)/link", withDestinationPath: "both")
            try await playground.git("rm", "--quiet", "removed")
            try playground.write("n\n", to: "work/dir/new file")
            try await playground.git("add", "dir")
            try playground.write("n\n", to: "work/dir/un\ntracked")
            try playground.write("ignored\n", to: "work/.git/info/exclude")
            try playground.write("n\n", to: "work/ignored")

            let repository = try await playground.repository()
            let status = try await repository.status()
            #expect(status.head == commit)
            #expect(status.branch == "main")
            #expect(
                status.changes.map { "\($0) \($0.isStaged) \($0.isUnstaged)" }.sorted() == [
                    "added dir/new file true false", "deleted gone false true", "deleted removed true false",
                    "modified both true true", "modified modified false true", "modified staged true false",
                    "type changed link false true", "untracked dir/un\ntracked false true",
                ])
            #expect(!status.isClean)
            #expect(
                try await repository.status(of: ["dir", "staged", "absent"]).changes.map(\.path).sorted()
                    == ["dir/new file", "dir/un\ntracked", "staged"])
        }
    }

    @Test func `names are not patterns`() async throws {
        try await Playground.run { playground in
            for file in ["a", "*", ":(top)", "-q"] { try playground.write("1", to: "work/\(file)") }
            let repository = try await playground.repository()
            for name in ["*", ":(top)", "-q"] {
                #expect(try await repository.status(of: [name]).changes.map(\.path) == [name])
            }
        }
    }

    @Test func `commits ahead and behind are counted`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try await playground.remote()
            try await playground.git("push", "--quiet", "--set-upstream", "origin", "main")
            try await playground.git("clone", "--quiet", "\(playground.directory)/origin.git", "../other")
            try await playground.commit("a", at: "other")
            try await playground.commit("b", at: "other")
            try await playground.git("push", "--quiet", at: "other")
            try await playground.git("fetch", "--quiet")
            try await playground.commit("c")
            let status = try await playground.repository().status()
            #expect(status.upstream == "origin/main")
            #expect((status.ahead, status.behind) == (1, 2))
            #expect(status.isClean)
        }
    }

    @Test func `a branch may have no commit and head may be detached`() async throws {
        try await Playground.run { playground in
            let repository = try await playground.repository()
            #expect(try await repository.status() == Status(head: nil, branch: "main"))
            let commit = try await playground.commit()
            try await playground.git("checkout", "--quiet", "--detach")
            #expect(try await repository.status() == Status(head: commit, branch: nil))
        }
    }
}
