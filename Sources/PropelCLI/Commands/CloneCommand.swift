import ArgumentParser
import Propel
import Properties

struct CloneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone", abstract: "Replace the data of a host's stacks by a fresh copy of another host's.",
        discussion: """
            `from` in hosts.conf names the other host. Data are made anonymous before they leave it, and nothing is \
            kept on \
            the way. The present data are backed up before they are replaced. A deployment copies the first data by \
            itself.

            Examples:
              propel clone staging.example.com
              propel clone staging.example.com --stack shop --yes
            """)

    @OptionGroup var chosen: StackOptions
    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions

    func run() async throws {
        try await reportingProblems {
            let run = try await chosen.run(Session.open(output, passphrase)), clone = HostClone(run: run),
                host = chosen.host
            let stacks = HostClone.stacks(of: run.target, named: chosen.stack)
            guard !stacks.isEmpty else {
                throw UsageError(
                    description:
                        "nothing says whose data \(host) is to have\nIts entry in hosts.conf does with from = "
                        + "\"…\", and its role with Stack(…, dataFrom: host.from)."
                )
            }
            try await run.requirePolicy()
            let states = HostClone.states(try await run.ask(.dataOrigin))
            for (stack, origin) in stacks where states[stack.name] == nil || states[stack.name] == CloneState.none {
                throw UsageError(
                    description:
                        "\(stack.name) of \(host) has no data yet, and gets those of \(origin) when it is "
                        + "deployed\nRun `propel \(host)`."
                )
            }
            if !yes {
                let prompter = run.session.prompter
                guard prompter.isInteractive else {
                    throw UsageError(
                        description: "nobody is there to agree to it\nUse --yes to replace the data without a question."
                    )
                }
                let what = stacks.map { "\($0.stack.name) by those of \($0.origin)" }.joined(separator: ", ")
                guard
                    try await prompter.confirm(
                        "This replaces the data of \(what). A backup of what \(host) has is made before. Go on?")
                else { throw UsageError(description: "not replaced") }
            }
            for (stack, origin) in stacks {
                let id: String
                do {
                    id = try await clone.bring(stack, from: origin)
                } catch {
                    let outcome = Outcome(of: host, withoutDataFrom: origin, because: error, seconds: 0)
                    Terminal.error.print(ReportText(isVerbose: false, hosts: [host]).failure(outcome))
                    throw ExitStatus.summing([outcome])
                }
                if states[stack.name] == .arrived {
                    Terminal.error.print("They are put in place when \(host) is deployed: `propel \(host)`.")
                } else {
                    try await run.restore(id, isReplacing: true, isConfirmed: true, stack: stack.name)
                }
            }
        }
    }
}
