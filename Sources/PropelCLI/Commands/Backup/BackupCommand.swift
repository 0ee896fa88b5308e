import ArgumentParser
import Foundation
import Propel
import Properties
import SecretStore

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "List, take and test backups of a host's data.",
        discussion: """
            A deployment takes one by itself before it changes containers that have data. `propel restore` restores one.

            Examples:
              propel backup list shop.example.com
              propel backup now shop.example.com
              propel backup test shop.example.com --stack shop
            """,
        subcommands: [List.self, Now.self, Test.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the backups of a host.")

        @OptionGroup var stack: StackOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            try await reportingProblems {
                let run = try await stack.run(Session.open())
                let backups = try await run.ask(.backups, ofStack: stack.stack).flatMap(\.self)
                format.format.print(BackupListReport(host: run.target.name, backups: backups))
            }
        }
    }

    struct Now: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Back up the data of a host's stacks.")

        @OptionGroup var stack: StackOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var passphrase: PassphraseOptions

        func run() async throws {
            try await reportingProblems {
                let run = try await stack.run(Session.open(output, passphrase))
                throw try await run.perform(.backUp(id: Timestamp.now.compact), onStack: stack.stack)
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Test that the newest backup can be restored.",
            discussion:
                "It is restored into volumes and containers that are thrown away; the stack itself is not touched.")

        @OptionGroup var stack: StackOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var passphrase: PassphraseOptions

        func run() async throws {
            try await reportingProblems {
                let run = try await stack.run(Session.open(output, passphrase))
                throw try await run.perform(
                    .testNewestBackup(request: Timestamp.now.compact), onStack: stack.stack
                )
            }
        }
    }
}

/// The host, and the stack of it.
struct StackOptions: ParsableArguments {
    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @Option(name: .customLong("stack"), help: "Only this stack.")
    var stack: String?

    func run(_ session: Session) throws -> OperationRun {
        try OperationRun.of(host, stack: stack, in: session)
    }
}
