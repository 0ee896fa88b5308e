import Synchronization

/// A log of what was done, in order.
public final class Recorder: Sendable {
    private let state = Mutex<[String]>([])

    public init() {}

    public func add(_ word: String) { state.withLock { $0.append(word) } }
    public var words: [String] { state.withLock { $0 } }
}
