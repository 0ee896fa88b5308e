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
