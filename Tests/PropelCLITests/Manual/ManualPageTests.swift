import Foundation
import Propel
import Testing

@testable import PropelCLI

@Suite struct ManualPageTests {
    private func page() throws -> String { ManualPage(try JSON(parsing: PropelCommand._dumpHelp())).text }

    @Test func `every command and option is in the manual page`() throws {
        let lines = Set(try page().replacing("\\-", with: "-").split(separator: "\n").map(String.init))
        let leaves = try CommandDump.leaves
        #expect(leaves.count > 20)
        for command in leaves {
            #expect(lines.contains(".Ss \(command.path.joined(separator: " "))"))
            for argument in command.arguments where !argument.isHelp {
                for name in argument.names {
                    #expect(
                        lines.contains { $0.hasPrefix(".It Fl") && $0.contains("Fl \(name.dropFirst())") }, "\(name)")
                }
            }
        }
    }

    @Test func `roff finds nothing to warn of`() throws {
        let formatters = [
            "/usr/bin/mandoc": ["-T", "lint", "-W", "warning"], "/usr/bin/groff": ["-mdoc", "-ww", "-z", "-Kutf8"],
        ]
        for (path, arguments) in formatters where FileManager.default.isExecutableFile(atPath: path) {
            let file = FileManager.default.temporaryDirectory.appending(path: "propel-\(UUID().uuidString).1")
            try page().write(to: file, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(at: file) }
            let process = Process(), output = Pipe()
            process.executableURL = URL(filePath: path)
            process.arguments = arguments + [file.path]
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0 && words.isEmpty, "\(path): \(words)")
        }
    }

    @Test func `text cannot become a request`() {
        let dump: JSON = [
            "command": [
                "abstract": "Does things.", "discussion": ".Sh NOT A SECTION\n\n  'example \\n",
                "subcommands": [["commandName": "a", "abstract": ".Xr b"]],
            ]
        ]
        let text = ManualPage(dump).text
        #expect(text.contains("\n\\&.Sh NOT A SECTION\n.Bd -literal -offset indent\n\\&'example \\en\n.Ed\n"))
        #expect(text.contains("\n.Ss a\n\\&.Xr b\n"))
        // A combining mark hides no character.
        let odd = ManualPage(["command": ["abstract": "x", "discussion": ".\u{301}Sh \\\u{301}"]]).text
        #expect(odd.utf8.firstRange(of: "\n\\&.\u{301}Sh \\e\u{301}\n".utf8) != nil)
    }
}
