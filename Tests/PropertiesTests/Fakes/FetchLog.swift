import Synchronization

/// The fetches of contents, each with the hashes that were asked for.
final class FetchLog: Sendable {
    private let state = Mutex<[[String]]>([])
    var fetches: [[String]] { state.withLock(\.self) }
    func add(_ hashes: [String]) { state.withLock { $0.append(hashes) } }
}
