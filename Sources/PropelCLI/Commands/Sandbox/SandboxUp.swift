import ArgumentParser
import Sandbox
import Vocabulary

struct SandboxUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Create a sandbox and boot it, or boot one that is stopped.")

    @Argument(help: "The name of the sandbox.")
    var name: String
    @Option(help: "The Debian release: bookworm or trixie.")
    var suite: DebianRelease?
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let sandbox = try await Sandbox.up(name.sandboxName, suite: suite) { Terminal.error.print($0) }
            format.format.print(
                SandboxUpReport(
                    sandbox: SandboxListReport.Row(sandbox, state: .running), user: sandbox.user, givenName: name))
        }
    }
}
