import ArgumentParser
import Vocabulary

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Throwaway Debian machines in containers on this computer.",
        discussion: """
            They need root. An entry of hosts.conf with sandbox = true makes its own.

            Examples:
              propel sandbox up try --suite trixie
              propel sandbox shell try
              propel sandbox down try
            """,
        subcommands: [SandboxUp.self, SandboxDown.self, SandboxList.self, SandboxShell.self])
}

extension DebianRelease: ExpressibleByArgument {}

extension String {
    /// The name of the sandbox of a host with this name: names in hosts.conf may have dots, a machine's host name has
    /// none.
    var sandboxName: String { replacing(".", with: "-") }
}
