import PlainText
import Foundation
import PropelTesting
import Subprocess
import SystemPackage
import Testing

@testable import Git

/// A directory with a home directory, in which git does not see the configuration of the real user.
struct Playground {
    let directory: String
    var environment: [String: String]

    /// The work tree that ``Playground/git(_:)`` runs in.
    var work: String { "\(directory)/work" }

    /// Runs `body` in a playground with an empty repository in `work`, then removes all of it.
    static func run(_ body: (Playground) async throws -> Void) async throws {
        let directory = "/tmp/pg-" + String(UInt64.random(in: 0..<(1 << 40)), radix: 36)
        try FileManager.default.createDirectory(atPath: "\(directory)/home", withIntermediateDirectories: true)
        var playground = Playground(directory: directory, environment: [:])
        playground.environment = [
            "HOME": "\(directory)/home", "XDG_CONFIG_HOME": "\(directory)/home/.config", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "\(directory)/home/.gitconfig", "GNUPGHOME": "\(directory)/g",
            "GIT_CEILING_DIRECTORIES": "/tmp",
        ]
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try playground.write(
            """
            [user]
                name = Tester
                email = tester@example.com
            [init]
                defaultBranch = main
            [protocol "file"]
                allow = always
            """, to: "home/.gitconfig")
        try await playground.tool("git", ["init", "--quiet", playground.work])
        try await body(playground)
    }

    /// The same playground with other variables.
    func with(_ variables: [String: String]) -> Playground {
        Playground(directory: directory, environment: environment.merging(variables) { _, new in new })
    }

    /// Writes a file; the path is relative to the playground.
    func write(_ text: String, to path: String, executable: Bool = false) throws {
        let path = "\(directory)/\(path)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        if executable { return try writeProgram(text, to: path) }
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    func read(_ path: String) throws -> String { try String(contentsOfFile: "\(directory)/\(path)", encoding: .utf8) }

    /// Runs git in `work` and requires that it succeeds.
    @discardableResult
    func git(_ arguments: String..., at path: String = "work", input: String? = nil) async throws -> String {
        let git = GitCommand(directory: "\(directory)/\(path)", environment: environment)
        return try await git.output(of: arguments, input: input.map { Array($0.utf8) }).line
    }

    /// Runs git in `work`; it may fail.
    @discardableResult
    func tryGit(_ arguments: String..., at path: String = "work") async throws -> Int32 {
        try await GitCommand(directory: "\(directory)/\(path)", environment: environment).run(arguments).status
    }

    /// Runs another program and requires that it succeeds.
    @discardableResult
    func tool(_ name: String, _ arguments: [String]) async throws -> String {
        var changes: [Environment.Key: String?] = ["LC_ALL": "C"]
        for (key, value) in environment { changes[Environment.Key(rawValue: key)!] = value }
        let result = try await Subprocess.run(
            .name(name), arguments: Arguments(arguments), environment: .inherit.updating(changes),
            workingDirectory: FilePath(directory), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        try #require(result.terminationStatus.isSuccess, "\(name) \(arguments): \(result.standardError)")
        return result.standardOutput
    }

    func repository(_ path: String = "work") async throws -> Repository {
        try await Repository(containing: "\(directory)/\(path)", environment: environment)
    }

    /// Writes and commits a file.
    @discardableResult
    func commit(
        _ file: String = "hosts.conf", _ text: String = "one\n", at path: String = "work"
    ) async throws -> Commit {
        try write(text, to: "\(path)/\(file)")
        try await git("add", "--all", at: path)
        try await git("commit", "--quiet", "--message", "\(file): \(text.trimmed)", at: path)
        return try #require(Commit(id: try await git("rev-parse", "HEAD", at: path)))
    }

    /// Creates a bare repository `name`.git and, in `work`, the remote `name` for it.
    func remote(_ name: String = "origin") async throws {
        try await tool("git", ["init", "--quiet", "--bare", "\(directory)/\(name).git"])
        try await git("remote", "add", name, "\(directory)/\(name).git")
    }

    /// The entries of the index and the status of each file.
    func state() async throws -> String {
        try await git("ls-files", "--stage") + "\n" + git("status", "--porcelain=v2", "--untracked-files=all")
    }
}

/// Returns the error that `body` throws.
func gitError(
    _ body: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> GitError {
    let error = await #expect(throws: GitError.self, sourceLocation: sourceLocation) { try await body() }
    return try #require(error, sourceLocation: sourceLocation)
}

/// Expects that `body` throws `expected`.
func expect(
    _ expected: GitError, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async throws {
    let error = try await gitError(body, sourceLocation: sourceLocation)
    #expect(error == expected, sourceLocation: sourceLocation)
}
