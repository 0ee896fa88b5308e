import Foundation
import Propel
import Synchronization

/// Encrypts messages to another set of keys.
///
/// gpg takes a process of some 20 ms to decrypt a message and another one to encrypt it, so several work at a time. The
/// first message goes alone: for it gpg-agent asks for the passphrase, and gpg creates the files of its home.
struct Reencryption {
    private let encryption: Encryption
    /// Contexts of the GnuPG home with the user's keys.
    private let contexts: GnuPGContexts
    private let passphrase: PassphraseSource

    /// - Parameter home: the GnuPG home with the user's keys; nil: GnuPG's default.
    init(encryption: Encryption, home: FilePath?, passphrase: PassphraseSource) {
        self.encryption = encryption
        self.passphrase = passphrase
        contexts = GnuPGContexts { () throws(SecretStoreError) in try GnuPGContext(home: home) }
    }

    struct Item: Sendable {
        var secret: StoredSecret
        var message: [UInt8]
        /// Its present recipients, for errors.
        var recipients: [Recipient]
    }

    /// The new messages, in the order of the items.
    /// - Throws: the first error. Then the rest is not encrypted.
    func messages(for items: [Item]) throws(SecretStoreError) -> [[UInt8]] {
        guard let first = items.first else { return [] }
        var messages = [try message(for: first)]
        let results = Results(count: items.count - 1)
        // Each call uses contexts of gpgme alone, and only reads what else it shares with the others.
        nonisolated(unsafe) let work = self
        DispatchQueue.concurrentPerform(iterations: items.count - 1) { index in
            guard !results.hasFailed else { return }
            results.record(
                Result { () throws(SecretStoreError) in try work.message(for: items[index + 1]) }, at: index)
        }
        messages += try results.get()
        return messages
    }

    private func message(for item: Item) throws(SecretStoreError) -> [UInt8] {
        let plaintext = try contexts.withContext { (context) throws(SecretStoreError) -> SecretBytes in
            try context.decrypt(item.message, of: item.secret, passphrase: passphrase) { item.recipients }
        }
        return try encryption.encrypt(plaintext)
    }

    /// The messages that several threads make.
    private final class Results: Sendable {
        private struct State {
            var messages: [[UInt8]]
            /// The error of the first item that has one.
            var failure: (index: Int, error: SecretStoreError)?
        }

        private let state: Mutex<State>

        init(count: Int) { state = Mutex(State(messages: Array(repeating: [], count: count))) }

        func record(_ result: Result<[UInt8], SecretStoreError>, at index: Int) {
            state.withLock { state in
                switch result {
                case .success(let message): state.messages[index] = message
                case .failure(let error):
                    if state.failure.map({ index < $0.index }) ?? true { state.failure = (index, error) }
                }
            }
        }

        var hasFailed: Bool { state.withLock { $0.failure != nil } }

        func get() throws(SecretStoreError) -> [[UInt8]] {
            let state = state.withLock { $0 }
            if let failure = state.failure { throw failure.error }
            return state.messages
        }
    }
}
