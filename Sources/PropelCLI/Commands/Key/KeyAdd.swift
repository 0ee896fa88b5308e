import ArgumentParser
import Foundation
import Propel
import SecretStore

struct KeyAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add or update a key, and encrypt all secrets to it too. Done entirely or not at all.",
        discussion: """
            Examples:
              propel key add anna@example.com
              propel key add ./anna.asc
            """)

    @Argument(
        help: ArgumentHelp(
            "A fingerprint, key ID or mail address of a key in your GnuPG home, or a file with a public key.",
            valueName: "id|file"))
    var key: String
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let keyring = try await Checkout.open().secretStore.keyring
            let source = isFile(key) ? try KeySource(file: key) : try KeySource(key, gpgHome: nil)
            let change = try keyring.add(source, passphrase: try passphrase.source())
            format.format.print(
                KeyChangeReport(change: change, kind: .added, canRead: try !keyring.ownKeys().isEmpty))
        }
    }

    private func isFile(_ name: String) -> Bool { name.contains("/") || access(name, F_OK) == 0 }
}
