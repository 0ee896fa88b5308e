import ArgumentParser

struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List the last twenty runs on a host: when, who began each, how it ended.",
        discussion: """
            The machine keeps them, also those that other people or other computers began. `propel history` lists \
            what git knows of.

            Examples:
              propel runs web1.example.com
              propel runs web1.example.com --json
            """)

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            let runs = try await HostRuns(of: host, Session.open(link: link))
            format.format.print(RunsReport(host: runs.host, runs: try await runs.list()))
        }
    }
}
