import Foundation
import Testing

@Suite struct WordsTests {
    /// grep searches all files in milliseconds; a regular expression of Swift takes minutes in a debug build.
    @Test(arguments: Words.rules.indices) func `a word that is out is in no source, message or page`(
        _ index: Int
    ) throws {
        let rule = Words.rules[index]
        // The list itself has them all.
        let files = (Repository.swift + Repository.pages).map(\.path).filter { !$0.hasPrefix("Tests/StyleTests/") }
        for line in try Self.grep(rule.pattern, in: files) { Issue.record("write \(rule.instead): \(line)") }
    }

    @Test func `a word that is out is found`() throws {
        #expect(try !Self.grep(#"\bROLLBACK\b"#, in: ["Tests/StyleTests/Words.swift"]).isEmpty)
    }

    @Test func `a doc comment begins with a noun phrase, a verb or Whether`() {
        for file in Repository.swift where file.path.hasPrefix("Sources/") {
            var isInside = false
            for (number, line) in file.lines.enumerated() {
                let text = line.utf8.drop { $0 == UInt8(ascii: " ") }
                let isComment = text.starts(with: "/// ".utf8)
                if isComment, !isInside,
                    let opening = Words.docCommentOpenings.first(where: { text.dropFirst(4).starts(with: $0.utf8) })
                {
                    Issue.record("\(file.path):\(number + 1): a doc comment begins with “\(opening)”: \(line)")
                }
                isInside = isComment
            }
        }
    }

    /// The lines that match, each with its file and number.
    private static func grep(_ pattern: String, in files: [String]) throws -> [String] {
        let grep = Process()
        grep.executableURL = URL(filePath: "/usr/bin/env")
        grep.arguments = ["grep", "--with-filename", "-nPi", "-e", pattern, "--"] + files
        grep.currentDirectoryURL = Repository.root
        // The patterns have letters that are not ASCII.
        grep.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
        let output = Pipe()
        grep.standardOutput = output
        try grep.run()
        let found = try output.fileHandleForReading.readToEnd() ?? Data()
        grep.waitUntilExit()
        // 1: no line matches.
        try #require(grep.terminationStatus <= 1, "grep failed with status \(grep.terminationStatus)")
        return String(decoding: found, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
