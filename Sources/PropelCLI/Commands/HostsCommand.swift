import ArgumentParser

struct HostsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hosts", abstract: "List the machines of hosts.conf.",
        discussion: """
            Examples:
              propel hosts
              propel hosts --json
            """)

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            format.format.print(HostListReport(machines: try await Checkout.open().hostsConf.hosts))
        }
    }
}
