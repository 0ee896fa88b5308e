import ArgumentParser
import Propel
import Properties

struct CloneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone", abstract: "Give a host the data anew that another one has.",
        discussion: """
            Which one, `from` says in hosts.conf. What is to be made anonymous is that before it leaves that host; on the way nothing is \
            kept. What the host has is backed up before it is replaced. Its first data a host gets when it is deployed.
            """)

    @Argument(help: "The host that gets them, by its name in hosts.conf.")
    var host: String
    @Option(name: .customLong("stack"), help: "The stack, where the host has several; all by default.")
    var stack: String?
    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions

    func run() async throws {
        try await reportingMistakes {
            let run = try await OperationRun.of(host, stack: stack, output, passphrase)
            let clone = HostClone(checkout: run.checkout, target: run.target, output: output, passphrase: passphrase)
            let stacks = HostClone.stacks(of: run.target, named: stack)
            guard !stacks.isEmpty else {
                throw UsageError(description: "nothing says whose data \(host) is to have\nIts entry in hosts.conf does with from = \"…\", and its role with Stack(…, dataFrom: host.from).")
            }
            try await run.requirePolicy()
            guard let states = try await clone.states() else { throw ExitStatus.summing([try await run.answers(to: HostOperation("whose data")).0]).code }
            for (stack, origin) in stacks {
                switch states[stack.name] {
                case .cloned, .other: continue
                case nil, CloneState.none?, .arrived:
                    throw UsageError(description: "\(stack.name) of \(host) has no data yet, and gets those of \(origin) when it is deployed\nRun `propel \(host)`.")
                }
            }
            if !yes {
                let prompter = run.prompter
                guard prompter.isInteractive else { throw UsageError(description: "nobody is there to agree to it\nUse --yes to replace the data without a question.") }
                let what = stacks.map { "\($0.stack.name) by those of \($0.origin)" }.joined(separator: ", ")
                guard try await prompter.confirm("This replaces the data of \(what). A backup of what \(host) has is made before. Go on?") else { throw UsageError(description: "not replaced") }
            }
            for (stack, origin) in stacks {
                let id: String
                do {
                    id = try await clone.bring(stack, from: origin)
                } catch let error as HostClone.NotPrepared {
                    throw error.status.code
                }
                try await run.restore(id, isReplacing: true, isAssured: true, stack: stack.name)
            }
        }
    }
}
