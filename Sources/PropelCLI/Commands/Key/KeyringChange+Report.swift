import Propel
import SecretStore

extension Keyring.Change {
    /// Prints which secrets were re-encrypted and which need new values.
    func report() {
        if !reencrypted.isEmpty {
            let secrets = reencrypted.count == 1 ? "1 secret" : "\(reencrypted.count) secrets"
            Terminal.output.print("re-encrypted \(secrets)")
        }
        guard !toRotate.isEmpty else { return }
        Terminal.output.print(
            """
            A key that is not in the keyring could read these, and git keeps the old files. Give them new values where \
            they are used, and here:
            """)
        for secret in toRotate {
            Terminal.output.print("  propel secret set \(secret.name)\(secret.context.option)".printable)
        }
    }
}
