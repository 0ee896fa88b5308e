import PlainText
import Foundation
import Testing

@testable import Git

/// Locks, unfinished operations and unusual repositories.
extension CommittingTests {
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
