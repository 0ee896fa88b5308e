import ArgumentParser
import Propel
import Properties

struct BackupTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Test that the newest backup can be restored.",
        discussion:
            "It is restored into volumes and containers that are thrown away; the stack itself is not touched.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            let run = try await stack.run(Session.open(output: output, passphrase: passphrase, link: link))
            throw try await run.perform(
                .testNewestBackup(request: Timestamp.now.compact), onStack: stack.stack
            )
        }
    }
}
