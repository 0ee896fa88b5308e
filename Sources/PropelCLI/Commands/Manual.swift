import ArgumentParser
import Propel

struct Manual: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print the manual page, in mdoc.",
        discussion: """
            Examples:
              propel manual | man -l -
              propel manual > ~/.local/share/man/man1/propel.1
            """)

    func run() async throws {
        try await reportingProblems {
            let page = ManualPage(try JSON(parsing: PropelCommand._dumpHelp()))
            Terminal.output.write(page.text)
        }
    }
}
