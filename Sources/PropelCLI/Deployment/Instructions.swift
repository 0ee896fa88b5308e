import SSHTransport
import Foundation
import Propel
import SecretStore
import Synchronization

/// The instructions to a running enforcer: the secrets and the files that it needs, and the interruption.
///
/// They are sent one after the other, since the line of a secret or a piece and its bytes belong together.
final class Instructions: Sendable {
    private let run: any EnforcerStreams
    private let secrets: HostSecrets
    private let files: HostFiles
    private let decryption: SecretDecryption
    /// Reports what cannot be brought to a run that somebody else has begun; nil for a run that this process has begun,
    /// which is told then.
    private let warn: (@Sendable (String) -> Void)?
    private let isInterrupted = Mutex(false)
    private let last = Mutex(Task<Void, Never> {})
    private let failure = Mutex<Failure?>(nil)

    init(
        to run: any EnforcerStreams, secrets: HostSecrets, files: HostFiles, decryption: SecretDecryption,
        warn: (@Sendable (String) -> Void)? = nil
    ) {
        self.run = run
        self.warn = warn
        self.secrets = secrets
        self.files = files
        self.decryption = decryption
    }

    /// The reason why secrets could not be sent.
    var deliveryFailure: Failure? { failure.withLock(\.self) }

    /// Tells the run to stop.
    func interrupt() {
        isInterrupted.withLock { $0 = true }
        enqueue { [run] in try? await run.send(.interrupt) }
    }

    /// Tells that guarded changes cannot be confirmed. Those of somebody else's run may be confirmed by that person.
    func send(_ reason: Unconfirmed) {
        if let warn { return warn("its changes cannot be confirmed from here: \(reason.reason)") }
        enqueue { [run] in try? await run.send(.unconfirmed(reason)) }
    }

    /// Tells what has been decided about the hosts that are deployed together.
    func send(_ decision: WaveDecision) {
        enqueue { [run] in try? await run.send(.decide(decision)) }
    }

    /// Sends a part of a file of the repository, or the reason why it cannot be sent. After an interruption nobody
    /// needs it.
    func send(_ range: ContentRange) {
        enqueue { [self] in
            do {
                let bytes = try files.read(range)
                for start in stride(from: 0, to: bytes.count, by: Piece.limit) {
                    guard !isInterrupted.withLock(\.self) else { return }
                    let part = bytes[start..<min(start + Piece.limit, bytes.count)]
                    let piece = Piece(file: range.hash, offset: range.offset + start, size: part.count)
                    try? await run.send(.piece(piece), with: part)
                }
            } catch {
                let reason = Failure(describing: error).message
                if let warn { return warn("a file that it needs cannot be sent from here: \(reason)") }
                try? await run.send(.unavailable(hash: range.hash, reason: reason))
            }
        }
    }

    /// Decrypts the secrets with these names and sends them. If that fails, tells the run to stop before it changes
    /// anything.
    func send(secrets names: [String]) {
        Task {
            do {
                var plaintexts: [(String, SecretBytes)] = []
                for name in names {
                    guard secrets.versions[name] != Secret.ungeneratedVersion else {
                        throw Failure(
                            "the secret \(name) has not been generated yet",
                            advice: "`propel HOST` without --only generates it.")
                    }
                    guard let secret = secrets.stored[name] else {
                        throw Failure("the machine asks for the secret “\(name)”, which none of its properties uses")
                    }
                    plaintexts.append((name, try await decryption.plaintext(of: secret)))
                }
                let messages = plaintexts
                enqueue { [self] in for (name, plaintext) in messages { await send(plaintext, as: name) } }
            } catch {
                let reason = Failure(describingSecret: error)
                if let warn { return warn("a secret that it needs cannot be sent from here: \(reason.message)") }
                failure.withLock { $0 = reason }
                interrupt()
            }
        }
    }

    /// Decrypts the secrets with these names that are the same here as when the run began, and sends them.
    /// - Parameter versions: the versions of the run.
    func send(secrets names: [String], asIn versions: [String: String]) {
        let known = Self.shared(names, versions, secrets.versions)
        if let other = names.first(where: { !known.contains($0) }) {
            warn?("this repository does not have the secret \(other) in the version with which the run began")
        }
        if !known.isEmpty { send(secrets: known) }
    }

    /// The names that have the same version in both.
    static func shared(_ names: [String], _ one: [String: String], _ other: [String: String]) -> [String] {
        names.filter { one[$0] != nil && one[$0] == other[$0] }
    }

    /// Sends a secret. A lost link is reported by the reader of the events.
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
    /// The failure of a decryption.
    fileprivate init(describingSecret error: any Error) {
        self =
            switch error {
            case let error as SecretStoreError: Failure(error.message, advice: error.advice)
            case let error as Failure: error
            default: Failure("\(error)")
            }
    }
}
