import Foundation
import HostsConf
import Propel
import Testing

/// Which version runs where since when: hosts.conf, its commits, and the notes on them. The hosts refuse connections.
@Suite struct TagTests {
    @Test func `a tag is a separate commit and is shown in the history`() async throws {
        try await GitConfiguration.with { fleet in
            let comment = "\n# kept\n"
            try fleet.write(
                try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8) + comment, to: "hosts.conf")
            try await fleet.git("commit", "--quiet", "--all", "--message", "A comment")
            for tag in ["v1", "v2"] {
                let answer = try await fleet.propel("deploy", "a", "--tag", tag)
                #expect(answer.status == 3, "\(answer)")
            }
            // It was not reached, so it has the version that it had.
            let messages =
                "a: back at no tag, since v2 did not get there\na: v2\na: back at no tag, since v1 did not get "
                + "there\na: v1"
            #expect(try await fleet.git("log", "--format=%s", "-4", "hosts.conf") == messages)
            #expect(try await fleet.git("show", "--format=", "--numstat", "HEAD~1") == "1\t0\thosts.conf")
            #expect(try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8).hasSuffix(comment))

            let history = try await fleet.propel("history", "a", "--json")
            let lines = try history.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
            #expect(lines.map { $0["tag"] } == ["v2", "v1"])
            #expect(lines.allSatisfy { $0["result"] == "unreachable" })
            #expect(lines[0]["commit"]?.string == (try await fleet.git("rev-parse", "HEAD~1")))
            let table = try await fleet.propel("history", "a", "--limit", "1")
            #expect(table.output.split(separator: "\n").count == 2)
            #expect(table.output.hasPrefix("TIME"), "\(table)")
            let other = try await fleet.propel("history", "b")
            #expect(other.output == "" && other.errors.contains("git has no record of a deployment to b"), "\(other)")
        }
    }

    @Test func `other changes in hosts.conf are not committed with a tag`() async throws {
        try await GitConfiguration.with { fleet in
            try fleet.write(swap: 2)
            let before = try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8)
            let answer = try await fleet.propel("deploy", "a", "--tag", "v1")
            #expect(answer.status == 64)
            #expect(answer.errors.contains("hosts.conf has uncommitted changes"), "\(answer)")
            #expect(try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8) == before)
        }
    }

    @Test func `a refused deployment takes the tag back`() async throws {
        try await GitConfiguration.with(policy: "require-signed = [\"a\"]") { fleet in
            let head = try await fleet.git("rev-parse", "HEAD"),
                before = try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8)
            let answer = try await fleet.propel("deploy", "a", "--tag", "v1")
            #expect(answer.status == 64, "\(answer)")
            #expect(try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8) == before)
            #expect(try await fleet.git("status", "--porcelain") == "")
            #expect(try await fleet.git("rev-parse", "HEAD") == head)

            let partial = try await fleet.propel("deploy", "b", "--tag", "v1", "--only", "swap")
            #expect(partial.status == 64 && partial.errors.contains("--tag is for the whole host"), "\(partial)")
            #expect(try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8) == before)
        }
    }

    @Test func `an edit of another entry during a deployment is kept, and the tag is set back`() async throws {
        try await GitConfiguration.with { fleet in
            let before = try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8)
            try fleet.hook("post-commit", "sed -i 's/^swap = .*/swap = \"7 MiB\"/' hosts.conf")
            // The edit comes with the commit of the tag, and nothing that changes during a deployment is deployed.
            let answer = try await fleet.propel("deploy", "a", "--tag", "v1")
            #expect(answer.status == 64, "\(answer)")
            #expect(answer.errors.contains("git still has the tag v1 of a: commit the file"), "\(answer)")
            let edited = before.replacing(#/swap = .*/#, with: "swap = \"7 MiB\"")
            #expect(try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8) == edited)
            #expect(try await fleet.git("log", "--format=%s", "-1") == "a: v1")
        }
    }

    @Test func `without a previous tag there is no rollback`() async throws {
        try await GitConfiguration.with { fleet in
            let answer = try await fleet.propel("rollback", "a")
            #expect(answer.status == 64)
            #expect(answer.errors.contains("Name a tag: propel rollback a --to TAG"), "\(answer)")
            let named = try await fleet.propel("rollback", "a", "--to", "v0")
            #expect(named.status == 3, "\(named)")
            #expect(
                try await fleet.git("log", "--format=%s", "-2")
                    == "a: back at no tag, since v0 did not get there\na: v0")
        }
    }

    @Test func `rollback chooses the last tag that converged`() async throws {
        try await GitConfiguration.with { fleet in
            let results = [
                ("v1", "converged", "[]"), ("v2", "converged", "null"), ("v3", "rolled-back", "null"),
                ("part", "converged", "[\"swap\"]"), ("v4", "converged", "null"),
            ]
            for (index, (tag, result, only)) in results.enumerated() {
                // As it would be committed and noted of a machine that answers.
                let text = try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8)
                try fleet.write(try HostsConf.setting("tag", of: "a", to: tag, in: text), to: "hosts.conf")
                try await fleet.git("commit", "--quiet", "--all", "--message", "a: \(tag)")
                let note =
                    "{\"enforcer\":\"e\",\"host\":\"a\",\"only\":\(only),\"result\":\"\(result)\",\"time\":\"2026-01-0\(index + 1)T00:00:00Z\"}"
                try await fleet.git("notes", "--ref=propel", "add", "--force", "--message", note, "HEAD")
            }
            let back = try await fleet.propel("rollback", "a")
            #expect(back.errors.contains("a goes back from v4 to v2."), "\(back)")
            #expect(
                try await fleet.git("log", "--format=%s", "-2")
                    == "a: back at v4, since v2 did not get there\na: v2, was v4")
            let table = try await fleet.propel("history", "a")
            #expect(table.output.contains("converged (only swap)"), "\(table)")
        }
    }
}
