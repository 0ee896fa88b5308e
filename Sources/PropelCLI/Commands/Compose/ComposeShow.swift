import ArgumentParser
import Propel
import Properties

struct ComposeShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the compose file of a host's stack, as a deployment puts it in place. Touches no machine.",
        discussion: "Example: propel compose shop.example.com shop > docker-compose.yml")

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String

    @Argument(help: "The stack, where the host has several.")
    var stack: String?
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let target = try await checkout.withFiles(checkout.targets([host]))[0]
            guard let chosen = try target.stack(named: stack, mayBeAll: false) else { return }
            // The names of mounted files depend on their contents.
            let text = try await chosen.resolved(on: target.files.machine).composeText
            format.format.print(ComposeReport(host: target.name, stack: chosen.name, file: text))
        }
    }
}

extension Target {
    /// The stack with this name; without a name the only stack of the host.
    /// - Parameter mayBeAll: whether nil stands for all stacks if the host has several.
    /// - Throws: ``UsageError`` if there is no such stack, or several and no name.
    func stack(named name: String?, mayBeAll: Bool) throws -> Stack? {
        let stacks = host.stacks, names = stacks.map(\.name).joined(separator: ", ")
        if let name {
            if let stack = stacks.first(where: { $0.name == name }) { return stack }
            throw UsageError(description: "\(self.name) has no stack \(name); it has \(names.isEmpty ? "none" : names)")
        }
        guard let first = stacks.first else { throw UsageError(description: "\(self.name) has no stack") }
        guard stacks.count == 1 || mayBeAll else {
            throw UsageError(description: "name a stack of \(self.name): \(names)")
        }
        return stacks.count == 1 ? first : nil
    }
}
