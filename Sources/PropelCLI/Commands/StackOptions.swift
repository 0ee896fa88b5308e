import ArgumentParser

/// The host, and the stack of it.
struct StackOptions: ParsableArguments {
    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @Option(name: .customLong("stack"), help: "Only this stack.")
    var stack: String?

    func run(_ session: Session) async throws -> OperationRun {
        try await OperationRun.of(host, stack: stack, in: session)
    }
}

extension OperationRun {
    /// The runs of an operation on those hosts that have stacks.
    /// - Throws: ``UsageError`` if none has one.
    static func withStacks(_ targets: [Target], _ session: Session) throws -> [OperationRun] {
        let runs = targets.filter { !$0.host.stacks.isEmpty }.map { OperationRun(session: session, target: $0) }
        guard !runs.isEmpty else {
            throw UsageError(description: "--pull: \(targets.map(\.name).joined(separator: ", ")) has no stack")
        }
        return runs
    }
}
