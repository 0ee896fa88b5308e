import Foundation
import Testing

@testable import Git

@Suite struct DeploymentsTests {
    private func note(_ host: String, _ result: String, at seconds: Int) -> DeploymentNote {
        DeploymentNote(
            time: Date(timeIntervalSince1970: TimeInterval(1_700_000_000 + seconds)), host: host, result: result,
            enforcer: "abc123")
    }

    @Test func `the newest deployment is listed first`() async throws {
        try await Playground.run { playground in
            let repository = try await playground.repository()
            #expect(try await repository.deployments(to: "a") == [])
            let first = try await playground.commit("hosts.conf", "1\n"),
                second = try await playground.commit("hosts.conf", "2\n")
            try await repository.addNote(note("a", "later", at: 9), on: first)
            try await repository.addNote(note("b", "another host", at: 5), on: first)
            try await repository.addNote(note("a", "sooner", at: 1), on: second)
            try await playground.git("notes", "--ref=propel", "append", "--message", "by hand", second.id)
            let found = try await repository.deployments(to: "a")
            #expect(found.map(\.note.result) == ["later", "sooner"])
            #expect(found.map(\.commit) == [first, second])
        }
    }

    /// Several within one second, as where a host cannot be reached.
    @Test func `within a second, the later commit and line are newer`() async throws {
        try await Playground.run { playground in
            let repository = try await playground.repository()
            var expected: [String] = []
            for index in 0..<12 {
                let commit = try await playground.commit("hosts.conf", "\(index)\n")
                for attempt in ["first", "second"] {
                    try await repository.addNote(note("a", "\(index) \(attempt)", at: 0), on: commit)
                    expected.insert("\(index) \(attempt)", at: 0)
                }
            }
            let found = try await repository.deployments(to: "a")
            #expect(found.map(\.note.result) == expected)
        }
    }

    @Test func `a file of a commit is read as it was`() async throws {
        try await Playground.run { playground in
            let commit = try await playground.commit()
            let repository = try await playground.repository()
            try playground.write("another\n", to: "work/hosts.conf")
            let found = try await repository.file("hosts.conf", of: commit),
                none = try await repository.file("no such file", of: commit)
            #expect(found == Array("one\n".utf8) && none == nil)
        }
    }
}
