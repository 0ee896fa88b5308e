import ArgumentParser
import SecretStore

struct SecretList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the secrets: their hosts or role, who uses and who can read them, and when they were changed.")

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let store = checkout.secretStore
            let use = try SecretUse(in: checkout)
            let changes = await SecretHistory(of: checkout)
            let secrets = try store.secrets()
            let rows = zip(secrets, try store.recipients(of: secrets)).map { secret, readers in
                SecretListReport.Row(
                    secret: secret, hosts: use.hosts(using: secret), readers: readers,
                    changed: changes.change(of: secret))
            }
            format.format.print(SecretListReport(rows: rows))
        }
    }
}
