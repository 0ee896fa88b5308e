import ArgumentParser
import Propel

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show a run on a host as it was shown then; the newest by default.",
        discussion: """
            Exit status 0 however the run ended. Of a run that is still going on it shows the part until now.

            Examples:
              propel log web1.example.com
              propel log web1.example.com 20250131T120000Z-1a2b3c4d --verbose
            """)

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @Argument(help: ArgumentHelp("The run, as `propel runs` names it.", valueName: "run"))
    var id: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var link: WaitOptions

    func validate() throws {
        if let id, !RunRecord.isID(id) {
            throw ValidationError("“\(id.oneLine)” is not a run; `propel runs \(host.oneLine)` lists them")
        }
    }

    func run() async throws {
        try await reportingProblems {
            try await HostRuns(of: host, Session.open(output: output, link: link)).show(id)
        }
    }
}
