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
              propel deploy web1 web2 --jobs 2
              propel deploy web1 --only "apt: git" --verbose
              propel deploy shop --tag v2
              propel deploy demo.sandbox --yes --json
            """)

    @OptionGroup var hosts: HostOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var git: GitOptions

    @Option(name: .long, help: "Give the host this tag in hosts.conf, commit that, and deploy it.")
    var tag: String?

    func run() async throws {
        try await reportingProblems {
            let deployment = Deployment(
                session: try await Session.open(output, passphrase), hosts: hosts.hosts, options: hosts.runOptions,
                isConfirmed: git.yes, usesGit: !git.noCommit)
            do {
                throw try await deployment.perform(tag: tag)
            } catch let error as HostsConf.UnknownHost {
                let word = UnknownWord(error, arguments: Array(CommandLine.arguments.dropFirst()))
                throw word.map { UsageError(description: $0.description) } ?? error
            }
        }
    }
}
