import ArgumentParser
import Propel
import Properties

struct BackupNow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "now", abstract: "Back up the data of a host's stacks.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            let run = try await stack.run(Session.open(output: output, passphrase: passphrase, link: link))
            throw try await run.perform(.backUp(id: Timestamp.now.compact), onStack: stack.stack)
        }
    }
}
