import Foundation
import Testing

@Suite struct LayoutTests {
    @Test func `a file has at most 300 lines`() {
        for file in Repository.swift { #expect(file.lines.count <= 301, "\(file.path)") }
    }

    @Test func `a line has at most 120 columns`() {
        // The expected errors of a fixture for the compiler stand on the line that they are about.
        for file in Repository.swift where !file.path.contains("/CompileErrors/") {
            for (number, line) in file.lines.enumerated() where line.utf8.count > 120 && line.count > 120 {
                // The output of a program, or a message in a test, may be one string without a place to break.
                let isLiteral = file.path.hasPrefix("Tests/") && line.contains("\"")
                if !isLiteral { Issue.record("\(file.path):\(number + 1): \(line.count) columns") }
            }
        }
    }

    /// Wall time depends on what else the computer does.
    @Test func `no test of a unit has a time limit`() {
        for file in Repository.swift where file.path.hasPrefix("Tests/") && !file.path.hasPrefix("Tests/SystemTests/") {
            for (number, line) in file.lines.enumerated() where line.contains("." + "timeLimit(") {
                Issue.record("\(file.path):\(number + 1): \(line)")
            }
        }
    }

    /// A process of Foundation inherits the signals that its thread blocks, SIGTERM too: it would outlive the tests,
    /// and with it the pipe of their output. SIGKILL ends it.
    @Test func `no process is ended by a signal that it may block`() {
        for file in Repository.swift {
            for (number, line) in file.lines.enumerated() where line.contains(".term" + "inate()") {
                Issue.record("\(file.path):\(number + 1): use SIGKILL: \(line)")
            }
        }
    }

    /// A deadline passes while the process is stopped or waits for a processor, and its event does not happen then.
    @Test func `no wait has a deadline by the clock`() {
        for file in Repository.swift where !file.path.hasPrefix("Tests/SystemTests/") {
            for (number, line) in file.lines.enumerated() where line.contains("lock." + "now + ") {
                Issue.record("\(file.path):\(number + 1): use TimeLimit, or count looks: \(line)")
            }
        }
    }

    /// CR LF is one Character in Swift: split by Characters, a file with such line endings is one line.
    @Test func `text of files and programs is split into lines by bytes`() {
        for file in Repository.swift where file.path.hasPrefix("Sources/") && !file.path.hasPrefix("Sources/PlainText/")
        {
            for (number, line) in file.lines.enumerated()
            where line.contains(#"separator: "\n""#) && line.contains("split(")
                || line.contains(#"\.isNewline)"#) && line.contains("split(")
            {
                Issue.record("\(file.path):\(number + 1): use the line splitting of PlainText: \(line)")
            }
        }
    }
}
