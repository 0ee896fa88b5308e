import ArgumentParser

struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show what was deployed to a host: when, with which tag, how it ended, and the commit. Touches no machine.")

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String

    @Option(name: .long, help: "How many of the newest.")
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
