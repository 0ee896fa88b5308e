import ArgumentParser
import SecretStore

struct SecretUnused: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unused", abstract: "List the secrets that no host uses, as commands that remove them.")

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let use = try SecretUse(in: checkout)
            let unused = try checkout.secretStore.secrets().filter { use.hosts(using: $0).isEmpty }
            format.format.print(SecretUnusedReport(secrets: unused))
        }
    }
}
