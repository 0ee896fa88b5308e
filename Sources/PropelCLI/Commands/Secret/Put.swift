import ArgumentParser
import Foundation
import Propel
import SecretStore

extension SecretCommand {
    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Write a secret, in the place of what was there.",
            discussion: """
                The plaintext comes from a file, from standard input, or from the keyboard, where it is asked for twice and not shown. \
                From a file or a pipe each byte counts, an end of line too: `printf %s VALUE` writes none, `echo VALUE` does. The line \
                end that is typed at the keyboard does not belong to it.
                """)

        @OptionGroup var secret: SecretOptions

        @Option(help: "The file with the plaintext, instead of standard input.")
        var file: String?

        func run() async throws {
            try await reportingProblems {
                let session = try await Session.open(), checkout = session.checkout
                let context = try checkout.contextNames.context(secret.context)
                let store = checkout.secretStore
                try store.requireWritable()
                let bytes = try await plaintext(for: context, session)
                guard bytes.count > 0 else {
                    throw UsageError(
                        description:
                            "the secret would be empty; nothing was written\n`propel secret remove \(secret.name)\(context.option)` removes it."
                    )
                }
                try store.encrypt(bytes, as: secret.name, for: context).tellWritten(by: store)
            }
        }

        private func plaintext(for context: SecretContext, _ session: Session) async throws -> SecretBytes {
            if let file {
                let descriptor = open(file, O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else {
                    throw UsageError(description: "cannot read \(file): \(String(cString: strerror(errno)))")
                }
                defer { close(descriptor) }
                return try SecretBytes(readingFrom: descriptor, called: file)
            }
            guard isatty(STDIN_FILENO) == 1 else {
                let bytes = try SecretBytes(readingFrom: STDIN_FILENO, called: "standard input")
                if bytes.withUnsafeBytes({ $0.last == 0x0A }) {
                    Terminal.error.print("its last byte is an end of line, as it came")
                }
                return bytes
            }
            session.interruption.listen { _ in }
            let first = try await session.prompter.secret("\(secret.name) for \(context):")
            let second = try await session.prompter.secret("Once more:")
            guard first.equals(second) else {
                throw UsageError(description: "the two are not the same; nothing was written\nTry again.")
            }
            return first
        }
    }
}

extension SecretStore {
    /// Finds out what would be in the way before a person is asked for anything.
    func requireWritable() throws {
        let keys = try keyring.keys()
        guard !keys.isEmpty else { throw SecretStoreError.emptyKeyring(folder: "secrets/keyring") }
        for key in keys { if let problem = key.problem { throw SecretStoreError.unusableKey(key, problem) } }
        _ = try secrets()
    }
}

extension SecretBytes {
    /// All that comes from a file, a pipe or a device, up to its end.
    convenience init(readingFrom descriptor: Int32, called name: String) throws {
        do {
            try self.init(readingFrom: FileDescriptor(rawValue: descriptor), limit: Secret.sizeLimit)
        } catch {
            if error == .fileTooLarge { throw SecretStoreError.tooLarge(name) }
            throw UsageError(description: "cannot read \(name): \(error)")
        }
    }

    func equals(_ other: SecretBytes) -> Bool {
        withUnsafeBytes { left in other.withUnsafeBytes { right in left.elementsEqual(right) } }
    }
}
