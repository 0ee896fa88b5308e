import SSHTransport
import Foundation
import Propel
import SecretStore
import Synchronization

/// Sends an enforcer what it may be told while it runs: the secrets that it asks for, and that it shall stop.
///
/// One message after the other: a secret's line and its bytes belong together.
final class Instructions: Sendable {
    private let run: RemoteRun
    private let secrets: HostSecrets
    private let decryption: SecretDecryption
    private let last = Mutex(Task<Void, Never> {})
    private let failure = Mutex<Failure?>(nil)

    init(to run: RemoteRun, secrets: HostSecrets, decryption: SecretDecryption) {
        self.run = run
        self.secrets = secrets
        self.decryption = decryption
    }

    /// Why the secrets that were asked for could not be sent.
    var deliveryFailure: Failure? { failure.withLock(\.self) }

    func interrupt() { enqueue { [run] in try? await run.send(Instruction.interrupt.json.description) } }

    /// Decrypts the secrets with these names and sends them. Where that fails the run is told to stop: nothing has been changed yet.
    func send(secrets names: [String]) {
        Task {
            do {
                var plaintexts: [(String, SecretBytes)] = []
                for name in names {
                    guard let secret = secrets.stored[name] else {
                        throw Failure("the machine asks for the secret \(name), which it was not promised")
                    }
                    plaintexts.append((name, try await decryption.plaintext(of: secret)))
                }
                let messages = plaintexts
                enqueue { [self] in for (name, plaintext) in messages { await send(plaintext, as: name) } }
            } catch {
                failure.withLock { $0 = Failure(describingSecret: error) }
                interrupt()
            }
        }
    }

    /// Where the link is gone, whoever reads from it says so.
    private func send(_ plaintext: SecretBytes, as name: String) async {
        var message = Array((Instruction.secret(name: name, size: plaintext.count).json.description + "\n").utf8)
        message.reserveCapacity(message.count + plaintext.count)
        plaintext.withUnsafeBytes { message += $0 }
        defer { message.wipe() }
        try? await run.send(bytes: message)
    }

    private func enqueue(_ send: @escaping @Sendable () async -> Void) {
        last.withLock { last in
            last = Task { [before = last] in
                await before.value
                await send()
            }
        }
    }
}

extension Failure {
    /// What `propel` says where a secret cannot be decrypted.
    fileprivate init(describingSecret error: any Error) {
        self =
            switch error {
            case let error as SecretStoreError: Failure(error.message, advice: error.advice)
            case let error as Failure: error
            default: Failure("\(error)")
            }
    }
}
