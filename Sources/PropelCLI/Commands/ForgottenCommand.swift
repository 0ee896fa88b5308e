import ArgumentParser
import Propel

struct ForgottenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forgotten", abstract: "List what runs have put on a host and its role no longer declares.",
        discussion: """
            Deleting a declaration changes nothing on the machine. This lists the paths, packages, users and units \
            that are left, \
            each with the line that removes it. `propel HOST --remove NAME` removes one, and restores what was there \
            before.

            Examples:
              propel forgotten web1.example.com
              propel web1.example.com --remove /etc/motd
            """)

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            let session = try await Session.open(link: link)
            let run = OperationRun(session: session, target: try await session.checkout.deployableTarget(host))
            let forgotten = try await run.ask(.forgotten).flatMap { answer in
                guard let elements = answer.array else { throw Failure("unexpected answer: \(answer)") }
                return try elements.map(Forgotten.init)
            }
            format.format.print(ForgottenReport(host: run.target.name, forgotten: forgotten))
        }
    }
}

extension OperationRun {
    /// Removes what a host no longer declares, after a confirmation of what that changes.
    func removeForgotten(_ names: [String], isConfirmed: Bool) async throws -> ExitStatus {
        let operation = HostOperation.removeForgotten(names)
        try await plan(operation)
        if !isConfirmed {
            try await session.prompter.requireYes(
                to: "Remove it?", unasked: "no terminal to ask at: pass --yes to remove without a question",
                refused: "not removed")
        }
        return try await perform(operation)
    }
}
