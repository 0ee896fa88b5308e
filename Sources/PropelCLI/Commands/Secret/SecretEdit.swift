import ArgumentParser
import Foundation
import Propel
import SecretStore

struct SecretEdit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a secret in your editor.",
        discussion: """
            The editor is $VISUAL, else $EDITOR, else vi. The plaintext is in a file in memory with the mode 0600, \
            which is \
            wiped when the editor exits. An editor that is configured to keep backups or undo files elsewhere does \
            so here \
            too. If the secret has no newline at its end, the one that editors add is removed.
            """)

    @OptionGroup var secret: SecretOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            try Self.requireTerminal(isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1)
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
            let after = try folder.read(stored.name.description).withoutAddedNewline(before)
            guard !after.equals(before) else {
                return format.format.print(SecretChangeReport(secret: stored, kind: .unchanged))
            }
            guard after.count > 0 else { throw UsageError.emptySecret(stored.name, stored.context) }
            let written = try store.encrypt(after, as: stored.name, for: stored.context, replacing: .message(message))
            format.format.print(try store.writtenReport(on: written))
        }
    }

    /// Without a terminal, vi and others print the text that they edit: the plaintext would be in a log.
    static func requireTerminal(_ hasTerminal: Bool) throws {
        guard hasTerminal else {
            throw UsageError(
                description:
                    "no terminal for the editor\nUse `propel secret set`, which takes the value from a file or from "
                    + "standard input."
            )
        }
    }
}

extension UsageError {
    static func emptySecret(_ name: SecretName, _ context: SecretContext) -> UsageError {
        UsageError(
            description:
                "the secret would be empty; nothing was written\n`propel secret remove \(name)\(context.option)` "
                + "removes it."
        )
    }
}

extension SecretBytes {
    /// The bytes without the newline at their end, if `before` had none.
    func withoutAddedNewline(_ before: SecretBytes) throws -> SecretBytes {
        let isAdded = withUnsafeBytes { $0.last == 0x0A } && before.withUnsafeBytes { $0.last != 0x0A }
        guard isAdded else { return self }
        return try withUnsafeBytes { try SecretBytes(copying: $0.dropLast()) }
    }
}
