import ArgumentParser

struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make hosts be as they are described. What `propel HOST…` does.")

    @OptionGroup var hosts: HostOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Flag(name: .shortAndLong, help: "Do not ask before the changed configuration is committed.")
    var yes = false

    @Flag(name: .long, help: "Leave git alone: neither commit, push nor record the deployment.")
    var noCommit = false

    func run() async throws {
        try await reportingMistakes {
            let checkout = try await Checkout.open()
            let configuration = ConfigurationState(of: checkout)
            let targets = try checkout.deployableTargets(hosts.hosts, only: hosts.only)
            let prompter = TerminalPrompter()
            // First of all, since something may be missing that builds them.
            let enforcers = try await checkout.enforcers(for: targets, prompter: prompter)
            var record: DeploymentRecord?
            if noCommit {
                try await DeploymentPolicy(of: checkout, for: targets).require(prompter: prompter)
            } else {
                record = try await DeploymentRecord.begin(
                    in: checkout, configuration: configuration, for: targets, isAssured: yes, prompter: prompter)
            }
            let enforcer = try await checkout.enforcer()
            try configuration.refuseIfChanged()
            let run = FleetRun(
                mode: .enforce, enforcers: enforcers, targets: targets, options: hosts, output: output, prompter: prompter,
                decryption: SecretDecryption(store: checkout.secretStore, passphrase: try passphrase.source(), prompter: prompter),
                // A part of a host need not need them all.
                newHosts: hosts.only.isEmpty && targets.contains { !$0.secrets.stored.isEmpty } ? try await record?.newHosts() ?? [] : [])
            let outcomes = try await run.perform()
            await record?.finish(outcomes, enforcer: enforcer.sha256)
            throw ExitStatus.summing(outcomes).code
        }
    }
}
