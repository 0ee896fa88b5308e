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
        try await reportingProblems {
            let target = try await Checkout.open().targets([host])[0]
            guard let chosen = try target.stack(named: stack, mayBeAll: false) else { return }
            Terminal.output.write(chosen.composeText)
        }
    }
}

extension Target {
    /// The stack of this name, or the only one.
    /// - Parameter mayBeAll: whether nil is an answer where there are several and none is named.
    /// - Throws: ``UsageError`` where there is none, or it is not clear which.
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
