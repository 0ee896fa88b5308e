import ArgumentParser

struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what was deployed to a host: when, with which tag and result, and the commit.",
        discussion: """
            Reads the notes in git and touches no machine. Deployments of sandboxes are not noted.

            Examples:
              propel history shop
              propel history shop --limit 3
            """)

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String

    @Option(name: .long, help: "The number of the newest deployments to show.")
    var limit = 20

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes a number above 0") }
    }

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let machine = try checkout.hostsConf.host(named: host), name = machine.entry.name
            let entries = try await DeploymentHistory(of: name, in: checkout, limit: limit).entries
            format.format.print(
                HistoryReport(host: name, isSandbox: machine.sandbox != nil, entries: entries))
        }
    }
}
