import Libc
import Synchronization
import Vocabulary

/// Requests plaintexts from the laptop, and waits until they have arrived.
final class SecretDelivery: Sendable {
    /// Long enough to find a hardware key; but an unattended run must not hold its lock for hours.
    private static let timeout: Duration = .minutes(15)

    private struct State {
        var awaited: Set<String> = []
        var arrived: [String: SecretBytes] = [:]
        var continuation: CheckedContinuation<[String: SecretBytes], any Error>?
        /// Why no more will arrive.
        var end: (any Error)?
    }

    private let state = Mutex(State())
    private let send: @Sendable ([String]) -> Void

    /// - Parameter send: sends the names of the secrets that are needed.
    init(send: @escaping @Sendable ([String]) -> Void) { self.send = send }

    /// Keeps the memory of this process, with the buffers of the system in it, out of every swap file. Pages are locked
    /// when they are touched (MCL_ONFAULT), since the stacks of threads are large and hardly used.
    static func lockMemory() { mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) }

    /// The names of the secrets that are still waited for.
    var awaited: [String] { state.withLock { $0.continuation == nil ? [] : $0.awaited.sorted() } }

    /// Requests the plaintexts of the secrets with these names, and returns them when all have arrived. Called by one
    /// task at a time.
    /// - Throws: ``Failure`` if they do not arrive, `CancellationError` if the run is interrupted.
    func request(_ names: [String]) async throws -> [String: SecretBytes] {
        // From here on plaintexts are in memory.
        Self.lockMemory()
        let timer = Task {
            try await TimeLimit.sleep(for: Self.timeout)
            end(Failure("the secrets did not arrive within \(Self.timeout.inWords)", advice: "Run again."))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let end = state.withLock { state -> (any Error)? in
                    guard state.end == nil else { return state.end }
                    state.awaited = Set(names)
                    state.arrived = [:]
                    state.continuation = continuation
                    return nil
                }
                if let end { continuation.resume(throwing: end) } else { send(names) }
            }
        } onCancel: {
            end(CancellationError())
        }
    }

    /// Accepts a plaintext that has arrived. One that was not requested is dropped.
    func deliver(_ bytes: SecretBytes, as name: String) {
        let complete = state.withLock {
            state -> (CheckedContinuation<[String: SecretBytes], any Error>, [String: SecretBytes])? in
            guard state.awaited.remove(name) != nil else { return nil }
            state.arrived[name] = bytes
            guard state.awaited.isEmpty, let continuation = state.continuation else { return nil }
            defer { (state.continuation, state.arrived) = (nil, [:]) }
            return (continuation, state.arrived)
        }
        complete?.0.resume(returning: complete?.1 ?? [:])
    }

    /// Ends all waiting, since the connection has ended.
    func close() {
        end(
            Failure("the connection was lost before the secrets arrived", advice: "Run again: it continues from there.")
        )
    }

    private func end(_ error: any Error) {
        let waiting = state.withLock { state in
            if state.end == nil { state.end = error }
            defer { state.continuation = nil }
            return state.continuation
        }
        waiting?.resume(throwing: error)
    }
}
