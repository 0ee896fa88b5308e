import ArgumentParser
import HostsConf
import Propel
import Properties

struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Bring hosts into the state that their roles describe. `propel HOST…` is short for it.",
        discussion: """
            Commits the changed configuration, after a question, and pushes it. Uploads propel-enforce if the host \
            does not \
            have this build of it. Checks every property, applies those that do not hold, and records the result in git.

            Examples:
              propel web1.example.com
              propel deploy --role web --canary web1 --serial 5
              propel deploy web1 web2 --together
              propel deploy --all --except 'db*'
              propel deploy web1 --only "apt: git" --verbose
              propel deploy shop --tag v2
              propel deploy shop --tag wiki=1.4
              propel deploy shop --pull
              propel deploy demo.sandbox --yes --json
              propel deploy web1 --remove /etc/motd
            """)

    @OptionGroup var hosts: HostOptions
    @OptionGroup var rollout: RolloutOptions
    @OptionGroup var link: WaitOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var git: GitOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Give the host, or one stack of it, this tag in hosts.conf, commit that, and deploy it.",
            valueName: "tag|stack=tag"))
    var tag: TagSetting?

    @Flag(
        name: .long,
        help: "First pull newer images of the same names, such as `latest`. They go back as any version does.")
    var pull = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Remove this, which `propel forgotten HOST` lists, and do nothing else. May be given several times.",
            valueName: "name"))
    var remove: [String] = []

    func run() async throws {
        try await reportingProblems {
            let session = try await Session.open(
                output: output, passphrase: passphrase, link: link, connectingTo: hosts.hosts)
            do {
                if !remove.isEmpty { throw try await removeForgotten(session) }
                let names = try hosts.names(in: session.checkout)
                try rollout.rollout.validate(for: names, jobs: hosts.jobs)
                var options = hosts.runOptions
                options.rollout = rollout.rollout
                if pull { try await pullImages(of: names, session) }
                let deployment = Deployment(
                    session: session, hosts: names, options: options, isConfirmed: git.yes, usesGit: !git.noCommit)
                throw try await deployment.perform(tag: tag)
            } catch let error as HostsConf.UnknownHost {
                let word = UnknownWord(error, arguments: Array(CommandLine.arguments.dropFirst()))
                throw word.map { UsageError(description: $0.description) } ?? error
            }
        }
    }

    /// Pulls newer images for the stacks of hosts. Nothing that runs changes.
    private func pullImages(of names: [String], _ session: Session) async throws {
        guard hosts.only.isEmpty else { throw UsageError(description: "--pull is for the whole host, not for --only") }
        let targets = try await session.checkout.deployableTargets(names, tag: tag)
        for run in try OperationRun.withStacks(targets, session) {
            let status = try await run.perform(.pullImages(request: Timestamp.now.compact))
            guard status == .converged else { throw status }
        }
    }

    private func removeForgotten(_ session: Session) async throws -> ExitStatus {
        let names = try hosts.names(in: session.checkout)
        guard names.count == 1, tag == nil, hosts.only.isEmpty else {
            throw UsageError(description: "--remove is for one host at a time, without --tag and --only")
        }
        let target = try await session.checkout.deployableTarget(names[0])
        return try await OperationRun(session: session, target: target)
            .removeForgotten(remove, isConfirmed: git.yes)
    }
}
