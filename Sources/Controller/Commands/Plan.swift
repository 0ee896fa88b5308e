import ArgumentParser

struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what `propel HOST…` would change, without changing anything.")

    @OptionGroup var hosts: HostOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reportingMistakes {
            let checkout = try await Checkout.open()
            let targets = try checkout.deployableTargets(hosts.hosts, only: hosts.only)
            let run = FleetRun(
                mode: .plan, checkout: checkout, targets: targets, options: hosts, output: output, prompter: TerminalPrompter(),
                // A plan decrypts nothing.
                passphrase: .agent, newHosts: [])
            throw ExitStatus.summing(try await run.perform()).code
        }
    }
}
