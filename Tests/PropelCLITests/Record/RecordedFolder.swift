import Foundation
import PropelTesting
import Properties
import Testing

@testable import Git
@testable import Propel
@testable import PropelCLI

/// A configuration with one role in a separate git repository, all of it committed. It is removed with this value.
final class RecordedFolder: Sendable {
    static let fleet = Fleet(
        Role("r", runs: Debian.self) { host in File("/etc/version", "\(host.tag ?? "none")\n") })

    let folder: PackageFolder
    private let command: GitCommand

    var root: URL { folder.root }
    var hosts: String {
        get throws { try String(contentsOf: root.appending(path: "hosts.conf"), encoding: .utf8) }
    }

    /// - Parameter hosts: the text of hosts.conf.
    init(_ hosts: String) async throws {
        folder = try PackageFolder()
        command = GitCommand(
            directory: folder.root.path, environment: ["GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"])
        try await git("init", "--quiet", "--initial-branch=main")
        let settings = [
            "user.name": "Tester", "user.email": "tester@example.com", "commit.gpgSign": "false",
            "core.hooksPath": folder.root.appending(path: ".git/hooks").path,
        ]
        for (key, value) in settings { try await git("config", key, value) }
        try folder.write(".build\n", ".gitignore")
        try folder.write(hosts, "hosts.conf")
        try await commit("first")
    }

    /// Runs git, which must succeed.
    /// - Returns: its output, without the newline at its end.
    @discardableResult
    func git(_ arguments: String...) async throws -> String { try await command.output(of: arguments).line }

    /// Commits everything.
    @discardableResult
    func commit(_ message: String) async throws -> Commit {
        try await git("add", "--all")
        try await git("commit", "--quiet", "--allow-empty", "--message=\(message)")
        return try await head
    }

    var head: Commit {
        get async throws { try #require(Commit(id: try await git("rev-parse", "HEAD"))) }
    }

    /// The message of the last commit.
    var message: String {
        get async throws { try await git("log", "-1", "--format=%s") }
    }

    /// Has git run a script before it commits.
    func setHook(_ script: String) throws {
        try writeProgram("#!/bin/sh\n\(script)\n", to: root.appending(path: ".git/hooks/pre-commit").path)
    }

    /// The configuration as propel opens it. The programs are those of the present sources.
    func checkout() throws -> Checkout {
        let freshness = Freshness(root: root), sources = freshness.sources()
        try freshness.remember(sources)
        return Checkout(root: root, openedSources: sources)
    }
}
