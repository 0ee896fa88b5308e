import ArgumentParser
import Propel
import Properties

struct ComposeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "Print the compose file of a host's stack, as a deployment puts it in place. Touches no machine.")

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String

    @Argument(help: "The stack, where the host has several.")
    var stack: String?

    func run() async throws {
        try await reportingMistakes {
            let target = try await Checkout.open().targets([host])[0]
            let stacks = target.host.stacks, names = stacks.map(\.name)
            let choices = names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))"
            if let stack, !names.contains(stack) { throw UsageError(description: "\(target.name) has no stack \(stack); \(choices)") }
            let chosen = stacks.filter { stack == nil || $0.name == stack }
            guard chosen.count == 1 else { throw UsageError(description: "name one stack of \(target.name): \(choices)") }
            Terminal.output.write(chosen[0].composeText)
        }
    }
}
