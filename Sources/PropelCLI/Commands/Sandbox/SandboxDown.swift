import ArgumentParser
import Sandbox

struct SandboxDown: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Remove sandboxes, with everything in them.")

    @Argument(help: "The names of the sandboxes.")
    var names: [String]
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            for name in names {
                try await Sandbox.down(name.sandboxName)
                format.format.print(SandboxDownReport(names: [name.sandboxName]))
            }
        }
    }
}
