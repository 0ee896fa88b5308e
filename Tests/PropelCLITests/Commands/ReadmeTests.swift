import Testing

@testable import PropelCLI

/// README's tables of commands and options, and the parser.
@Suite struct ReadmeTests {
    /// The cells of the rows of a table, found by the cells of its first line.
    private func rows(below heading: String) throws -> [[String]] {
        let lines = try Package.text("README.md").split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0 == heading[...] }, "README.md has no table \(heading)")
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.replacing("\\|", with: "\u{0}").split(separator: "|", omittingEmptySubsequences: false).dropFirst()
                .map { $0.replacing("\u{0}", with: "|").trimming(" ") }
        }
    }

    /// The words between backquotes.
    private func code(in cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }

    /// The command that a line such as `./propel sandbox up NAME [--suite trixie]` names.
    private func command(_ line: String, among leaves: [CommandDescription]) -> CommandDescription? {
        let words = line.split(separator: " ").dropFirst().map(String.init)
        return leaves.first { words.starts(with: $0.path) }
            ?? (words.first?.hasPrefix("HOST") == true ? leaves.first { $0.path == ["deploy"] } : nil)
    }

    @Test func `every command of the README exists, with its options`() throws {
        let leaves = try CommandDump.leaves
        for row in try rows(below: "| command | |") {
            for line in code(in: row[0]) {
                let command = try #require(self.command(line, among: leaves), "there is no command `\(line)`")
                let known = command.arguments.flatMap(\.names)
                for option in line.split(whereSeparator: { " []".contains($0) }) where option.hasPrefix("-") {
                    #expect(known.contains(String(option)), "\(command.path) has no \(option)")
                }
            }
        }
    }

    @Test func `every command stands in the README`() throws {
        let leaves = try CommandDump.leaves
        let named = try rows(below: "| command | |").flatMap { code(in: $0[0]) }
            .compactMap { self.command($0, among: leaves)?.path }
        for command in leaves {
            #expect(named.contains(command.path), "README.md lacks propel \(command.path.joined(separator: " "))")
        }
    }

    @Test func `every option of the README is one of its commands`() throws {
        let leaves = try CommandDump.leaves
        for row in try rows(below: "| option | of | |") {
            let names = code(in: row[0]).map { String($0.prefix { $0 != " " }) }
            for owner in row[1].split(separator: ",") {
                let path = owner.split(separator: " ").map(String.init)
                let commands = leaves.filter { $0.path.starts(with: path) }
                #expect(!commands.isEmpty, "there is no command \(owner)")
                for command in commands {
                    #expect(
                        Set(names).isSubset(of: command.arguments.flatMap(\.names)), "\(command.path) lacks \(names)")
                }
            }
        }
    }

    @Test func `every exit status stands in the README and in the help`() throws {
        let table = try rows(below: "| exit status | |").map { $0[0] }
        let help = PropelCommand.helpMessage(columns: 400)
        for status in ExitStatus.allCases {
            #expect(table.contains("\(status.rawValue)"))
            #expect(help.contains("\(status.rawValue) "))
        }
    }
}

extension StringProtocol {
    fileprivate func trimming(_ character: Character) -> String {
        String(drop { $0 == character }.reversed().drop { $0 == character }.reversed())
    }
}
