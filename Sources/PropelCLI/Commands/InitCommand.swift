import ArgumentParser
import Foundation
import Subprocess
import SystemPackage

/// `propel init`. It works before there is any configuration.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Create a repository for machines of yours.",
        discussion: """
            The repository is a Swift package that depends on Propel, with one role to start from, a sandbox that \
            has it, and a \
            test. Nothing that exists is overwritten. At a terminal, init asks for what no option says.

            Example: propel init ~/machines --host web1.example.com --user admin --git
            """)

    @Argument(help: "The folder to create, or one that has none of the files.")
    var folder: String

    @Option(help: "The name of the first host, beside a sandbox.")
    var host: String?

    @Option(help: "Its address, if the name is not the address.")
    var address: String?

    @Option(help: "The user to log in as.")
    var user: String?

    @Option(help: ArgumentHelp("A clone of Propel to depend on by path.", valueName: "folder"))
    var propel: String?

    @OptionGroup var format: FormatOptions

    @Flag(inversion: .prefixedNo, help: "Make it a git repository with a first commit.")
    var git: Bool?

    func validate() throws {
        guard host != nil || (address == nil && user == nil) else {
            throw ValidationError("--address and --user describe a host: add --host NAME")
        }
    }

    func run() async throws {
        try await reportingProblems {
            let prompter = TerminalPrompter()
            let root = URL(filePath: folder, directoryHint: .isDirectory).standardizedFileURL
            let configuration = NewConfiguration(
                folder: root, dependency: try await dependency(), host: try await firstHost(prompter))
            // Refuses what it can before the last question.
            try configuration.validate()
            let usesGit = try await usesGit(prompter)
            try configuration.write()
            if usesGit { try await commit(in: root) }
            format.format.print(
                InitReport(
                    folder: root.path, givenFolder: folder,
                    hosts: ["demo.sandbox", configuration.host?.name].compactMap(\.self), isCommitted: usesGit))
        }
    }

    private func dependency() async throws -> PropelDependency {
        guard let propel else { return try await .ofThisProgram() }
        let clone = URL(filePath: propel, directoryHint: .isDirectory)
        guard PropelDependency.isPropel(clone) else {
            throw UsageError(description: "--propel: \(propel) is not a clone of Propel")
        }
        return PropelDependency(clone: clone)
    }

    private func firstHost(_ prompter: TerminalPrompter) async throws -> NewConfiguration.FirstHost? {
        if let host { return .init(name: host, address: address, user: user) }
        guard prompter.isInteractive else { return nil }
        guard let name = try await prompter.answer("Name of the first host (Enter for none):") else { return nil }
        let address = try await prompter.answer("Its address (Enter if \(name) is the address):")
        let user = try await prompter.answer("User to log in as (Enter for what ssh uses):")
        return .init(name: name, address: address, user: user)
    }

    private func usesGit(_ prompter: TerminalPrompter) async throws -> Bool {
        if let git { return git }
        return prompter.isInteractive ? try await prompter.confirm("Make it a git repository?") : false
    }

    private func commit(in root: URL) async throws {
        for arguments in [
            ["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Describe the first machines"],
        ] {
            let result = try await Subprocess.run(
                .name("git"), arguments: Arguments(["-C", root.path] + arguments), output: .string(limit: 1 << 16),
                error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                let output = (result.standardOutput + result.standardError).trimmingCharacters(in: .newlines)
                throw UsageError(
                    description: "the files are written, but git \(arguments[0]) failed in \(root.path):\n\(output)")
            }
        }
    }
}

extension TerminalPrompter {
    /// Asks for a line; nil if it is empty.
    fileprivate func answer(_ question: String) async throws -> String? {
        let line = try await line(question).trimmingCharacters(in: .whitespaces)
        return line.isEmpty ? nil : line
    }
}
