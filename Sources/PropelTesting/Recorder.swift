import Synchronization

/// A log of what was done, in order.
public final class Recorder: Sendable {
    private let state = Mutex<[String]>([])

    public init() {}

    public func add(_ word: String) { state.withLock { $0.append(word) } }
    public var words: [String] { state.withLock { $0 } }

    /// Waits until at least `count` things were done; one by default.
    /// - Throws: `CancellationError`.
    public func wait(for count: Int = 1) async throws {
        while words.count < count { try await Task.sleep(for: .milliseconds(1)) }
    }
}
