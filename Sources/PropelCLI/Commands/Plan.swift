import ArgumentParser
import Propel
import Properties

struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what `propel HOST…` would change, without changing anything.",
        discussion: """
            Exit status 2 if something would change, 0 if not.

            Examples:
              propel plan web1.example.com
              propel plan web1 web2 --only "file /etc/motd"
              propel plan --all
              propel plan web1 web2 --together
              propel plan shop --tag v2
              propel plan shop --pull
            """)

    @OptionGroup var hosts: HostOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var link: WaitOptions

    @Option(
        name: .long,
        help: ArgumentHelp("Plan as if the host, or the stack, had this tag in hosts.conf.", valueName: "tag|stack=tag")
    )
    var tag: TagSetting?

    @Flag(name: .long, help: "Also ask the registries for newer images of the same names.")
    var pull = false

    @Flag(name: .long, help: "Also name what could not be put back if another host failed: see `propel deploy`.")
    var together = false

    func run() async throws {
        try await reportingProblems {
            let session = try await Session.open(output: output, link: link, connectingTo: hosts.hosts)
            var options = hosts.runOptions
            options.rollout.isTogether = together
            let targets = try await session.checkout.deployableTargets(
                try hosts.names(in: session.checkout), only: hosts.only, tag: tag)
            // A plan changes nothing, but runs code of the commit as root.
            try await DeploymentPolicy(of: session.checkout, for: targets)
                .requireSignature(prompter: session.prompter)
            for target in targets where !target.secrets.ungenerated.isEmpty {
                OutputFormat(isJSON: output.json).print(
                    SecretPlanReport(host: target.name, secrets: target.secrets.ungenerated))
            }
            var hasNewerImages = false
            if pull {
                for run in try OperationRun.withStacks(targets, session) {
                    if try await run.plan(.pullImages(request: Timestamp.now.compact)) { hasNewerImages = true }
                }
            }
            let run = FleetRun(
                session: session, mode: .plan, targets: targets, enforcers: try await session.enforcers(for: targets),
                options: options)
            let status = ExitStatus.summing(try await run.perform())
            throw hasNewerImages && status == .converged ? .changesFound : status
        }
    }
}
