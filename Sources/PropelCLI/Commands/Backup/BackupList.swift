import ArgumentParser
import Properties

struct BackupList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the backups of a host.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            let run = try await stack.run(Session.open(link: link))
            let backups = try await run.ask(.backups, ofStack: stack.stack).flatMap(\.self)
            format.format.print(BackupListReport(host: run.target.name, backups: backups))
        }
    }
}
