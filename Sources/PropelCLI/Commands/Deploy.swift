import ArgumentParser

struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make hosts be as they are described. What `propel HOST…` does.")

    @OptionGroup var hosts: HostOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var git: GitOptions

    @Option(name: .long, help: "Give the hosts this tag in hosts.conf, commit that, and deploy it.")
    var tag: String?

    func run() async throws {
        try await reportingProblems {
            let rollout = Rollout(
                checkout: try await Checkout.open(), hosts: hosts, output: output, passphrase: try passphrase.source(),
                git: git)
            throw try await rollout.perform(tag: tag).code
        }
    }
}

/// What a deployment may do to git.
struct GitOptions: ParsableArguments {
    @Flag(
        name: .shortAndLong,
        help: "Do not ask before the changed configuration is committed, nor before data are restored.")
    var yes = false

    @Flag(name: .long, help: "Leave git alone: neither commit, push nor record the deployment.")
    var noCommit = false
}
