import ArgumentParser
import Propel
import Properties

struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a host the tag that it had before, commit that, and deploy it.",
        discussion: "The tag before is the last other one with which the host was as described, as `propel history` shows it.")

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String

    @Option(name: .long, help: "The tag; the one before by default.")
    var to: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var git: GitOptions

    func run() async throws {
        try await reportingMistakes {
            let checkout = try await Checkout.open()
            let present = try checkout.targets([host])[0]
            let tag = try await formerTag(of: present, in: checkout)
            try requireSameFormat(present, tag, in: checkout)
            Terminal.error.print("\(present.name) goes back\(present.machine.entry.tag.map { " from \($0)" } ?? "") to \(tag).".printable)
            let rollout = Rollout(checkout: checkout, hosts: try HostOptions.parse([host]), output: output, passphrase: passphrase, git: git)
            throw try await rollout.perform(tag: tag).code
        }
    }

    private func formerTag(of target: Target, in checkout: Checkout) async throws -> String {
        if let to { return to }
        let present = target.machine.entry.tag
        if let tag = try await DeploymentHistory(of: target.name, in: checkout).tag(before: present) { return tag }
        throw UsageError(description: "git knows of no other tag with which \(target.name) was as described\nName one: propel rollback \(target.name) --to TAG")
    }

    /// Across a change of the format of a stack's data there is no way back without the data of then. The machine refuses that too;
    /// this is before anything is committed.
    private func requireSameFormat(_ present: Target, _ tag: String, in checkout: Checkout) throws {
        var machine = present.machine
        machine.entry.tag = tag
        for former in try checkout.target(machine).host.stacks {
            guard let stack = present.host.stacks.first(where: { $0.name == former.name }), stack.dataFormat > former.dataFormat else { continue }
            throw UsageError(
                description: "the data of \(stack.name) have the format \(stack.dataFormat), and its version \(tag) knows format \(former.dataFormat)")
        }
    }
}
