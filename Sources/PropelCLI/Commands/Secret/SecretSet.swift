import ArgumentParser
import Foundation
import Propel
import SecretStore

struct SecretSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Write a secret, or replace its value.",
        discussion: """
            The plaintext comes from a file, from standard input, or from the keyboard, where it is asked for twice \
            and not \
            shown. Every byte of a file or a pipe counts, a newline at the end too: `printf %s VALUE` writes none, \
            `echo VALUE` does. The newline that ends the input at the keyboard does not count.
            """)

    @OptionGroup var secret: SecretOptions

    @Option(help: "The file with the plaintext, instead of standard input.")
    var file: String?

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let session = try await Session.open(), checkout = session.checkout
            let context = try checkout.contextNames.context(secret.context)
            let store = checkout.secretStore
            try store.requireWritable()
            let bytes = try await plaintext(for: context, session)
            guard bytes.count > 0 else { throw UsageError.emptySecret(secret.name, context) }
            let stored = try store.encrypt(bytes, as: secret.name, for: context)
            format.format.print(try store.writtenReport(on: stored))
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
                Terminal.error.print("note: the value ends with a newline, as standard input did")
            }
            return bytes
        }
        session.interruption.listen { _ in }
        let first = try await session.prompter.secret("\(secret.name) for \(context):")
        let second = try await session.prompter.secret("Once more:")
        guard first.equals(second) else {
            throw UsageError(description: "the two values differ; nothing was written\nTry again.")
        }
        return first
    }
}

extension SecretStore {
    /// Checks that secrets can be encrypted, before a person is asked for a value.
    func requireWritable() throws {
        let keys = try keyring.keys()
        guard !keys.isEmpty else { throw SecretStoreError.emptyKeyring(folder: "secrets/keyring") }
        for key in keys { if let problem = key.problem { throw SecretStoreError.unusableKey(key, problem) } }
        _ = try secrets()
    }
}

extension SecretBytes {
    /// The bytes of a file, a pipe or a device up to its end.
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
