import ArgumentParser
import Foundation
import Propel

struct PropelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propel",
        abstract: "Brings machines into the state that this repository describes.",
        discussion: """
            `propel HOST…` is short for `propel deploy HOST…`. hosts.conf lists the hosts and their roles; the roles \
            are Swift \
            values in Sources/Hosts.

            Exit status: 0 all hosts converged · 1 something failed · 2 a plan found changes · 3 a host is \
            unreachable · \
            4 another run has the lock · 5 a deployment failed its health check and was rolled back, or a change that \
            nobody confirmed was put back · 64 the command line or the configuration is wrong · 130 interrupted

            Examples:
              propel plan web1.example.com
              propel web1.example.com
              propel demo.sandbox --yes

            Completion in bash, zsh or fish, for example:
              propel --generate-completion-script bash > ~/.local/share/bash-completion/completions/propel
            Manual page:
              propel manual > ~/.local/share/man/man1/propel.1
            """,
        version: Version.number,
        groupedSubcommands: [
            CommandGroup(name: "Deploy", subcommands: [Deploy.self, Plan.self, Rollback.self]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    HostsCommand.self, Show.self, PropertiesCommand.self, History.self, RunsCommand.self,
                    LogCommand.self, AttachCommand.self, ForgottenCommand.self, ComposeCommand.self,
                ]),
            CommandGroup(name: "Data", subcommands: [BackupCommand.self, RestoreCommand.self, CloneCommand.self]),
            CommandGroup(name: "Secrets", subcommands: [SecretCommand.self, KeyCommand.self]),
            CommandGroup(name: "Sandboxes", subcommands: [SandboxCommand.self]),
            CommandGroup(name: "Propel itself", subcommands: [InitCommand.self, EnforcerCommand.self, Manual.self]),
        ],
        defaultSubcommand: Deploy.self)
}

/// Runs the `propel` command that the arguments of the process name, and exits with its status. The main program of a
/// configuration calls it: `await PropelCLI.main(fleet: fleet)`.
/// - Parameter fleet: the roles that entries of hosts.conf may name.
public func main(fleet: Fleet) async -> Never {
    surviveClosedPipes()
    let status = await SourceScan.$current.withValue(SourceScan()) {
        await Fleet.$current.withValue(fleet) { await runCommand() }
    }
    exitAtOnce(with: status)
}

/// - Returns: the exit status.
private func runCommand() async -> Int32 {
    do {
        var command = try PropelCommand.parseAsRoot()
        if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        return ExitStatus.converged.rawValue
    } catch let exit as ExitCode {
        // Its reason was printed. The parser would make the whole help before it finds no message.
        return exit.rawValue
    } catch {
        let status = PropelCommand.exitCode(for: error).rawValue
        var message = PropelCommand.fullMessage(for: error)
        if message == Version.number { message = "propel \(await Version.description())" }
        if !message.isEmpty { (status == 0 ? Terminal.output : Terminal.error).print(message) }
        return status
    }
}

extension Fleet {
    /// The roles that ``main(fleet:)`` was called with.
    @TaskLocal static var current = Fleet()
}

/// Lets a run go on and be recorded when the reader of its report is gone, as in `propel HOST | head -1`: writing fails
/// instead of ending the process.
///
/// A handler rather than SIG_IGN: that would be inherited by every program that is started (signal(7)).
func surviveClosedPipes() {
    signal(SIGPIPE) { _ in }
}

/// Exits without the exit handlers of libraries: the thread of an abandoned connection may still use what the handler
/// of OpenSSL frees.
private func exitAtOnce(with status: Int32) -> Never {
    QueuedReporter.flush()
    _exit(status)
}
