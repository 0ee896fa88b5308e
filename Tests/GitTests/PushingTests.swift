import PlainText
import Foundation
import Testing

@testable import Git

@Suite struct PushingTests {
    @Test func `without a remote nothing is pushed`() async throws {
        try await Playground.run { playground in
            let repository = try await playground.repository()
            #expect(try await repository.push() == .skipped(.noCommit))
            try await playground.commit()
            #expect(try await repository.push() == .skipped(.noRemote))
            try await playground.git("checkout", "--quiet", "--detach")
            #expect(try await repository.push() == .skipped(.detachedHead))
        }
    }

    @Test func `the first push sets the upstream`() async throws {
        try await Playground.run { playground in
            let first = try await playground.commit()
            try await playground.remote("backup")
            let repository = try await playground.repository()
            #expect(try await repository.push() == .pushed(remote: "backup", branch: "main", setUpstream: true))
            #expect(try await playground.git("rev-parse", "main", at: "backup.git") == first.id)
            #expect(try await playground.git("rev-parse", "--abbrev-ref", "main@{upstream}") == "backup/main")
            #expect(try await repository.push() == .upToDate(remote: "backup", branch: "main"))
            let second = try await playground.commit("a")
            #expect(try await repository.push() == .pushed(remote: "backup", branch: "main", setUpstream: false))
            #expect(try await playground.git("rev-parse", "main", at: "backup.git") == second.id)
        }
    }

    @Test func `several remotes need a choice`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try await playground.remote("one")
            try await playground.remote("two")
            let repository = try await playground.repository()
            #expect(try await repository.push() == .skipped(.ambiguousRemote(["one", "two"])))
            try await playground.git("config", "remote.pushDefault", "two")
            #expect(try await repository.push().description.contains("to two"))
            try await playground.git("config", "--unset", "remote.pushDefault")
            try await playground.git("switch", "--quiet", "-c", "fresh")
            try await playground.remote("origin")
            #expect(try await repository.push() == .pushed(remote: "origin", branch: "fresh", setUpstream: true))
        }
    }

    @Test func `an upstream with another name is not pushed to`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try await playground.remote()
            try await playground.git("push", "--quiet", "origin", "main")
            try await playground.git("switch", "--quiet", "--track", "-c", "topic", "origin/main")
            try await playground.commit("a")
            let repository = try await playground.repository()
            #expect(try await repository.push() == .skipped(.differentName(branch: "topic", upstream: "origin/main")))
            let before = try await playground.git("rev-parse", "main", at: "origin.git")
            #expect(try await playground.git("rev-parse", "main") == before)
            try await playground.git("config", "push.default", "upstream")
            #expect(try await repository.push() == .pushed(remote: "origin", branch: "topic", setUpstream: false))
            #expect(try await playground.git("rev-parse", "main", at: "origin.git") != before)
        }
    }

    @Test func `a remote with other commits is an error`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try await playground.remote()
            let repository = try await playground.repository()
            _ = try await repository.push()
            try await playground.git("clone", "--quiet", "\(playground.directory)/origin.git", "../other")
            let theirs = try await playground.commit("a", at: "other")
            try await playground.git("push", "--quiet", at: "other")
            try await playground.commit("b")
            for _ in 0..<2 {
                let error = try await gitError { _ = try await repository.push() }
                guard case .pushRejected("origin", "main", _) = error else { Issue.record("\(error)"); return }
                #expect(error.description.contains("git pull --rebase origin main"))
                // The second time git knows already what the remote has.
                try await playground.git("fetch", "--quiet")
            }
            #expect(try await playground.git("rev-parse", "main", at: "origin.git") == theirs.id)
        }
    }

    @Test func `a remote that refuses or is gone is an error`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try await playground.remote()
            try playground.write(
                "#!/bin/sh\necho 'frozen until Monday' >&2\nexit 1\n", to: "origin.git/hooks/pre-receive",
                executable: true)
            let repository = try await playground.repository()
            let refused = try await gitError { _ = try await repository.push() }
            guard case .pushFailed("origin", let words) = refused else { Issue.record("\(refused)"); return }
            #expect(words.contains("frozen until Monday"))
            try FileManager.default.removeItem(atPath: "\(playground.directory)/origin.git")
            let gone = try await gitError { _ = try await repository.push() }
            guard case .pushFailed("origin", _) = gone else { Issue.record("\(gone)"); return }
        }
    }

    @Test func `a push ends at its timeout with all its children`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try playground.write(
                "#!/bin/sh\necho $$ > '\(playground.directory)/pid'\nexec sleep 1000\n", to: "hang", executable: true)
            try await playground.git("config", "protocol.ext.allow", "always")
            try await playground.git("remote", "add", "origin", "ext::\(playground.directory)/hang")
            let repository = try await playground.repository()
            let error = try await gitError { _ = try await repository.push(timeout: .seconds(1)) }
            guard case .timedOut = error else { Issue.record("\(error)"); return }
            // If the program was started at all, it is gone.
            if let pid = Int32(((try? playground.read("pid")) ?? "").trimmed) {
                for _ in 0..<6000 where isRunning(pid) { try await Task.sleep(for: .milliseconds(10)) }
                #expect(!isRunning(pid))
            }
        }
    }

    @Test func `a hook may take any time, and its progress is reported`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try await playground.remote()
            // The hook ends when its progress has been reported.
            let seen = "\(playground.directory)/seen"
            try playground.write(
                "#!/bin/sh\necho 'running the tests' >&2\nwhile [ ! -e '\(seen)' ]; do sleep 0.01; done\n",
                to: "work/.git/hooks/pre-push", executable: true)
            let (lines, report) = AsyncStream.makeStream(of: String.self)
            let result = try await playground.repository().push(progressInterval: .milliseconds(10)) { line in
                report.yield(line)
                if line.contains("running the tests") {
                    #expect(FileManager.default.createFile(atPath: seen, contents: nil))
                }
            }
            report.finish()
            #expect(result == .pushed(remote: "origin", branch: "main", setUpstream: true))
            let all = await lines.reduce(into: []) { $0.append($1) }
            let isReported = all.contains {
                $0.hasPrefix("still pushing to origin (") && $0.hasSuffix(" s): running the tests")
            }
            #expect(isReported, "\(all)")
        }
    }

    /// Whether a process exists and is not a zombie.
    private func isRunning(_ pid: Int32) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return stat.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    @Test func `a password is not asked for`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            // A remote helper that wants a password does as git's own: it asks `git credential fill`.
            try playground.write(
                "#!/bin/sh\nprintf 'protocol=https\\nhost=example.invalid\\n\\n' | git credential fill 1>&2 || exit "
                    + "1\n",
                to: "home/bin/git-remote-asking", executable: true)
            var asking = playground
            asking.environment["PATH"] =
                "\(playground.directory)/home/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
            try await playground.git("remote", "add", "origin", "asking::x")
            let error = try await gitError { _ = try await asking.repository().push() }
            guard case .pushFailed("origin", let words) = error else { Issue.record("\(error)"); return }
            #expect(words.contains("terminal prompts disabled"))
        }
    }

    @Test func `a shallow clone can be pushed`() async throws {
        try await Playground.run { playground in
            try await playground.commit()
            try await playground.commit("a")
            try await playground.remote()
            try await playground.repository().push()
            try await playground.git(
                "clone", "--quiet", "--depth", "1", "file://\(playground.directory)/origin.git", "../shallow")
            try playground.write("new", to: "shallow/hosts.conf")
            let repository = try await playground.repository("shallow")
            let commit = try await repository.commit(paths: ["hosts.conf"], message: "m")
            #expect(try await repository.push() == .pushed(remote: "origin", branch: "main", setUpstream: false))
            #expect(try await playground.git("rev-parse", "main", at: "origin.git") == commit?.id)
        }
    }
}
