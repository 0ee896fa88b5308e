import ArgumentParser
import SecretStore

extension SecretCommand {
    struct Unused: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the secrets that no host gets, as commands that remove them.")

        func run() async throws {
            try await reportingProblems {
                let checkout = try await Checkout.open()
                let use = try SecretUse(in: checkout)
                for secret in try checkout.secretStore.secrets() where use.hosts(using: secret).isEmpty {
                    Terminal.output.print("propel secret remove \(secret.name)\(secret.context.option)".printable)
                }
            }
        }
    }
}
