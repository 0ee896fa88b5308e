import ArgumentParser
import SecretStore

struct KeyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys to which the secrets are encrypted.")

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let keyring = try await Checkout.open().secretStore.keyring
            format.format.print(
                KeyListReport(keys: try keyring.keys(), own: Set(try keyring.ownKeys().map(\.fingerprint))))
        }
    }
}
