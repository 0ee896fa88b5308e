import ArgumentParser
import Propel
import Properties

struct BackupFetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch backups of a host's stacks from where they are copied to.",
        discussion: """
            The newest ones that the host does not have, such as those of the machine that it stands in for. `propel \
            restore` restores one.
            """)

    @OptionGroup var stack: StackOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            let run = try await stack.run(Session.open(output: output, passphrase: passphrase, link: link))
            throw try await run.perform(
                .fetchBackups(request: Timestamp.now.compact), onStack: stack.stack
            )
        }
    }
}
