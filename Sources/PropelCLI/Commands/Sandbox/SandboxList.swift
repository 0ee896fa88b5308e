import ArgumentParser
import Sandbox

struct SandboxList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the sandboxes.")

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let rows = try Sandbox.list().map { entry in
                entry.sandbox.map { SandboxListReport.Row($0, state: entry.state) }
                    ?? SandboxListReport.Row(name: entry.name, state: entry.state.rawValue)
            }
            format.format.print(SandboxListReport(rows: rows))
        }
    }
}
