import ArgumentParser
import Foundation
import Propel

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
            InitCommand.self,
            Deploy.self, Plan.self, Rollback.self, History.self, BackupCommand.self, RestoreCommand.self,
            CloneCommand.self, HostsCommand.self, Show.self, ComposeCommand.self, SecretCommand.self, KeyCommand.self,
            EnforcerCommand.self, SandboxCommand.self,
        ],
        defaultSubcommand: Deploy.self)
}

/// Runs the `propel` command that the arguments of the process name, and exits with its status. The main program of a
/// configuration calls it: `await PropelCLI.main(fleet: fleet)`.
/// - Parameter fleet: the roles that entries of hosts.conf may name.
public func main(fleet: Fleet) async -> Never {
    await Fleet.$current.withValue(fleet) {
        do {
            var command = try PropelCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
            exitAtOnce(with: ExitStatus.converged.rawValue)
        } catch {
            let status = PropelCommand.exitCode(for: error).rawValue
            let message = PropelCommand.fullMessage(for: error)
            if !message.isEmpty { (status == 0 ? Terminal.output : Terminal.error).print(message) }
            exitAtOnce(with: status)
        }
    }
}

extension Fleet {
    /// The roles that ``main(fleet:)`` was called with.
    @TaskLocal static var current = Fleet()
}

/// Exits without running the exit handlers of libraries: the thread of a connection that was given up may still use what
/// OpenSSL's handler frees.
private func exitAtOnce(with status: Int32) -> Never { _exit(status) }
