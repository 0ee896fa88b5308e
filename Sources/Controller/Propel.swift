import ArgumentParser
import Foundation

@main
struct PropelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propel",
        abstract: "Brings machines into the state that this repository describes.",
        discussion: """
            `propel HOST…` is short for `propel deploy HOST…`. Hosts and their roles are in hosts.conf, roles are in Sources/Hosts.

            Exit status: 0 all hosts are as described · 1 something failed · 2 a plan found changes · 3 a host could not be \
            reached · 4 another run is going on · 5 the version before was put back · 64 the command or the configuration is wrong · 130 interrupted
            """,
        subcommands: [
            Deploy.self, Plan.self, Rollback.self, History.self, BackupCommand.self, RestoreCommand.self,
            CloneCommand.self, ListHosts.self, Show.self, ComposeCommand.self, SecretCommand.self, KeyCommand.self,
            EnforcerCommand.self, SandboxCommand.self,
        ],
        defaultSubcommand: Deploy.self)

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
            leave(with: ExitStatus.converged.rawValue)
        } catch {
            let status = exitCode(for: error).rawValue
            let message = fullMessage(for: error)
            if !message.isEmpty { (status == 0 ? Terminal.output : Terminal.error).print(message) }
            leave(with: status)
        }
    }

    /// Ends the program without the libraries' own ends: a connection that was given up may still be at work on its thread,
    /// and would use what OpenSSL has put away by then.
    private static func leave(with status: Int32) -> Never { _exit(status) }
}
