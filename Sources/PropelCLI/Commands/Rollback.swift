import ArgumentParser
import Propel
import Properties

struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a host the tag that it had before, commit that, and deploy it.",
        discussion: """
            The tag before is the last other one with which the host was as described, as `propel history` shows it. Across a change of the \
            format of a stack's data there is no way back, unless the data go back too (--restore).
            """)

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String

    @Option(name: .long, help: "The tag; the one before by default.")
    var to: String?

    @Flag(
        name: .long,
        help:
            "Restore the newest backup of the format that the data had then. What was written since is lost; it is told before it asks."
    )
    var restore = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var git: GitOptions

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let present = try checkout.targets([host])[0]
            let tag = try await formerTag(of: present, in: checkout)
            var machine = present.machine
            machine.entry.tag = tag
            var former = try checkout.target(machine)
            former.secrets = try HostSecrets(of: former, in: checkout.secretStore)
            let changed = former.host.stacks.filter { stack in
                present.host.stacks.contains { $0.name == stack.name && $0.dataFormat > stack.dataFormat }
            }
            if !restore, let stack = changed.first {
                throw UsageError(
                    description:
                        "the data of \(stack.name) have another format since: its version \(tag) knows format \(stack.dataFormat) only\n"
                        + "--restore goes back together with the backup that was made before; what was written since is lost then."
                )
            }
            Terminal.error.print(
                "\(present.name) goes back\(present.machine.entry.tag.map { " from \($0)" } ?? "") to \(tag).".printable
            )
            let passphrase = try passphrase.source()
            let run = OperationRun(checkout: checkout, target: former, output: output, passphrase: passphrase)
            // All that may stand in the way, before any data are replaced.
            try await DeploymentPolicy(of: checkout, for: [former]).require(prompter: run.prompter)
            var backups: [(stack: Stack, id: String)] = []
            for stack in restore ? try await newerOnes(than: former.host.stacks, run) : [] {
                backups.append((stack, try await backup(for: stack, run)))
            }
            var restorations: [HostOperation] = []
            for (stack, id) in backups {
                restorations.append(
                    try await run.restoration(of: id, isReplacing: true, isAssured: git.yes, stack: stack.name))
            }
            let rollout = Rollout(
                checkout: checkout, hosts: try HostOptions.parse([host]), output: output, passphrase: passphrase,
                git: git)
            // Once the commit is made and nothing can be refused any more.
            throw try await rollout.perform(
                tag: tag, restoring: restorations.map { operation in { try await run.restore(operation) } }
            ).code
        }
    }

    private func formerTag(of target: Target, in checkout: Checkout) async throws -> String {
        if let to { return to }
        let present = target.machine.entry.tag
        if let tag = try await DeploymentHistory(of: target.name, in: checkout).tag(before: present) { return tag }
        throw UsageError(
            description:
                "git knows of no other tag with which \(target.name) was as described\nName one: propel rollback \(target.name) --to TAG"
        )
    }

    /// Those whose data have a newer format on the machine than they know. hosts.conf does not tell: it may name a version that the machine
    /// has refused.
    /// - Throws: ``UsageError`` where there are none.
    private func newerOnes(than stacks: [Stack], _ run: OperationRun) async throws -> [Stack] {
        let answers = try await run.ask(HostOperation("format of the data"))
        let newer = stacks.filter { stack in
            answers.contains {
                $0["stack"]?.string == stack.name && ($0["dataFormat"]?.integer ?? 0) > stack.dataFormat
            }
        }
        guard newer.isEmpty else { return newer }
        throw UsageError(
            description:
                "\(run.target.name) has no data of a newer format than the version \(run.target.machine.entry.tag ?? "before") knows: there is nothing to restore\nGo back without --restore."
        )
    }

    /// The newest backup of data that a version of a stack can use.
    private func backup(for stack: Stack, _ run: OperationRun) async throws -> String {
        let backups = try await run.ask(HostOperation("list backups", arguments: ["stack": stack.name])).flatMap {
            $0.array ?? []
        }
        if let id = backups.first(where: { $0["dataFormat"]?.integer == stack.dataFormat && $0["origin"] == nil })?[
            "id"]?.string
        {
            return id
        }
        throw UsageError(
            description:
                "\(run.target.name) has no backup of \(stack.name) with data of the format \(stack.dataFormat)\n`propel backup list \(run.target.name)` lists those that it has."
        )
    }
}
