import Foundation
import Testing

@testable import Git

@Suite struct NotesTests {
    func note(_ host: String, at seconds: Int = 0) -> DeploymentNote {
        DeploymentNote(
            time: Date(timeIntervalSince1970: TimeInterval(1_700_000_000 + seconds)), host: host, result: "converged",
            enforcer: "abc123")
    }

    @Test func `each deployment is a line`() async throws {
        try await Playground.run { playground in
            let commit = try await playground.commit()
            let repository = try await playground.repository()
            #expect(try await repository.notes(on: commit) == [])
            try await repository.addNote(note("b", at: 5), on: commit)
            try await repository.addNote(note("line\nend \"x\"", at: 1), on: commit)
            #expect(
                try await playground.git("notes", "--ref=propel", "show") == """
                    {"enforcer":"abc123","host":"b","result":"converged","time":"2023-11-14T22:13:25Z"}
                    {"enforcer":"abc123","host":"line\\nend \\"x\\"","result":"converged","time":"2023-11-14T22:13:21Z"}
                    """)
            #expect(try await repository.notes(on: commit) == [note("line\nend \"x\"", at: 1), note("b", at: 5)])
            #expect(try await repository.isClean())
            #expect(try await repository.head() == commit)
        }
    }

    @Test func `a host has no note where only one with a longer name has`() async throws {
        try await Playground.run { playground in
            let commit = try await playground.commit(), repository = try await playground.repository()
            try await repository.addNote(note("web1"), on: commit)
            #expect(try await repository.hasNote(of: "web1"))
            for name in ["web", "eb1", "web11"] { #expect(try await !repository.hasNote(of: name), "\(name)") }
        }
    }

    @Test func `other lines are kept`() async throws {
        try await Playground.run { playground in
            let commit = try await playground.commit()
            try await playground.git("notes", "--ref=propel", "add", "--message", "by hand")
            let repository = try await playground.repository()
            try await repository.addNote(note("a"), on: commit)
            #expect(try await playground.git("notes", "--ref=propel", "show").hasPrefix("by hand\n{"))
            #expect(try await repository.notes(on: commit) == [note("a")])
            try await playground.git("notes", "--ref=propel", "append", "--message", "again")
            #expect(try await repository.notes(on: commit) == [note("a")])
        }
    }

    @Test func `concurrent notes are all kept`() async throws {
        try await Playground.run { playground in
            let commit = try await playground.commit()
            let other = try await playground.commit("a")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<6 {
                    group.addTask {
                        let repository = try await playground.repository()
                        for number in 0..<5 {
                            try await repository.addNote(note("\(writer)-\(number)"), on: number == 4 ? other : commit)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let repository = try await playground.repository()
            let expected = (0..<6).flatMap { writer in (0..<4).map { "\(writer)-\($0)" } }
            #expect(try await repository.notes(on: commit).map(\.host).sorted() == expected)
            #expect(try await repository.notes(on: other).map(\.host).sorted() == (0..<6).map { "\($0)-4" })
            #expect(try await playground.tryGit("fsck", "--strict", "--no-dangling") == 0)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(playground.work)/.git").allSatisfy {
                    !$0.hasPrefix("fast_import")
                })
        }
    }

    /// git spreads more than 255 notes over folders.
    @Test func `many notes are read`() async throws {
        try await Playground.run { playground in
            var stream = ""
            for number in 1...300 {
                stream +=
                    "commit refs/heads/main\nmark :\(number)\ncommitter T <t@e> \(1_700_000_000 + number) "
                    + "+0000\ndata 1\nx\n"
            }
            try await playground.git("fast-import", "--quiet", input: stream)
            let commits = try await playground.git("rev-list", "main").split(separator: "\n").map(String.init)
            let repository = try await playground.repository()
            try await repository.updatingNotes(deploymentNotesRef) {
                let parents = try await repository.notesTip(deploymentNotesRef).map { [$0] } ?? []
                let lines = try commits.map { ($0, Repository.NotesUpdate.Content.text(try note($0).line() + "\n")) }
                return Repository.NotesUpdate(
                    message: "m", parents: parents, notes: lines.map { (commit: $0.0, content: $0.1) })
            }
            for id in [commits[0], commits[150], commits[299]] {
                let commit = try #require(Commit(id: id))
                try await repository.addNote(note("second", at: 1), on: commit)
                #expect(try await repository.notes(on: commit).map(\.host) == [id, "second"])
            }
            #expect(try await playground.git("notes", "--ref=propel", "list").split(separator: "\n").count == 300)
        }
    }

    @Test func `notes of two clones are merged`() async throws {
        try await Playground.run { playground in
            let first = try await playground.commit()
            let second = try await playground.commit("a")
            try await playground.remote()
            let here = try await playground.repository()
            #expect(try await here.pushNotes() == .nothingToPush)
            try await here.push()
            try await playground.git("clone", "--quiet", "\(playground.directory)/origin.git", "../other")
            let there = try await playground.repository("other")

            try await here.addNote(note("a", at: 1), on: first)
            try await here.addNote(note("b", at: 2), on: second)
            #expect(try await here.pushNotes() == .pushed(remote: "origin"))
            #expect(try await here.pushNotes() == .upToDate(remote: "origin"))
            try await there.addNote(note("c", at: 3), on: first)
            let third = try await playground.commit("b", at: "other")
            try await there.addNote(note("d", at: 4), on: third)
            #expect(try await there.pushNotes() == .pushed(remote: "origin"))
            try await here.addNote(note("e", at: 5), on: first)
            #expect(try await here.pushNotes() == .pushed(remote: "origin"))

            #expect(try await here.notes(on: first).map(\.host) == ["a", "c", "e"])
            #expect(try await here.notes(on: second).map(\.host) == ["b"])
            #expect(try await there.notes(on: third).map(\.host) == ["d"])
            #expect(
                try await playground.git("notes", "--ref=propel", "list", at: "origin.git").split(separator: "\n").count
                    == 3)
        }
    }

    @Test func `concurrent pushes of notes lose nothing`() async throws {
        try await Playground.run { playground in
            let commit = try await playground.commit()
            try await playground.remote()
            try await playground.repository().push()
            let names = ["one", "two", "three"]
            for name in names {
                try await playground.git("clone", "--quiet", "\(playground.directory)/origin.git", "../\(name)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    group.addTask {
                        let clone = try await playground.repository(name)
                        try await clone.addNote(note(name), on: commit)
                        let result = try await clone.pushNotes()
                        #expect(result == .pushed(remote: "origin"))
                    }
                }
                try await group.waitForAll()
            }
            let lines = try await playground.git("notes", "--ref=propel", "show", commit.id, at: "origin.git").split(
                separator: "\n")
            #expect(lines.compactMap { DeploymentNote(line: String($0))?.host }.sorted() == names.sorted())
        }
    }

    @Test func `a missing remote is a warning`() async throws {
        try await Playground.run { playground in
            let commit = try await playground.commit()
            try await playground.git("remote", "add", "origin", "\(playground.directory)/absent.git")
            let repository = try await playground.repository()
            try await repository.addNote(note("a"), on: commit)
            let result = try await repository.pushNotes()
            guard case .failed("origin", let words) = result else { Issue.record("\(result)"); return }
            #expect(words.contains("absent.git"))
            #expect(try await repository.notes(on: commit).count == 1)
        }
    }

    @Test(arguments: ["refs/heads/main", "refs/notes/a\ndone", "refs/notes/../heads/main", "refs/notes/", "--all"])
    func `other refs than those of notes are refused`(_ ref: String) async throws {
        try await Playground.run { playground in
            let commit = try await playground.commit()
            let repository = try await playground.repository()
            _ = try await gitError { try await repository.addNote(note("a"), on: commit, ref: ref) }
            #expect(try await repository.head() == commit)
        }
    }

    @Test func `a missing identity is an error`() async throws {
        try await Playground.run { playground in
            let commit = try await playground.commit()
            try playground.write("[user]\nuseConfigOnly = true\n", to: "home/.gitconfig")
            let repository = try await playground.repository()
            let error = try await gitError { try await repository.addNote(note("a"), on: commit) }
            guard case .identityMissing = error else { Issue.record("\(error)"); return }
        }
    }
}
