import ArgumentParser
import SecretStore

extension SecretCommand {
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a secret. git keeps what it was.")

        @OptionGroup var secret: SecretOptions

        func run() async throws {
            try await reportingProblems {
                let checkout = try await Checkout.open()
                let stored = try secret.stored(in: checkout)
                let users = try SecretUse(in: checkout).hosts(using: stored)
                try checkout.secretStore.remove(stored)
                Terminal.error.print("removed \(stored.path)")
                guard !users.isEmpty else { return }
                Terminal.error.print(
                    "\(users.joined(separator: ", ")) \(users.count == 1 ? "uses" : "use") a secret of this name"
                        .printable)
            }
        }
    }
}
