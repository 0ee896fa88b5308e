import Synchronization

/// Calls for help when nothing was heard for too long.
final class Watchdog: Sendable {
    private let heard = Mutex(ContinuousClock.now)
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let barked = Mutex(false)

    /// Whether it has called.
    var didTimeOut: Bool { barked.withLock(\.self) }

    init(limit: Duration, bark: @escaping @Sendable () async -> Void) {
        let watching = Task { [weak self] in
            while !Task.isCancelled, let last = self?.heard.withLock({ $0 }) {
                let silent = ContinuousClock.now - last
                if silent >= limit {
                    self?.barked.withLock { $0 = true }
                    return await bark()
                }
                try? await Task.sleep(for: limit - silent)
            }
        }
        task.withLock { $0 = watching }
    }

    /// Does something that takes as long as it takes, for which nobody is to be called.
    func unwatched<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let keeping = Task { [weak self] in
            while !Task.isCancelled {
                self?.reset()
                try? await Task.sleep(for: .seconds(1))
            }
        }
        defer {
            keeping.cancel()
            reset()
        }
        return try await body()
    }

    func reset() { heard.withLock { $0 = .now } }
    func stop() { task.withLock { $0?.cancel() } }
}
