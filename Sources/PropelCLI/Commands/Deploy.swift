import ArgumentParser
import HostsConf

struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring hosts into the state that their roles describe. `propel HOST…` is short for it.",
        discussion: """
            Commits the changed configuration, after a question, and pushes it. Uploads propel-enforce if the host \
            does not \
            have this build of it. Checks every property, applies those that do not hold, and records the result in git.

            Examples:
              propel web1.example.com
              propel deploy --role web --canary web1 --serial 5
              propel deploy --all --except 'db*'
              propel deploy web1 --only "apt: git" --verbose
              propel deploy shop --tag v2
              propel deploy demo.sandbox --yes --json
            """)

    @OptionGroup var hosts: HostOptions
    @OptionGroup var rollout: RolloutOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var git: GitOptions

    @Option(name: .long, help: "Give the host this tag in hosts.conf, commit that, and deploy it.")
    var tag: String?

    func run() async throws {
        try await reportingProblems {
            let session = try await Session.open(output, passphrase)
            do {
                let names = try hosts.names(in: session.checkout)
                try rollout.rollout.validate(for: names)
                var options = hosts.runOptions
                options.rollout = rollout.rollout
                let deployment = Deployment(
                    session: session, hosts: names, options: options, isConfirmed: git.yes, usesGit: !git.noCommit)
                throw try await deployment.perform(tag: tag)
            } catch let error as HostsConf.UnknownHost {
                let word = UnknownWord(error, arguments: Array(CommandLine.arguments.dropFirst()))
                throw word.map { UsageError(description: $0.description) } ?? error
            }
        }
    }
}
