import ArgumentParser
import Propel
import SecretStore

struct KeyCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check that every secret is encrypted to exactly the keys of the keyring. Decrypts nothing.",
        discussion: """
            Also finds expired keys, damaged files and secrets that no host uses. Exit status 1 if something is \
            wrong; 0 if \
            there are only remarks, such as an unused secret.

            Examples:
              propel key check
              propel key check --reencrypt
            """)

    @Flag(help: "Re-encrypt the secrets that are not for exactly the keys of the keyring, as after a merge.")
    var reencrypt = false
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let keyring = checkout.secretStore.keyring
            if reencrypt {
                let change = try keyring.reencrypt(passphrase: try passphrase.source())
                format.format.print(KeyChangeReport(change: change, kind: .reencrypted))
            }
            let (use, names) = (Result { try SecretUse(in: checkout) }, try checkout.contextNames)
            let findings = try keyring.check(hosts: Set(names.hosts), roles: Set(names.roles)) { secret in
                // A damaged store is a finding too.
                guard let use = try? use.get() else { return true }
                return !use.hosts(using: secret).isEmpty
            }
            format.format.print(KeyCheckReport(findings: findings))
            if findings.contains(where: \.isProblem) { throw ExitStatus.failed }
            _ = try use.get()
        }
    }
}
