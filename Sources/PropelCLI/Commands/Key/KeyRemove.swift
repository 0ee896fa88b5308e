import ArgumentParser
import Propel
import SecretStore

struct KeyRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove keys, and re-encrypt all secrets without them. Done entirely or not at all.",
        discussion: """
            The owner may have kept the secrets, and git keeps the old files. Give the secrets that are listed new \
            values.

            Example:
              propel key remove ben@example.com
            """)

    @Argument(help: "Fingerprints, key IDs or mail addresses of keys in the keyring.")
    var keys: [String]
    @Flag(help: "Remove them even if none of the remaining keys is yours.")
    var lockMeOut = false
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let keyring = try await Checkout.open().secretStore.keyring
            let change = try keyring.remove(keys, passphrase: try passphrase.source(), lockingOut: lockMeOut)
            format.format.print(KeyChangeReport(change: change, kind: .removed))
        }
    }
}
