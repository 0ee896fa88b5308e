import ArgumentParser
import Propel
import Properties
import SecretStore

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Restore the data of a host's stack from a backup.",
        discussion: """
            The data that are there are backed up before. What will be lost is shown before it asks.

            Examples:
              propel backup list shop.example.com
              propel restore shop.example.com 20260131T120000Z --replace
            """)

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @Argument(help: "The backup, as `propel backup list` shows it.")
    var id: String
    @Option(name: .customLong("stack"), help: "The stack, if the host has several.")
    var stack: String?
    @Flag(
        name: .long, help: "Replace the data that are there. Without it only empty volumes are restored."
    )
    var replace = false
    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            let run = try await OperationRun.of(
                host, stack: stack, in: Session.open(output: output, passphrase: passphrase, link: link))
            try await run.restore(id, isReplacing: replace, isConfirmed: yes, stack: stack)
        }
    }
}

/// A restore that has been planned and confirmed.
struct ConfirmedRestore {
    let operation: StackOperation
    /// The name of the stack.
    let stack: String?
}

extension OperationRun {
    /// - Throws: ``UsageError`` if the host has no such stack.
    static func of(_ host: String, stack: String?, in session: Session) async throws -> OperationRun {
        let target = try await session.checkout.deployableTarget(host)
        _ = try target.stack(named: stack, mayBeAll: true)
        return OperationRun(session: session, target: target)
    }

    /// Restores a backup, after a confirmation of what will be lost.
    func restore(_ id: String, isReplacing: Bool, isConfirmed: Bool, stack: String?) async throws {
        try await perform(
            try await confirmRestore(of: id, isReplacing: isReplacing, isConfirmed: isConfirmed, stack: stack))
    }

    /// Plans a restore, and asks for a confirmation of what will be lost.
    /// - Parameter isConfirmed: whether it was confirmed on the command line.
    /// - Throws: ``UsageError`` if it is not confirmed.
    func confirmRestore(
        of id: String, isReplacing: Bool, isConfirmed: Bool, stack: String?
    ) async throws -> ConfirmedRestore {
        let restore = ConfirmedRestore(
            operation: .restore(backup: id, isReplacing: isReplacing, request: Timestamp.now.iso8601),
            stack: try target.stack(named: stack, mayBeAll: false)?.name)
        try await plan(restore.operation, onStack: restore.stack)
        if !isConfirmed {
            try await session.prompter.requireYes(
                to: "Restore it?", unasked: "no terminal to ask at: pass --yes to restore without a question",
                refused: "not restored")
        }
        return restore
    }

    /// Performs a restore.
    /// - Throws: the exit status if it fails.
    func perform(_ restore: ConfirmedRestore) async throws {
        let status = try await perform(restore.operation, onStack: restore.stack)
        guard status == .converged else { throw status }
    }
}
