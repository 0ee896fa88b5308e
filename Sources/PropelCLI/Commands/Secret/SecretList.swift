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
            let rows = try store.secrets().map { secret in
                SecretListReport.Row(
                    secret: secret, hosts: use.hosts(using: secret), readers: try store.recipients(of: secret),
                    changed: changes.change(of: secret))
            }
            format.format.print(SecretListReport(rows: rows))
        }
    }
}
