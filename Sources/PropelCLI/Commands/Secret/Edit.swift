import ArgumentParser
import Foundation
import Propel
import SecretStore
import Subprocess

extension SecretCommand {
    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a secret in your editor.",
            discussion: """
                The editor is $VISUAL, else $EDITOR, else vi. The plaintext is in a file that is in memory only, mode 0600, and is wiped \
                when the editor ends. An editor that is set up to keep backups or undo files elsewhere does so here too. The line end \
                that editors add to a last line without one is taken away again.
                """)

        @OptionGroup var secret: SecretOptions
        @OptionGroup var passphrase: PassphraseOptions

        func run() async throws {
            try await reportingProblems {
                let checkout = try await Checkout.open()
                let stored = try secret.stored(in: checkout)
                let store = checkout.secretStore
                try store.requireWritable()
                let folder = try MemoryFolder()
                defer { folder.wipe() }
                let message = try store.message(of: stored)
                let before = try store.decrypt(stored, passphrase: try passphrase.source())
                try folder.write(before, to: stored.name.description)
                try await folder.edit(stored.name.description)
                let after = try folder.read(stored.name.description).withoutAddedLineEnd(before)
                guard !after.equals(before) else { return Terminal.error.print("\(stored.path) is as it was") }
                guard after.count > 0 else {
                    throw UsageError(
                        description:
                            "the secret would be empty; nothing was written\n`propel secret remove \(stored.name)\(stored.context.option)` removes it."
                    )
                }
                try store.encrypt(after, as: stored.name, for: stored.context, replacing: .message(message))
                    .tellWritten(by: store)
            }
        }
    }
}

extension SecretBytes {
    /// Without the end of the last line where `before` had none.
    func withoutAddedLineEnd(_ before: SecretBytes) throws -> SecretBytes {
        let isAdded = withUnsafeBytes { $0.last == 0x0A } && before.withUnsafeBytes { $0.last != 0x0A }
        guard isAdded else { return self }
        return try withUnsafeBytes { try SecretBytes(copying: $0.dropLast()) }
    }
}
