import Foundation
import Testing

@Suite struct WordsTests {
    @Test(arguments: Words.rules.indices) func `a word that is out is in no source, message or page`(
        _ index: Int
    ) throws {
        let rule = Words.rules[index]
        let regex = try Regex(rule.pattern).ignoresCase()
        // The list itself has them all.
        for file in Repository.swift + Repository.pages where !file.path.hasPrefix("Tests/StyleTests/") {
            for (number, line) in file.lines.enumerated() where line.contains(regex) {
                Issue.record(
                    "\(file.path):\(number + 1): write \(rule.instead): \(line.trimmingCharacters(in: .whitespaces))")
            }
        }
    }

    @Test func `a doc comment begins with a noun phrase, a verb or Whether`() {
        for file in Repository.swift where file.path.hasPrefix("Sources/") {
            var isInside = false
            for (number, line) in file.lines.enumerated() {
                let text = line.trimmingCharacters(in: .whitespaces)
                let isComment = text.hasPrefix("/// ")
                if isComment, !isInside,
                    let opening = Words.docCommentOpenings.first(where: { text.dropFirst(4).hasPrefix($0) })
                {
                    Issue.record("\(file.path):\(number + 1): a doc comment begins with “\(opening)”: \(text)")
                }
                isInside = isComment
            }
        }
    }
}
