import Synchronization

/// The things that a connection needs to know before it begins: the configuration of the ssh client, which `ssh -G`
/// resolves.
///
/// It is found out while the caller does something else. Nothing is sent to the machine. It serves one connection: a
/// later one looks at the configuration again.
public final class ConnectionPreparation: Sendable {
    private let destination: Destination
    private typealias Resolution = Task<ClientConfiguration, any Error>
    private let resolution: Mutex<Resolution?>

    /// Begins at once, in a separate task, which is cancelled if no connection takes the result.
    public init(for destination: Destination) {
        self.destination = destination
        resolution = Mutex(Task { try await ClientConfiguration.resolve(destination) })
    }

    deinit { take()?.cancel() }

    private func take() -> Resolution? {
        resolution.withLock { resolution in
            defer { resolution = nil }
            return resolution
        }
    }

    /// The configuration; nil if it was prepared for another destination, or was taken before.
    /// - Throws: what `ClientConfiguration.resolve` throws.
    func configuration(for destination: Destination) async throws -> ClientConfiguration? {
        guard destination == self.destination, let taken = take() else { return nil }
        return try await withTaskCancellationHandler {
            try await taken.value
        } onCancel: {
            taken.cancel()
        }
    }
}
