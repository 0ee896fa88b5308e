import Foundation
import Testing

@testable import PropelCLI

/// The commands that messages propose, between backquotes in the sources.
@Suite struct ProposedCommandTests {
    @Test func `every proposed command exists, with its options`() throws {
        let root = try CommandDump.root
        let proposals = try Self.proposals()
        #expect(proposals.count > 20)
        for (file, words) in proposals {
            if let problem = Self.problem(of: words, in: root) {
                Issue.record("\(file): `propel \(words)`: \(problem)")
            }
        }
    }

    @Test(arguments: [
        ["secret", "st"], ["secret", "set", "x", "--fro"], ["deploi", "web1"], ["key", "check", "--reencript"],
    ])
    func `a wrong one is found`(_ words: [String]) throws {
        #expect(Self.problem(of: words, in: try CommandDump.root) != nil)
    }

    private static func proposals() throws -> [(file: String, words: [String])] {
        let sources = [
            "PropelCLI", "Propel", "Properties", "SecretStore", "Git", "HostsConf", "Sandbox", "SSHTransport",
        ]
        var found: [(file: String, words: [String])] = []
        for file in sources.flatMap({ SourceManifest.files(in: "Sources/\($0)", of: Package.root) })
        where file.hasSuffix(".swift") {
            let lines = try Package.text(file).components(separatedBy: "\n")
                .filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
            for rest in lines.joined(separator: "\n").components(separatedBy: "`propel ").dropFirst() {
                let command = rest.prefix { $0 != "`" && $0 != "\n" }
                found.append((file, command.split(separator: " ").map { String($0) }))
            }
        }
        return found
    }

    /// What is wrong with the words after `propel`. Placeholders (`HOST…`) and interpolations stand for anything.
    private static func problem(of words: [String], in root: CommandDescription) -> String? {
        var command = root, rest = words[...]
        while let word = rest.first, !command.subcommands.isEmpty, word.isName {
            guard let next = command.subcommands.first(where: { $0.path.last == word }) else {
                return "there is no command \(word)"
            }
            command = next
            rest = rest.dropFirst()
        }
        let known = (command.leaves + root.subcommands.filter { $0.path == ["deploy"] && command.path.isEmpty })
            .flatMap { $0.arguments.flatMap(\.names) }
        let global = ["--help", "--version", "--generate-completion-script", "--experimental-dump-help"]
        for option in rest where option.hasPrefix("-") && !(known + global).contains(option) {
            return "there is no option \(option)"
        }
        return nil
    }
}

extension String {
    /// Whether it can be the name of a command: lowercase letters and dashes, and no interpolation.
    fileprivate var isName: Bool { first != "-" && utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D } }
}
