import Foundation
import Propel
import PropelTesting
import Subprocess
import SystemPackage
import Testing

/// A deployer's laptop: a configuration, and a GnuPG home with a key.
struct Deployer {
    let configuration: Configuration
    /// A short path, since it contains sockets.
    let home: URL
    let passphrase: String

    static func with(passphrase: String = "", _ body: (Deployer) async throws -> Void) async throws {
        let home = URL(filePath: "/tmp/pg-" + String(UInt64.random(in: 0..<(1 << 40)), radix: 36))
        try FileManager.default.createDirectory(
            at: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let hosts = "[web1]\nrole = \"ci\"\n\n[demo]\nrole = \"demo\"\n"
        let deployer = Deployer(configuration: try Configuration(hosts: hosts), home: home, passphrase: passphrase)
        let result: Result<Void, any Error>
        do {
            try await deployer.makeKey("anna@example.com", "Anna")
            // The agent has seen the passphrase.
            _ = try await deployer.run("gpgconf", ["--kill", "all"])
            result = .success(try await body(deployer))
        } catch {
            result = .failure(error)
        }
        _ = try await deployer.run("gpgconf", ["--kill", "all"])
        try FileManager.default.removeItem(at: home)
        try result.get()
    }

    func makeKey(_ mail: String, _ name: String) async throws {
        try await gpg(
            "--passphrase", passphrase, "--quick-gen-key", "\(name) <\(mail)>", "future-default", "default", "never")
    }

    func fingerprint(_ mail: String) async throws -> String {
        let keys = try await run("gpg", ["--batch", "--with-colons", "--list-keys", mail]).output
        let line = try #require(keys.split(separator: "\n").first { $0.hasPrefix("fpr:") })
        return String(try #require(line.split(separator: ":").last))
    }

    func gpg(_ arguments: String...) async throws {
        let answer = try await run("gpg", ["--batch", "--quiet"] + arguments)
        try #require(answer.status == 0, "gpg \(arguments): \(answer)")
    }

    func propel(_ arguments: String..., input: String = "", environment: [String: String] = [:]) async throws -> Answer
    {
        try await run(configuration.program.string, arguments, input: input, environment: environment)
    }

    /// Its output, which need not be UTF-8.
    func bytes(_ arguments: String...) async throws -> [UInt8] {
        try await Subprocess.run(
            .path(configuration.program), arguments: Arguments(arguments),
            environment: .inherit.updating(["GNUPGHOME": home.path]),
            workingDirectory: FilePath(configuration.folder.path),
            output: .bytes(limit: 1 << 20), error: .discarded
        ).standardOutput
    }

    func terminal(_ arguments: String...) throws -> TerminalSession { try terminal(arguments, [:]) }

    /// `propel secret edit` at a terminal, with these variables in its environment.
    func edit(_ name: String, _ environment: [String: String]) async throws -> Answer {
        try await terminal(["secret", "edit", name], environment).end()
    }

    private func terminal(_ arguments: [String], _ environment: [String: String]) throws -> TerminalSession {
        let variables = environment.merging(["GNUPGHOME": home.path]) { $1 }.mapValues(Optional.some)
        return try TerminalSession(
            configuration.program, arguments, in: configuration.folder, environment: variables)
    }

    private func run(
        _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> Answer {
        var changes: [Environment.Key: String?] = ["GNUPGHOME": home.path, "LC_ALL": "C"]
        for (key, value) in environment { changes[Environment.Key(rawValue: key)!] = value }
        let result = try await Subprocess.run(
            program.hasPrefix("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
            environment: .inherit.updating(changes), workingDirectory: FilePath(configuration.folder.path),
            platformOptions: .ownSession,
            input: .fileDescriptor(try inputFile(input.utf8), closeAfterSpawningProcess: true),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard case .exited(let status) = result.terminationStatus else {
            throw Unexpected("\(program) \(arguments): \(result)")
        }
        return Answer(status: status, output: result.standardOutput, errors: result.standardError)
    }
}
