import Libc
import Synchronization

/// Asks the controller for plaintexts, and waits until they are there.
final class SecretDelivery: Sendable {
    /// Somebody may have to find a hardware key. But a run that nobody attends to must not hold its lock for ever.
    private static let patience: Duration = .minutes(15)

    private struct State {
        var awaited: Set<String> = []
        var arrived: [String: SecretBytes] = [:]
        var waiting: CheckedContinuation<[String: SecretBytes], any Error>?
        /// Why none will come any more.
        var end: (any Error)?
    }

    private let state = Mutex(State())
    private let ask: @Sendable ([String]) -> Void

    /// - Parameter ask: tells the controller which are needed.
    init(ask: @escaping @Sendable ([String]) -> Void) { self.ask = ask }

    /// The plaintexts of the secrets with these names, once all of them have come. To be called by one task at a time.
    /// - Throws: ``Failure`` where they do not come, `CancellationError` where the run is interrupted.
    func obtain(_ names: [String]) async throws -> [String: SecretBytes] {
        // From here on plaintexts are in memory, also in buffers that are not theirs: none of it may reach a swap file.
        // Only what is touched (MCL_ONFAULT), since the stacks of threads are large and hardly used.
        mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)
        let limit = Task {
            try await Task.sleep(for: Self.patience)
            end(Failure("nobody sent the secrets within \(Self.patience.inWords)", advice: "Run again."))
        }
        defer { limit.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let end = state.withLock { state -> (any Error)? in
                    guard state.end == nil else { return state.end }
                    state.awaited = Set(names)
                    state.arrived = [:]
                    state.waiting = continuation
                    return nil
                }
                if let end { continuation.resume(throwing: end) } else { ask(names) }
            }
        } onCancel: {
            end(CancellationError())
        }
    }

    /// Takes a plaintext that has come. One that nobody waits for is dropped.
    func deliver(_ bytes: SecretBytes, as name: String) {
        let complete = state.withLock {
            state -> (CheckedContinuation<[String: SecretBytes], any Error>, [String: SecretBytes])? in
            guard state.awaited.remove(name) != nil else { return nil }
            state.arrived[name] = bytes
            guard state.awaited.isEmpty, let waiting = state.waiting else { return nil }
            defer { (state.waiting, state.arrived) = (nil, [:]) }
            return (waiting, state.arrived)
        }
        complete?.0.resume(returning: complete?.1 ?? [:])
    }

    /// Nobody is there any more who could send any.
    func close() {
        end(Failure("the link was lost before the secrets came", advice: "Run again: it goes on from there."))
    }

    private func end(_ error: any Error) {
        let waiting = state.withLock { state in
            if state.end == nil { state.end = error }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(throwing: error)
    }
}
