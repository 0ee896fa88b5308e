import ArgumentParser

struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what `propel HOST…` would change, without changing anything.")

    @OptionGroup var hosts: HostOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let targets = try checkout.deployableTargets(hosts.hosts, only: hosts.only)
            let prompter = TerminalPrompter()
            // A plan runs what the commit says, as root, though it changes nothing.
            try await DeploymentPolicy(of: checkout, for: targets).requireSignature(prompter: prompter)
            let run = FleetRun(
                mode: .plan, enforcers: try await checkout.enforcers(for: targets, prompter: prompter),
                targets: targets, options: hosts,
                output: output, prompter: prompter,
                // A plan asks for none.
                decryption: SecretDecryption(store: checkout.secretStore, passphrase: .agent, prompter: prompter),
                newHosts: [])
            throw ExitStatus.summing(try await run.perform()).code
        }
    }
}
