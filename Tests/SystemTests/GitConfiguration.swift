import Foundation
import Propel
import PropelTesting
import Subprocess
import SystemPackage

/// A configuration in a git repository, with a home without the user's settings of git and ssh.
final class GitConfiguration: Sendable {
    let configuration: Configuration
    /// The folder of the configuration in its repository; "" for the top.
    private let subfolder: String
    let home: URL
    /// The ports on loopback, by entry name.
    private let hosts: [String: UInt16]
    private let policy: String

    /// The top of the repository.
    var folder: URL { configuration.folder }
    var remote: URL { home.appending(path: "origin.git") }

    static let enforcer = Configuration.fleet.appending(path: ".build/release/propel-enforce")

    /// A repository with one commit: a `hosts.conf` with hosts on loopback. Without a port, connections are refused.
    /// - Parameters:
    ///   - pushed: whether to add a remote that is up to date.
    ///   - policy: the lines of `[fleet]`.
    static func with(
        folder: String = "", pushed: Bool = false, hosts: [String: UInt16?] = ["a": nil, "b": nil], policy: String = "",
        _ body: (GitConfiguration) async throws -> Void
    ) async throws {
        let closed = try LoopbackPort()
        let fleet = try GitConfiguration(
            Configuration(hosts: ""), subfolder: folder, hosts: hosts.mapValues { $0 ?? closed.number }, policy: policy)
        try fleet.write(swap: 1)
        try await fleet.makeRepository()
        if pushed {
            try await fleet.addRemote()
            try await fleet.git("push", "--quiet", "--set-upstream", "origin", "main")
        }
        try await body(fleet)
        withExtendedLifetime(closed) {}
    }

    init(
        _ configuration: Configuration, subfolder: String = "", hosts: [String: UInt16] = [:], policy: String = ""
    ) throws {
        self.configuration = configuration
        self.subfolder = subfolder
        self.hosts = hosts
        self.policy = policy
        home = configuration.folder.appendingPathExtension("home")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try """
        [user]
            name = Tester
            email = tester@example.com
        [init]
            defaultBranch = main
        """.write(to: home.appending(path: ".gitconfig"), atomically: true, encoding: .utf8)
        guard !subfolder.isEmpty else { return }
        let folder = configuration.folder.appending(path: subfolder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["Package.swift", "Package.resolved", "Propel", "Sources", ".build", "hosts.conf"] {
            try FileManager.default.moveItem(
                at: configuration.folder.appending(path: name), to: folder.appending(path: name))
        }
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    func makeRepository() async throws {
        try write(".build\n", to: ".gitignore")
        try await git("init", "--quiet")
        try await git("add", "--all")
        try await git("commit", "--quiet", "--message", "The first")
    }

    func addRemote() async throws {
        try await run("git", "init", "--quiet", "--bare", remote.path)
        try await git("remote", "add", "origin", remote.path)
    }

    /// A file of the configuration.
    func file(_ name: String) -> URL { folder.appending(path: subfolder).appending(path: name) }

    func write(_ text: String, to name: String) throws {
        try text.write(to: file(name), atomically: true, encoding: .utf8)
    }

    /// Writes `hosts.conf` with this swap size in MiB.
    func write(swap: Int) throws {
        // Two entries with the same address and port are refused.
        var uses: [UInt16: Int] = [:]
        let entries = hosts.sorted { $0.key < $1.key }.map { name, port in
            uses[port, default: 0] += 1
            let address = "127.0.0.\(uses[port, default: 1])"
            return "[\(name)]\nrole = \"demo\"\naddress = \"\(address)\"\nport = \(port)\nswap = \"\(swap) MiB\"\n"
        }
        try write((policy.isEmpty ? "" : "[fleet]\n\(policy)\n\n") + entries.joined(separator: "\n"), to: "hosts.conf")
    }

    func hook(_ name: String, _ command: String) throws {
        let file = folder.appending(path: ".git/hooks/\(name)")
        try writeProgram("#!/bin/sh\n\(command)\n", to: file.path)
    }

    /// - Returns: the path of a new private key; the public key has the suffix .pub.
    func makeSigningKey(_ name: String) async throws -> String {
        let path = home.appending(path: name).path
        try await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)
        return path
    }

    /// The notes on HEAD.
    func notes() async throws -> [JSON] {
        guard try await git("for-each-ref", "refs/notes/propel") != "" else { return [] }
        let list = try await git("notes", "--ref", "propel", "list")
        guard try await list.contains(git("rev-parse", "HEAD")) else { return [] }
        return try await git("notes", "--ref", "propel", "show").split(separator: "\n").map {
            try JSON(parsing: String($0))
        }
    }

    // MARK: Programs

    private func environment(of deployer: DeployerKey?) -> [Environment.Key: String?] {
        [
            "GNUPGHOME": deployer?.home,
            "HOME": home.path, "XDG_CONFIG_HOME": home.path,
            "GIT_CONFIG_GLOBAL": home.appending(path: ".gitconfig").path,
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": FileManager.default.temporaryDirectory.path,
            "SSH_AUTH_SOCK": nil,
        ]
    }

    func propel(_ arguments: String..., as deployer: DeployerKey? = nil) async throws -> Answer {
        try await answer(configuration.program, arguments, as: deployer)
    }

    /// Runs propel with a pipe for standard output and standard error whose reader is gone.
    func propelWithoutReader(_ arguments: String...) async throws -> Int? {
        let script = "\"$0\" \"$@\" 2>&1 | true; echo \"${PIPESTATUS[0]}\""
        let answer = try await answer("/bin/bash", ["-c", script, configuration.program.string] + arguments)
        return Int(answer.output.trimmingCharacters(in: .newlines))
    }

    /// Runs propel at a terminal. When it asks `question`, the output of the shell `command` is typed.
    func propelAtTerminal(
        _ arguments: String..., answering question: String, with command: String
    ) async throws -> Answer {
        let line = ([configuration.program.string] + arguments).joined(separator: " ")
        let screen = home.appending(path: "screen").path
        try Data().write(to: URL(filePath: screen))
        // Two minutes at most. script(1) gives the program a terminal; it ends with the program, its input some time
        // later.
        let typist =
            "for i in $(seq 1200); do grep -qF '\(question)' '\(screen)' && break; sleep 0.1; done; \(command); sleep 2"
        let script = "(\(typist)) | script --quiet --return --flush --command '\(line)' /dev/null > '\(screen)'"
        let answer = try await answer(.init("/bin/sh"), ["-c", script])
        return Answer(
            status: answer.status, output: try String(contentsOfFile: screen, encoding: .utf8), errors: answer.errors)
    }

    @discardableResult
    func git(_ arguments: String..., as deployer: DeployerKey? = nil) async throws -> String {
        try await succeed("git", arguments, as: deployer)
    }

    /// Commits everything, signed with this key.
    func commit(_ message: String, signedBy deployer: DeployerKey, amending: Bool = false) async throws {
        try await git("add", "--all")
        let signer = ["-c", "gpg.program=\(deployer.home)/signer"]
        let arguments =
            signer + ["commit", "--quiet", "--allow-empty", "--message", message, "--gpg-sign=\(deployer.fingerprint)"]
        _ = try await succeed("git", arguments + (amending ? ["--amend"] : []), as: deployer)
    }

    /// Adds a public key to the keyring, or removes it.
    func accredit(_ deployer: DeployerKey, isRevoked: Bool = false) async throws {
        try await configuration.accredit(deployer, isRevoked: isRevoked)
    }
    func discredit(_ deployer: DeployerKey) throws {
        try FileManager.default.removeItem(at: file("secrets/keyring/\(deployer.fingerprint).asc"))
    }

    @discardableResult
    func run(_ program: String, _ arguments: String...) async throws -> String { try await succeed(program, arguments) }

    private func succeed(
        _ program: String, _ arguments: [String], as deployer: DeployerKey? = nil
    ) async throws -> String {
        let answer = try await answer("/usr/bin/env", [program] + arguments, in: folder, as: deployer)
        guard answer.status == 0 else { throw Unexpected("\(program) \(arguments): \(answer)") }
        return answer.output.trimmingCharacters(in: .newlines)
    }

    private func answer(
        _ program: FilePath, _ arguments: [String], in directory: URL? = nil, as deployer: DeployerKey? = nil
    ) async throws -> Answer {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: .inherit.updating(environment(of: deployer)),
            workingDirectory: FilePath((directory ?? folder.appending(path: subfolder)).path),
            platformOptions: .ownSession,
            input: .none, output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
        guard case .exited(let status) = result.terminationStatus else {
            throw Unexpected("\(program) \(arguments): \(result)")
        }
        return Answer(status: status, output: result.standardOutput, errors: result.standardError)
    }
}
