import ArgumentParser
import Foundation
import Propel
import SecretStore

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "The backups of a host's data: list them, make one, prove that the newest can be restored.",
        discussion:
            "A deployment makes one by itself before it changes containers that have data. `propel restore` gives one back.",
        subcommands: [List.self, Now.self, Test.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the backups that a host has.")

        @OptionGroup var stack: StackOptions
        @Flag(name: .long, help: "One JSON object a line on standard output, for programs.")
        var json = false

        func run() async throws {
            try await reportingProblems {
                let run = try await stack.run(Session.open())
                let backups = try await run.ask(stack.operation("list backups")).flatMap { $0.array ?? [] }
                if json {
                    for backup in backups { Terminal.output.print(backup.description) }
                } else if backups.isEmpty {
                    Terminal.error.print("\(run.target.name) has no backup")
                } else {
                    Table([["ID", "STACK", "OF", "SIZE", "TESTED", "WHY"]] + backups.map(Self.row)).print()
                }
            }
        }

        private static func row(_ backup: JSON) -> [String] {
            func text(_ key: String) -> String { backup[key]?.string ?? "-" }
            let size = backup["bytes"]?.integer.map {
                ByteCountFormatStyle(style: .binary, locale: Locale(identifier: "en")).format(Int64($0))
            }
            let volumes = backup["volumes"]?.array?.compactMap(\.string).joined(separator: ", ")
            let test = backup["test"].map { ($0["ok"] == true ? "" : "FAILED ") + ($0["time"]?.string ?? "-") }
            return [
                text("id"), text("stack"), volumes ?? "-", size ?? "-", test ?? "-",
                backup["damaged"]?.string.map { "DAMAGED: \($0)" } ?? text("why"),
            ]
        }
    }

    struct Now: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Back up the data of a host's stacks.")

        @OptionGroup var stack: StackOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var passphrase: PassphraseOptions

        func run() async throws {
            try await reportingProblems {
                throw try await stack.run(Session.open(output, passphrase)).perform(
                    stack.operation("back up", ["id": Timestamp.now.compact])
                )
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Prove that the newest backup can be restored: into containers that are thrown away. Nothing else is touched."
        )

        @OptionGroup var stack: StackOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var passphrase: PassphraseOptions

        func run() async throws {
            try await reportingProblems {
                throw try await stack.run(Session.open(output, passphrase)).perform(
                    stack.operation("test the newest backup", ["request": Timestamp.now.compact])
                )
            }
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Give a host's stack the data back that a backup has.",
        discussion: "What is there is backed up before. It says what is lost before it asks.")

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @Argument(help: "The backup, as `propel backup list` shows it.")
    var id: String
    @Option(name: .customLong("stack"), help: "The stack, where the host has several.")
    var stack: String?
    @Flag(
        name: .long, help: "Replace the data that are there. Without it a backup is only restored where there are none."
    )
    var replace = false
    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions

    func run() async throws {
        try await reportingProblems {
            let run = try await OperationRun.of(host, stack: stack, in: Session.open(output, passphrase))
            try await run.restore(id, isReplacing: replace, isAssured: yes, stack: stack)
        }
    }
}

/// Which stack of which host.
struct StackOptions: ParsableArguments {
    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @Option(name: .customLong("stack"), help: "Only this stack.")
    var stack: String?

    func run(_ session: Session) throws -> OperationRun {
        try OperationRun.of(host, stack: stack, in: session)
    }

    func operation(_ name: String, _ arguments: [String: String] = [:]) -> HostOperation {
        HostOperation(name, arguments: arguments.merging(stack.map { ["stack": $0] } ?? [:]) { $1 })
    }
}

extension OperationRun {
    /// - Throws: ``UsageError`` where the host has no such stack.
    static func of(_ host: String, stack: String?, in session: Session) throws -> OperationRun {
        let target = try session.checkout.deployableTargets([host])[0]
        _ = try target.stack(named: stack, mayBeAll: true)
        return OperationRun(session: session, target: target)
    }

    /// Restores a backup, once somebody has agreed to what that loses.
    func restore(_ id: String, isReplacing: Bool, isAssured: Bool, stack: String?) async throws {
        try await restore(try await restoration(of: id, isReplacing: isReplacing, isAssured: isAssured, stack: stack))
    }

    /// What restores a backup, once somebody has agreed to what that loses.
    func restoration(of id: String, isReplacing: Bool, isAssured: Bool, stack: String?) async throws -> HostOperation {
        let chosen = try target.stack(named: stack, mayBeAll: false)
        let operation = HostOperation(
            "restore",
            arguments: [
                "backup": id, "replace": isReplacing ? "yes" : "no", "request": Timestamp.now.iso8601,
                "stack": chosen?.name ?? "",
            ])
        try await plan(operation)
        if !isAssured {
            guard session.prompter.isInteractive else {
                throw UsageError(
                    description: "nobody is there to agree to it\nUse --yes to restore it without a question.")
            }
            guard try await session.prompter.confirm("Restore it?") else {
                throw UsageError(description: "not restored")
            }
        }
        return operation
    }

    func restore(_ operation: HostOperation) async throws {
        let status = try await perform(operation)
        guard status == .converged else { throw status }
    }
}
