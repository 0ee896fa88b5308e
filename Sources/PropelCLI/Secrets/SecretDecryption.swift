import Foundation
import Propel
import SecretStore
import Synchronization

/// The decryption of secrets: each once, however many hosts need it, and one after the other, since gpg-agent may ask
/// for a passphrase or a touch.
final class SecretDecryption: Sendable {
    private let store: SecretStore
    private let passphrase: PassphraseSource
    private let prompter: TerminalPrompter
    private let started = Mutex<[StoredSecret: Task<SecretBytes, any Error>]>([:])
    /// GnuPG blocks: in a task it would block all others on a computer with one core.
    private let queue = DispatchQueue(label: "decryption")

    init(store: SecretStore, passphrase: PassphraseSource, prompter: TerminalPrompter) {
        self.store = store
        self.passphrase = passphrase
        self.prompter = prompter
    }

    /// Begins to decrypt secrets that will certainly be needed.
    func begin(_ secrets: [StoredSecret]) {
        for secret in secrets { _ = task(for: secret) }
    }

    /// The plaintext; decrypts it if that has not begun.
    func plaintext(of secret: StoredSecret) async throws -> SecretBytes { try await task(for: secret).value }

    private func task(for secret: StoredSecret) -> Task<SecretBytes, any Error> {
        started.withLock { started in
            if let task = started[secret] { return task }
            let task = Task { try await decrypt(secret) }
            started[secret] = task
            return task
        }
    }

    private func decrypt(_ secret: StoredSecret) async throws -> SecretBytes {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                // pinentry may draw on the same terminal.
                continuation.resume(
                    with: Result { try prompter.leavingTheScreen { try store.decrypt(secret, passphrase: passphrase) } }
                )
            }
        }
    }
}
