import ArgumentParser
import SecretStore

struct SecretRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a secret. git keeps its former versions.")

    @OptionGroup var secret: SecretOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let stored = try secret.stored(in: checkout)
            let users = try SecretUse(in: checkout).hosts(using: stored)
            try checkout.secretStore.remove(stored)
            format.format.print(SecretChangeReport(secret: stored, kind: .removed(users: users)))
        }
    }
}
